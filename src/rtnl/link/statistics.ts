/** Counters of a link. Source: include/uapi/linux/if_link.h (struct rtnl_link_stats64). */
import type { Codec, Infer } from '../../netlink/codec.ts';
import { fields, growingStructCodec, type Struct, struct } from '../../netlink/struct.ts';

const { n64, u32 } = fields;

const rtnlLinkStats64_ = struct('rtnl_link_stats64', () => ({
  rxPackets: n64,
  txPackets: n64,
  rxBytes: n64,
  txBytes: n64,
  rxErrors: n64,
  txErrors: n64,
  rxDropped: n64,
  txDropped: n64,
  multicast: n64,
  collisions: n64,
  rxLengthErrors: n64,
  rxOverErrors: n64,
  rxCrcErrors: n64,
  rxFrameErrors: n64,
  rxFifoErrors: n64,
  rxMissedErrors: n64,
  txAbortedErrors: n64,
  txCarrierErrors: n64,
  txFifoErrors: n64,
  txHeartbeatErrors: n64,
  txWindowErrors: n64,
  rxCompressed: n64,
  txCompressed: n64,
  rxNohandler: n64,
  rxOtherhostDropped: n64,
}));

/** Every counter of struct rtnl_link_stats64, exact to 2^53; one that an older kernel does not have is left out. */
export interface LinkStatistics extends Partial<Infer<typeof rtnlLinkStats64_>> {}
export const rtnlLinkStats64: Struct<Required<LinkStatistics>> = rtnlLinkStats64_;
export const linkStatistics: Codec<LinkStatistics> = growingStructCodec(rtnlLinkStats64_);

const rtnlLinkStats_ = struct('rtnl_link_stats', () => ({
  rxPackets: u32,
  txPackets: u32,
  rxBytes: u32,
  txBytes: u32,
  rxErrors: u32,
  txErrors: u32,
  rxDropped: u32,
  txDropped: u32,
  multicast: u32,
  collisions: u32,
  rxLengthErrors: u32,
  rxOverErrors: u32,
  rxCrcErrors: u32,
  rxFrameErrors: u32,
  rxFifoErrors: u32,
  rxMissedErrors: u32,
  txAbortedErrors: u32,
  txCarrierErrors: u32,
  txFifoErrors: u32,
  txHeartbeatErrors: u32,
  txWindowErrors: u32,
  rxCompressed: u32,
  txCompressed: u32,
  rxNohandler: u32,
}));

/** struct rtnl_link_stats: the counters of old, which wrap at 2^32. */
export interface LinkStatistics32 extends Partial<Infer<typeof rtnlLinkStats_>> {}
export const linkStatistics32: Codec<LinkStatistics32> = growingStructCodec(rtnlLinkStats_);
