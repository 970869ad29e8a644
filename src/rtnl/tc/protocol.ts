/** Protocols that filters are for. Source: include/uapi/linux/if_ether.h (ETH_P_*); names of tc(8). */
import { type Enumerated, type EnumerationCodec, enumeration } from '../../netlink/enumeration.ts';
import { be16 } from '../../netlink/scalar.ts';

const values = {
  all: 0x3,
  ip: 0x800,
  arp: 0x806,
  '802.1q': 0x8100,
  ipv6: 0x86dd,
  '802.1ad': 0x88a8,
  mpls_uc: 0x8847,
  mpls_mc: 0x8848,
} as const;

/** The EtherType of packets, by the name that tc(8) has for it or by number; `all`: any. */
export type TcProtocol = Enumerated<typeof values>;
export const tcProtocol: EnumerationCodec<typeof values> = enumeration(be16, values);
