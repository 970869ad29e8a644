/** `osf`: guesses the operating system that sent a packet. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_OSF_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import { be32, u8 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_OSF_F_VERSION: load the version too. */
export const osfFlags = flags(be32, { version: 1 });

const osf_ = attributes('NFTA_OSF', () => ({
  /** Register for the name, 16 bytes. */
  dreg: attr('NFTA_OSF_DREG', 1, be32),
  /** How the time to live is compared: 0 exactly, 1 by class, 2 not at all. */
  ttl: attr('NFTA_OSF_TTL', 2, u8),
  flags: attr('NFTA_OSF_FLAGS', 3, osfFlags),
}));
export interface Osf extends Infer<typeof osf_> {}
export const osf: Codec<Osf> = osf_;

export function explainOsf(of: Osf): string {
  return line('dreg', of.dreg);
}
