/** `exthdr`: options of headers: IPv6 extension headers, TCP, IPv4, SCTP and DCCP options. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_EXTHDR_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration, flags } from '../../netlink/enumeration.ts';
import { be32, u8 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_EXTHDR_OP_*: where the option is looked for. */
export const exthdrOp = enumeration(be32, { ipv6: 0, tcpopt: 1, ipv4: 2, sctp: 3, dccp: 4 });
/** NFT_EXTHDR_F_PRESENT: load whether it is there, and not its content. */
export const exthdrFlags = flags(be32, { present: 1 });

const exthdr_ = attributes('NFTA_EXTHDR', () => ({
  /** Register to load into. */
  dreg: attr('NFTA_EXTHDR_DREG', 1, be32),
  /** Type of the option. */
  type: attr('NFTA_EXTHDR_TYPE', 2, u8),
  /** Bytes from the start of the option. */
  offset: attr('NFTA_EXTHDR_OFFSET', 3, be32),
  /** Bytes to load or write. */
  len: attr('NFTA_EXTHDR_LEN', 4, be32),
  flags: attr('NFTA_EXTHDR_FLAGS', 5, exthdrFlags),
  /** Default: ipv6. */
  op: attr('NFTA_EXTHDR_OP', 6, exthdrOp),
  /** Register to write from. */
  sreg: attr('NFTA_EXTHDR_SREG', 7, be32),
}));
/** Loads bytes of an option into `dreg`, or writes them from `sreg`. With neither, it removes the option (TCP). */
export interface Exthdr extends Infer<typeof exthdr_> {}
export const exthdr: Codec<Exthdr> = exthdr_;

export function explainExthdr(of: Exthdr): string {
  // libnftnl has no name for sctp and dccp
  const op = of.op === 'sctp' || of.op === 'dccp' ? undefined : (of.op ?? 'ipv6');
  if (of.sreg !== undefined) return line('write', op, 'reg', of.sreg, '=>', `${of.len ?? 0}b @ ${of.type ?? 0} + ${of.offset ?? 0}`);
  if (of.dreg === undefined) return line('reset', op, of.type);
  return line(
    'load',
    op,
    `${of.len ?? 0}b @ ${of.type ?? 0} + ${of.offset ?? 0}`,
    of.flags?.includes('present') === true && 'present',
    '=> reg',
    of.dreg,
  );
}
