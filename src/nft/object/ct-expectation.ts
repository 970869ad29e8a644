/** `ct expectation`: connections that are to be expected beside one. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_CT_EXPECT_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { be16, u8, u32 } from '../../netlink/scalar.ts';
import { l3Protocol } from './l3-protocol.ts';
import { l4Protocol } from './l4-protocol.ts';

const ctExpectation_ = attributes('NFTA_CT_EXPECT', () => ({
  /** Default: that of the table. */
  l3proto: attr('NFTA_CT_EXPECT_L3PROTO', 1, l3Protocol),
  l4proto: attr('NFTA_CT_EXPECT_L4PROTO', 2, l4Protocol),
  /** Port they are expected at. */
  dport: attr('NFTA_CT_EXPECT_DPORT', 3, be16),
  /** Milliseconds they are expected for. */
  timeout: attr('NFTA_CT_EXPECT_TIMEOUT', 4, u32),
  /** How many at once. */
  size: attr('NFTA_CT_EXPECT_SIZE', 5, u8),
}));
export interface CtExpectation extends Infer<typeof ctExpectation_> {}
export const ctExpectation: Codec<CtExpectation> = ctExpectation_;
