/** How nat, masq and redir choose. Source: include/uapi/linux/netfilter/nf_nat.h (NF_NAT_RANGE_*); nft(8), NAT STATEMENTS. */
import { flags } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';

/** NF_NAT_RANGE_*. `proto-specified` goes with ports and `map-ips` with addresses. */
export const natFlags = flags(be32, {
  'map-ips': 0x1,
  'proto-specified': 0x2,
  random: 0x4,
  persistent: 0x8,
  'fully-random': 0x10,
  'proto-offset': 0x20,
  netmap: 0x40,
});
