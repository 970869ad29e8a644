/** What is known about the path of a route. Source: include/uapi/linux/rtnetlink.h (RTAX_*); ip-route(8). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import { bool32, u32 } from '../../netlink/scalar.ts';
import { string } from '../../netlink/text.ts';

/** Bit n of RTAX_LOCK locks metric n. */
const lock = flags(u32, {
  mtu: 1 << 2,
  window: 1 << 3,
  rtt: 1 << 4,
  rttvar: 1 << 5,
  ssthresh: 1 << 6,
  cwnd: 1 << 7,
  advmss: 1 << 8,
  reordering: 1 << 9,
  hoplimit: 1 << 10,
  initcwnd: 1 << 11,
  features: 1 << 12,
  rtoMin: 1 << 13,
  initrwnd: 1 << 14,
  quickack: 1 << 15,
  congestionControl: 1 << 16,
  fastopenNoCookie: 1 << 17,
});

const features = flags(u32, { ecn: 1 << 0, sack: 1 << 1, timestamp: 1 << 2, allfrag: 1 << 3, tcp_usec_ts: 1 << 4 });

const routeMetrics_ = attributes('RTAX', () => ({
  /** Metrics that the kernel must not change by itself. */
  lock: attr('RTAX_LOCK', 1, lock),
  /** Largest packet, in bytes. */
  mtu: attr('RTAX_MTU', 2, u32),
  /** Largest window to advertise, in bytes. */
  window: attr('RTAX_WINDOW', 3, u32),
  /** Round-trip time in eighths of a millisecond. */
  rtt: attr('RTAX_RTT', 4, u32),
  /** Variance of the round-trip time in quarters of a millisecond. */
  rttvar: attr('RTAX_RTTVAR', 5, u32),
  /** Slow start threshold in segments. */
  ssthresh: attr('RTAX_SSTHRESH', 6, u32),
  /** Clamp for the congestion window, in segments. */
  cwnd: attr('RTAX_CWND', 7, u32),
  /** Largest segment to advertise, in bytes. */
  advmss: attr('RTAX_ADVMSS', 8, u32),
  reordering: attr('RTAX_REORDERING', 9, u32),
  hoplimit: attr('RTAX_HOPLIMIT', 10, u32),
  /** Congestion window to start with, in segments. */
  initcwnd: attr('RTAX_INITCWND', 11, u32),
  features: attr('RTAX_FEATURES', 12, features),
  /** Milliseconds. */
  rtoMin: attr('RTAX_RTO_MIN', 13, u32),
  /** Receive window to start with, in segments. */
  initrwnd: attr('RTAX_INITRWND', 14, u32),
  quickack: attr('RTAX_QUICKACK', 15, bool32),
  /** Name of a congestion control algorithm. */
  congestionControl: attr('RTAX_CC_ALGO', 16, string(15)),
  fastopenNoCookie: attr('RTAX_FASTOPEN_NO_COOKIE', 17, bool32),
}));

/** RTA_METRICS. */
export interface RouteMetrics extends Infer<typeof routeMetrics_> {}
export const routeMetrics: Codec<RouteMetrics> = routeMetrics_;
