/** `target`: a target of iptables, through the compatibility layer. Source: include/uapi/linux/netfilter/nf_tables_compat.h (NFTA_TARGET_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { be32 } from '../../netlink/scalar.ts';
import { bytes, string } from '../../netlink/text.ts';
import { line } from './text.ts';

const target_ = attributes('NFTA_TARGET', () => ({
  /** Name of the xtables extension: `MASQUERADE`. */
  name: attr('NFTA_TARGET_NAME', 1, string(31)),
  revision: attr('NFTA_TARGET_REV', 2, be32),
  /** The extension's own struct, as it lies in memory. */
  info: attr('NFTA_TARGET_INFO', 3, bytes),
}));
export interface Target extends Infer<typeof target_> {}
export const target: Codec<Target> = target_;

export function explainTarget(of: Target): string {
  return line('name', of.name, 'rev', of.revision ?? 0);
}
