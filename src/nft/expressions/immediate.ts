/** `immediate`: loads a constant; in register 0, a verdict. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_IMMEDIATE_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { be32 } from '../../netlink/scalar.ts';
import { data } from '../data.ts';
import { content, line } from './text.ts';

const immediate_ = attributes('NFTA_IMMEDIATE', () => ({
  /** 0 (NFT_REG_VERDICT): `data` is a verdict. */
  dreg: attr('NFTA_IMMEDIATE_DREG', 1, be32),
  data: attr('NFTA_IMMEDIATE_DATA', 2, data),
}));
export interface Immediate extends Infer<typeof immediate_> {}
export const immediate: Codec<Immediate> = immediate_;

export function explainImmediate(of: Immediate): string {
  return line('reg', of.dreg, content(of.data));
}
