/** The types of named objects. Source: include/uapi/linux/netfilter/nf_tables.h (NFT_OBJECT_*). */
import { enumeration } from '../netlink/enumeration.ts';
import { be32 } from '../netlink/scalar.ts';

const values = {
  counter: 1,
  quota: 2,
  'ct helper': 3,
  limit: 4,
  connlimit: 5,
  tunnel: 6,
  'ct timeout': 7,
  secmark: 8,
  'ct expectation': 9,
  synproxy: 10,
} as const;

/** A type of named objects, as nft(8) names it. */
export type ObjectType = keyof typeof values;

/** NFT_OBJECT_*. */
export const objectType = enumeration(be32, values);
