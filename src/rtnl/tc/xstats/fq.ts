/** What fq counts. Source: include/uapi/linux/pkt_sched.h (struct tc_fq_qd_stats). */
import type { Codec } from '../../../netlink/codec.ts';
import { fields, growingStructCodec, struct } from '../../../netlink/struct.ts';
import { told } from './told.ts';

const { n64: counter, u32: word } = fields;

const fq_ = struct('tc_fq_qd_stats', () => ({
  gcFlows: counter,
  highprioPackets: counter,
  tcpRetrans: counter,
  throttled: counter,
  flowsPlimit: counter,
  pktsTooLong: counter,
  allocationErrors: counter,
  /** Signed. */
  timeNextDelayedFlow: fields.blob(8),
  flows: word,
  inactiveFlows: word,
  throttledFlows: word,
  unthrottleLatency: word,
  ceMark: counter,
  horizonDrops: counter,
  horizonCaps: counter,
  fastpathPackets: counter,
  bandDrops0: counter,
  bandDrops1: counter,
  bandDrops2: counter,
  bandPktCount0: word,
  bandPktCount1: word,
  bandPktCount2: word,
  pad: word,
}));

/** Counters of fq. What a kernel does not tell yet is left out. */
export interface FqXstats {
  /** Flows that were forgotten. */
  gcFlows: number;
  /** Packets of priority; 0 since Linux 6.7. */
  highprioPackets: number;
  /** Packets that TCP sent again; 0 since Linux 5.0. */
  tcpRetrans: number;
  /** How often a flow was held up for its rate. */
  throttled: number;
  /** Packets dropped since too many of their flow waited. */
  flowsPlimit: number;
  /** Packets so long that they took a second or more at their rate. */
  pktsTooLong: number;
  /** Flows for which there was no memory. */
  allocationErrors: number;
  /** Nanoseconds until the next flow that is held up goes on; 0: none is. */
  timeNextDelayedFlow: number;
  /** Flows that it knows. */
  flows: number;
  /** Flows without packets. */
  inactiveFlows: number;
  /** Flows that are held up. */
  throttledFlows: number;
  /** Nanoseconds by which flows go on too late, on average. */
  unthrottleLatency: number;
  /** Packets marked as they had waited beyond `ceThreshold`. Linux 5.0. */
  ceMark?: number;
  /** Packets dropped since they were due beyond `horizon`. Linux 5.8. */
  horizonDrops?: number;
  /** Packets that were due beyond it and are sent then. Linux 5.8. */
  horizonCaps?: number;
  /** Packets that found nothing before them. Linux 6.7. */
  fastpathPackets?: number;
  /** Packets dropped, of each of the three bands. Linux 6.7. */
  bandDrops?: number[];
  /** Packets that wait, of each of the three bands. Linux 6.7. */
  bandPktCount?: number[];
}

export const fqXstats: Codec<FqXstats> = told(growingStructCodec(fq_), (wire) => {
  const {
    timeNextDelayedFlow = new Uint8Array(8),
    bandDrops0,
    bandDrops1,
    bandDrops2,
    bandPktCount0,
    bandPktCount1,
    bandPktCount2,
    pad: _,
    ...rest
  } = wire;
  const counters = { ...rest } as FqXstats;
  counters.timeNextDelayedFlow = Number(Buffer.from(timeNextDelayedFlow).readBigInt64LE());
  const [drops, waiting] = [
    [bandDrops0, bandDrops1, bandDrops2],
    [bandPktCount0, bandPktCount1, bandPktCount2],
  ];
  if (drops!.every((value) => value !== undefined)) counters.bandDrops = drops as number[];
  if (waiting!.every((value) => value !== undefined)) counters.bandPktCount = waiting as number[];
  return counters;
});
