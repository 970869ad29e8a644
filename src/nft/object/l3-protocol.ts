/** The network protocols that objects of connection tracking are for. Source: include/uapi/linux/netfilter.h (NFPROTO_*). */
import { enumeration } from '../../netlink/enumeration.ts';
import { be16 } from '../../netlink/scalar.ts';

/** NFPROTO_*, or an ETH_P_* as a number where the kernel keeps it so. */
export const l3Protocol = enumeration(be16, { inet: 1, ip: 2, ip6: 10 });
