/** Drops by chance in up to 16 virtual queues: gred, as tc(8) makes it. Source: include/uapi/linux/pkt_sched.h (TCA_GRED_*). */
import { attr, attributes, listOf } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, mapped, tooShort } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, n64, show, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { type EarlyDrops, earlyDropsMembers, percentOfChance, toEarlyDrops } from '../early-drops.ts';
import { redFlags } from './red.ts';

const gredQopt = struct('tc_gred_qopt', () => ({
  limit: fields.u32,
  min: fields.u32,
  max: fields.u32,
  queue: fields.u32,
  backlog: fields.u32,
  average: fields.u32,
  forced: fields.u32,
  early: fields.u32,
  other: fields.u32,
  pdrop: fields.u32,
  weightLog: fields.u8,
  probabilityLog: fields.u8,
  cellLog: fields.u8,
  priority: fields.u8,
  packets: fields.u32,
  bytes: fields.u32,
}));
type Qopt = Infer<typeof gredQopt>;

/** One where a queue is set, and one for each of the 16 in what the kernel shows. */
const qopts: Codec<Partial<Qopt>[]> = codec<Partial<Qopt>[]>('tc_gred_qopt[]', {
  decode(source, offset, length) {
    const { size } = gredQopt;
    if (length < size) throw tooShort('struct tc_gred_qopt', offset, size, length);
    return Array.from({ length: Math.trunc(length / size) }, (_, i) => gredQopt.read(source, offset + i * size));
  },
  encode(writer, list) {
    for (const one of list) {
      const at = writer.reserve(gredQopt.size);
      gredQopt.write(writer.bytes, at, one);
    }
  },
});

const sopt = struct('tc_gred_sopt', () => ({
  queues: fields.u32,
  default: fields.u32,
  grio: fields.u8,
  flags: fields.u8,
  pad: fields.u16,
}));

const entry = attributes('TCA_GRED_VQ', () => ({
  pad: attr('TCA_GRED_VQ_PAD', 1, bytes),
  queue: attr('TCA_GRED_VQ_DP', 2, u32),
  bytes: attr('TCA_GRED_VQ_STAT_BYTES', 3, n64),
  packets: attr('TCA_GRED_VQ_STAT_PACKETS', 4, u32),
  backlog: attr('TCA_GRED_VQ_STAT_BACKLOG', 5, u32),
  probDrop: attr('TCA_GRED_VQ_STAT_PROB_DROP', 6, u32),
  probMark: attr('TCA_GRED_VQ_STAT_PROB_MARK', 7, u32),
  forcedDrop: attr('TCA_GRED_VQ_STAT_FORCED_DROP', 8, u32),
  forcedMark: attr('TCA_GRED_VQ_STAT_FORCED_MARK', 9, u32),
  pdrop: attr('TCA_GRED_VQ_STAT_PDROP', 10, u32),
  other: attr('TCA_GRED_VQ_STAT_OTHER', 11, u32),
  flags: attr('TCA_GRED_VQ_FLAGS', 12, u32),
}));

const gredAttributes_ = attributes('TCA_GRED', () => ({
  parms: attr('TCA_GRED_PARMS', 1, { ...qopts, typeFlags: 0 }),
  stab: attr('TCA_GRED_STAB', 2, bytes),
  setup: attr('TCA_GRED_DPS', 3, structCodec(sopt)),
  /** A u32, and 16 in what the kernel shows. */
  maxP: attr('TCA_GRED_MAX_P', 4, bytes),
  limit: attr('TCA_GRED_LIMIT', 5, u32),
  list: attr('TCA_GRED_VQ_LIST', 6, listOf('TCA_GRED_VQ_ENTRY', 1, entry)),
}));
export interface GredAttributes extends Infer<typeof gredAttributes_> {}
export const gredAttributes: Codec<GredAttributes> = gredAttributes_;

/** A virtual queue: packets come to that of the number in the lower 4 bits of their `tc_index`. */
export interface GredQueue extends EarlyDrops {
  /** Its number, from 0. */
  queue: number;
  /** Bytes that may wait in it. */
  limit: number;
  /** Bytes on average up to which none is dropped. */
  min: number;
  /** Bytes on average from which all are. */
  max: number;
  /** With `grio`: those of a lower number are not held up by others, 1 to 16. Default with `grio`: the kernel's. */
  priority?: number;
  /** Mark packets in place of dropping them. Default: false. */
  ecn?: boolean;
  /** With `ecn`: where the average is above `max` packets are dropped all the same. Default: false. */
  harddrop?: boolean;
}

/** A virtual queue as it is, and what it counted. */
export interface GredQueueTold extends GredQueue {
  /** Bytes that wait. */
  backlog: number;
  /** Bytes that wait, on average. */
  average: number;
  /** Packets that came. */
  packets: number;
  /** Bytes that came. */
  bytes: number;
  /** Packets dropped by chance. */
  probDrop: number;
  /** Packets marked by chance. */
  probMark: number;
  /** Packets dropped above `max`. */
  forcedDrop: number;
  /** Packets marked above `max`. */
  forcedMark: number;
  /** Packets dropped since the queue was full. */
  pdrop: number;
  /** Packets dropped from without. */
  other: number;
}

/** Options of gred. The kernel makes the table of queues first, by `create`; each queue is set then, by `update` with `queue`. */
export interface GredOptions {
  /** Virtual queues, 1 to 16. */
  queues?: number;
  /** The queue of packets whose own is not set. Default: 0. */
  default?: number;
  /** Queues of a higher priority go by the sum of their average and those before them. Default: false. */
  grio?: boolean;
  /** Bytes that may wait in all queues together. Default: the link's queue length in packets of its MTU. */
  limit?: number;
  /** The queue to set. In place of the members above. */
  queue?: GredQueue;
  /** The queues that are set. Read only. */
  virtualQueues?: GredQueueTold[];
}

const members = memberNames<GredOptions>({ queues: true, default: true, grio: true, limit: true, queue: true, virtualQueues: true });
const queueMembers = memberNames<GredQueue>({
  ...earlyDropsMembers,
  ...{ queue: true, limit: true, min: true, max: true, priority: true, ecn: true, harddrop: true },
});
const flagNames = ['ecn', 'harddrop'] as const;
/** MAX_DPs. */
const most = 16;

function queueToWire(options: GredQueue): GredAttributes {
  checkMembers(options, '', queueMembers);
  const { queue, limit, min, max, priority = 0 } = options;
  inArgument('queue', () => checkInteger(queue, 0, most - 1));
  for (const [argument, value] of Object.entries({ limit, min, max })) inArgument(argument, () => checkInteger(value, 1, 0xffffffff));
  if (min >= max) throw new InputError('max', 'expected more than min', 'ERR_OUT_OF_RANGE');
  inArgument('priority', () => checkInteger(priority, 0, most));
  const drops = toEarlyDrops(options, min, max, (averagePacket) => Math.trunc((2 * min + max) / (3 * averagePacket)));
  const { weightLog, probabilityLog, cellLog, idle, chance } = drops;
  const maxP = Buffer.alloc(4);
  maxP.writeUInt32LE(chance);
  let flags = 0;
  for (const name of flagNames) {
    checkBoolean(options[name], name);
    if (options[name] === true) flags |= redFlags[name];
  }
  return {
    parms: [{ limit, min, max, queue, weightLog, probabilityLog, cellLog, priority }],
    stab: idle,
    maxP,
    ...(flags === 0 ? {} : { list: [{ queue, flags }] }),
  };
}

function toWire(options: GredOptions): GredAttributes {
  checkMembers(options, '', members);
  const { queues, default: other = 0, grio = false, limit, queue } = options;
  if (queue !== undefined) {
    for (const member of ['queues', 'default', 'grio', 'limit'] as const)
      if (options[member] !== undefined) throw new InputError(member, `goes without queue, got ${show(options[member])}`);
    return inArgument('queue', () => queueToWire(queue));
  }
  inArgument('queues', () => checkInteger(queues, 1, most));
  inArgument('default', () => checkInteger(other, 0, queues! - 1));
  checkBoolean(grio, 'grio');
  return {
    setup: { queues: queues!, default: other, grio: grio ? 1 : 0, flags: 0, pad: 0 },
    ...(limit === undefined ? {} : { limit }),
  };
}

function fromWire({ setup, limit, parms = [], maxP, list = [] }: GredAttributes): GredOptions {
  const options: GredOptions = {};
  if (setup !== undefined) Object.assign(options, { queues: setup.queues, default: setup.default, grio: setup.grio !== 0 });
  if (limit !== undefined) options.limit = limit;
  const set = list.flatMap(({ queue, flags = 0, pad: _, ...counted }): GredQueueTold[] => {
    const of = queue === undefined ? undefined : parms[queue];
    if (of === undefined) return [];
    const { forced: __, early: ___, ...rest } = of as Qopt;
    return [
      {
        ...{ probDrop: 0, probMark: 0, forcedDrop: 0, forcedMark: 0 },
        ...rest,
        ...counted,
        queue: queue!,
        ...(maxP === undefined || maxP.length < 4 * (queue! + 1) ? {} : { probability: percentOfChance(u32.decode(maxP, 4 * queue!, 4)) }),
        ...((flags & redFlags.ecn) === 0 ? {} : { ecn: true }),
        ...((flags & redFlags.harddrop) === 0 ? {} : { harddrop: true }),
      },
    ];
  });
  if (set.length > 0) options.virtualQueues = set;
  return options;
}

export const gred: Codec<GredOptions> = mapped(gredAttributes_, 'gred', fromWire, toWire);
