/** What cake counts, by tin, and of a flow. Source: include/uapi/linux/pkt_sched.h (TCA_CAKE_STATS_*, TCA_CAKE_TIN_STATS_*). */
import { attr, attributes, walk } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, NLA_F_NESTED } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { bool32, n64, s32, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { percentOf, told } from './told.ts';

const tin_ = attributes('TCA_CAKE_TIN_STATS', () => ({
  pad: attr('TCA_CAKE_TIN_STATS_PAD', 1, bytes),
  /** Packets sent. */
  sentPackets: attr('TCA_CAKE_TIN_STATS_SENT_PACKETS', 2, u32),
  /** Bytes sent. */
  sentBytes: attr('TCA_CAKE_TIN_STATS_SENT_BYTES64', 3, n64),
  /** Packets dropped. */
  droppedPackets: attr('TCA_CAKE_TIN_STATS_DROPPED_PACKETS', 4, u32),
  /** Bytes dropped. */
  droppedBytes: attr('TCA_CAKE_TIN_STATS_DROPPED_BYTES64', 5, n64),
  /** Acknowledgements dropped by `ackFilter`. */
  acksDroppedPackets: attr('TCA_CAKE_TIN_STATS_ACKS_DROPPED_PACKETS', 6, u32),
  /** Bytes of them. */
  acksDroppedBytes: attr('TCA_CAKE_TIN_STATS_ACKS_DROPPED_BYTES64', 7, n64),
  /** Packets marked in place of being dropped. */
  ecnMarkedPackets: attr('TCA_CAKE_TIN_STATS_ECN_MARKED_PACKETS', 8, u32),
  /** Bytes of them. */
  ecnMarkedBytes: attr('TCA_CAKE_TIN_STATS_ECN_MARKED_BYTES64', 9, n64),
  /** Packets that wait. */
  backlogPackets: attr('TCA_CAKE_TIN_STATS_BACKLOG_PACKETS', 10, u32),
  /** Bytes that wait. */
  backlogBytes: attr('TCA_CAKE_TIN_STATS_BACKLOG_BYTES', 11, u32),
  /** Bytes a second up to which it goes before others. */
  thresholdRate: attr('TCA_CAKE_TIN_STATS_THRESHOLD_RATE64', 12, n64),
  /** Microseconds that packets may wait for long. */
  target: attr('TCA_CAKE_TIN_STATS_TARGET_US', 13, u32),
  /** Microseconds over which the shortest wait is looked for. */
  interval: attr('TCA_CAKE_TIN_STATS_INTERVAL_US', 14, u32),
  /** Packets whose flow was not in its first place of the table. */
  wayIndirectHits: attr('TCA_CAKE_TIN_STATS_WAY_INDIRECT_HITS', 15, u32),
  /** Packets whose flow was not in the table. */
  wayMisses: attr('TCA_CAKE_TIN_STATS_WAY_MISSES', 16, u32),
  /** Packets that share the place of another flow. */
  wayCollisions: attr('TCA_CAKE_TIN_STATS_WAY_COLLISIONS', 17, u32),
  /** Microseconds that packets wait, the highest of late. */
  peakDelay: attr('TCA_CAKE_TIN_STATS_PEAK_DELAY_US', 18, u32),
  /** Microseconds that packets wait, on average. */
  avgDelay: attr('TCA_CAKE_TIN_STATS_AVG_DELAY_US', 19, u32),
  /** Microseconds that packets of sparse flows wait. */
  baseDelay: attr('TCA_CAKE_TIN_STATS_BASE_DELAY_US', 20, u32),
  /** Flows that send little. */
  sparseFlows: attr('TCA_CAKE_TIN_STATS_SPARSE_FLOWS', 21, u32),
  /** Flows that send much. */
  bulkFlows: attr('TCA_CAKE_TIN_STATS_BULK_FLOWS', 22, u32),
  /** Flows that do not heed drops. */
  unresponsiveFlows: attr('TCA_CAKE_TIN_STATS_UNRESPONSIVE_FLOWS', 23, u32),
  /** Bytes of the largest packet. */
  maxSkblen: attr('TCA_CAKE_TIN_STATS_MAX_SKBLEN', 24, u32),
  /** Bytes that a flow sends in a turn. */
  flowQuantum: attr('TCA_CAKE_TIN_STATS_FLOW_QUANTUM', 25, u32),
}));

/** Counters of a tin of cake: the packets that `diffserv` puts together. */
export interface CakeTinXstats extends Infer<typeof tin_> {}
export const cakeTinXstats: Codec<CakeTinXstats> = tin_;

/** A nest whose children are numbered from 1. */
const tins: Codec<CakeTinXstats[]> = codec<CakeTinXstats[]>('TCA_CAKE_TIN_STATS[]', {
  typeFlags: NLA_F_NESTED,
  decode: (source, offset, length) => [...walk(source, offset, length)].map((found) => tin_.decode(source, found.offset, found.length)),
  encode() {
    throw new InputError('', 'is only told');
  },
});

const cake_ = attributes('TCA_CAKE_STATS', () => ({
  pad: attr('TCA_CAKE_STATS_PAD', 1, bytes),
  /** Bytes a second that it takes the link for: `rate`, or what `autorate` found. */
  capacityEstimate: attr('TCA_CAKE_STATS_CAPACITY_ESTIMATE64', 2, n64),
  /** Bytes of memory that packets may take. */
  memoryLimit: attr('TCA_CAKE_STATS_MEMORY_LIMIT', 3, u32),
  /** Most bytes of memory that they took. */
  memoryUsed: attr('TCA_CAKE_STATS_MEMORY_USED', 4, u32),
  /** Bytes of packets before their network header, on average. */
  avgNetoff: attr('TCA_CAKE_STATS_AVG_NETOFF', 5, u32),
  /** Bytes of the smallest packet, from its network header. */
  minNetlen: attr('TCA_CAKE_STATS_MIN_NETLEN', 6, u32),
  /** Bytes of the largest. */
  maxNetlen: attr('TCA_CAKE_STATS_MAX_NETLEN', 7, u32),
  /** Bytes that the smallest packet counts for, with `overhead`, `mpu` and `cells`. */
  minAdjlen: attr('TCA_CAKE_STATS_MIN_ADJLEN', 8, u32),
  /** Bytes that the largest counts for. */
  maxAdjlen: attr('TCA_CAKE_STATS_MAX_ADJLEN', 9, u32),
  /** The tins, from the first to be sent. */
  tins: attr('TCA_CAKE_STATS_TIN_STATS', 10, tins),
  /** Of a flow: bytes that are left of its turn. */
  deficit: attr('TCA_CAKE_STATS_DEFICIT', 11, s32),
  /** Of a flow: packets dropped or marked since it began to. */
  cobaltCount: attr('TCA_CAKE_STATS_COBALT_COUNT', 12, u32),
  /** Of a flow: whether it drops. */
  dropping: attr('TCA_CAKE_STATS_DROPPING', 13, bool32),
  /** Of a flow: microseconds until it drops the next. */
  dropNext: attr('TCA_CAKE_STATS_DROP_NEXT_US', 14, s32),
  /** Of a flow: its chance of a drop, percent. */
  pDrop: attr(
    'TCA_CAKE_STATS_P_DROP',
    15,
    told(u32, (chance) => percentOf(chance, 2 ** 32)),
  ),
  /** Of a flow: microseconds since that chance last changed. */
  blueTimer: attr('TCA_CAKE_STATS_BLUE_TIMER_US', 16, s32),
}));

/** Counters of cake, and of a flow of it, which is told as a class. */
export interface CakeXstats extends Infer<typeof cake_> {}
export const cakeXstats: Codec<CakeXstats> = cake_;
