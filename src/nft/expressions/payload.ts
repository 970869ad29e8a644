/** `payload`: bytes of a packet's headers. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_PAYLOAD_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { hex, line } from './text.ts';

/** NFT_PAYLOAD_*_HEADER: what offsets count from. */
export const payloadBase = enumeration(be32, { link: 0, network: 1, transport: 2, inner: 3, tunnel: 4 });

const payload_ = attributes('NFTA_PAYLOAD', () => ({
  /** Register to load into. */
  dreg: attr('NFTA_PAYLOAD_DREG', 1, be32),
  base: attr('NFTA_PAYLOAD_BASE', 2, payloadBase),
  /** Bytes from the base. */
  offset: attr('NFTA_PAYLOAD_OFFSET', 3, be32),
  /** Bytes to load or write. */
  len: attr('NFTA_PAYLOAD_LEN', 4, be32),
  /** Register to write from. */
  sreg: attr('NFTA_PAYLOAD_SREG', 5, be32),
  /** NFT_PAYLOAD_CSUM_*: 0 none, 1 that of IP, 2 that of SCTP. */
  csumType: attr('NFTA_PAYLOAD_CSUM_TYPE', 6, be32),
  csumOffset: attr('NFTA_PAYLOAD_CSUM_OFFSET', 7, be32),
  /** Bit 0: the transport's checksum covers the address (NFT_PAYLOAD_L4CSUM_PSEUDOHDR). */
  csumFlags: attr('NFTA_PAYLOAD_CSUM_FLAGS', 8, be32),
}));
/** Loads bytes of a header into `dreg`, or writes them from `sreg`. */
export interface Payload extends Infer<typeof payload_> {}
export const payload: Codec<Payload> = payload_;

export function explainPayload(of: Payload): string {
  const where = `${of.len}b @ ${of.base} header + ${of.offset}`;
  if (of.sreg === undefined) return `load ${where} => reg ${of.dreg}`;
  return line(
    'write reg',
    of.sreg,
    '=>',
    where,
    'csum_type',
    of.csumType ?? 0,
    'csum_off',
    of.csumOffset ?? 0,
    'csum_flags',
    hex(of.csumFlags ?? 0),
  );
}
