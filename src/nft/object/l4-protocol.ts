/** The transport protocols that objects of connection tracking are for. Source: include/uapi/linux/in.h (IPPROTO_*). */
import { enumeration } from '../../netlink/enumeration.ts';
import { u8 } from '../../netlink/scalar.ts';

const values = { icmp: 1, tcp: 6, udp: 17, dccp: 33, gre: 47, icmpv6: 58, sctp: 132, udplite: 136 } as const;

/** IPPROTO_*; others are numbers. */
export const l4Protocol = enumeration(u8, values);
