/** What all messages of NETLINK_NETFILTER have in common. Sources: include/uapi/linux/netfilter/nfnetlink.h, include/uapi/linux/netfilter.h (NFPROTO_*). */
import { fields, named, type Struct, struct } from './struct.ts';

/** NFPROTO_*. */
const protocolNames: Readonly<Record<number, string>> = { 0: 'unspec', 1: 'inet', 2: 'ip', 3: 'arp', 5: 'netdev', 7: 'bridge', 10: 'ip6' };

const nfgenmsg_ = struct('nfgenmsg', () => ({
  family: named(fields.u8, { nameOf: (number) => protocolNames[number] ?? number }),
  version: fields.u8,
  resId: fields.be16,
}));
/** struct nfgenmsg: the header of every nfnetlink message. */
export interface NfGenMsg {
  /** NFPROTO_*: 1 inet, 2 ip, 3 arp, 5 netdev, 7 bridge, 10 ip6; 0 in a request for all of them. */
  family: number;
  /** NFNETLINK_V0. */
  version: number;
  /** nf_tables: the subsystem of a batch, and the low half of the generation id in what the kernel sends. Statistics of conntrack: the CPU. */
  resId: number;
}
export const nfgenmsg: Struct<NfGenMsg> = nfgenmsg_;
