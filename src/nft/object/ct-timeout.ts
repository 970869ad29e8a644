/**
 * `ct timeout`: how long connections are remembered, by state. Sources: include/uapi/linux/netfilter/nf_tables.h (NFTA_CT_TIMEOUT_*),
 * nfnetlink_cttimeout.h (CTA_TIMEOUT_*); nft(8), CT TIMEOUT.
 */
import { type AttributeSet, attr, attributes, walk } from '../../netlink/attributes.ts';
import { type Codec, codec, type Infer, NLA_F_NESTED } from '../../netlink/codec.ts';
import { timeoutsOf } from '../../netlink/conntrack-timeouts.ts';
import { l3Protocol } from './l3-protocol.ts';
import { l4Protocol } from './l4-protocol.ts';

const declare = (protocol: unknown) =>
  attributes('NFTA_CT_TIMEOUT', () => ({
    /** Default: that of the table. */
    l3proto: attr('NFTA_CT_TIMEOUT_L3PROTO', 1, l3Protocol),
    l4proto: attr('NFTA_CT_TIMEOUT_L4PROTO', 2, l4Protocol),
    /** Seconds by state; those of the protocol. What is left out has the default of the kernel. */
    policy: attr('NFTA_CT_TIMEOUT_DATA', 3, timeoutsOf(protocol)),
  }));
type Set = ReturnType<typeof declare>;
export interface CtTimeout extends Infer<Set> {}

const sets = new Map<unknown, AttributeSet<Infer<Set>>>();

/** The attributes for a protocol: it decides what the policy holds. */
function setFor(protocol: unknown): AttributeSet<Infer<Set>> {
  let set = sets.get(protocol);
  if (set === undefined) {
    set = declare(protocol);
    sets.set(protocol, set);
  }
  return set;
}

const protocolAttribute = 2;

function protocolIn(source: Uint8Array, offset: number, length: number): unknown {
  for (const found of walk(source, offset, length))
    if (found.type === protocolAttribute && found.length > 0) return l4Protocol.decode(source, found.offset, found.length);
  return undefined;
}

export const ctTimeout: Codec<CtTimeout> = codec<CtTimeout>('NFTA_CT_TIMEOUT', {
  typeFlags: NLA_F_NESTED,
  decode: (source, offset, length) => setFor(protocolIn(source, offset, length)).decode(source, offset, length),
  encode: (writer, value) => setFor(value.l4proto).encode(writer, value),
  locate: (source, offset, length, target) => setFor(protocolIn(source, offset, length)).locate?.(source, offset, length, target),
  describe: (source, offset, length, detail) => setFor(protocolIn(source, offset, length)).describe?.(source, offset, length, detail) ?? [],
});
