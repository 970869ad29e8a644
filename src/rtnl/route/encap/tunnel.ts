/** What IPv4 and IPv6 tunnels share. Source: include/uapi/linux/if_tunnel.h (TUNNEL_*), lwtunnel.h (LWTUNNEL_IP_OPTS). */
import { type AttributeSet, attr, attributes, repeated, walk } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer } from '../../../netlink/codec.ts';
import { type Enumerated, type FlagsCodec, flags } from '../../../netlink/enumeration.ts';
import { be16, be32, u8, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';

const bits = {
  csum: 0x1,
  routing: 0x2,
  key: 0x4,
  seq: 0x8,
  strict: 0x10,
  rec: 0x20,
  version: 0x40,
  no_key: 0x80,
  dont_fragment: 0x100,
  oam: 0x200,
  crit_opt: 0x400,
  geneve_opt: 0x800,
  vxlan_opt: 0x1000,
  nocache: 0x2000,
  erspan_opt: 0x4000,
  gtp_opt: 0x8000,
} as const;

/** TUNNEL_*: `csum`, `key` and `seq` are what ip-route(8) sets. */
export type TunnelFlag = Enumerated<typeof bits>;
export const tunnelFlags: FlagsCodec<typeof bits> = flags(be16, bits);

const geneveOption_ = attributes('LWTUNNEL_IP_OPT_GENEVE', () => ({
  class: attr('LWTUNNEL_IP_OPT_GENEVE_CLASS', 1, be16),
  type: attr('LWTUNNEL_IP_OPT_GENEVE_TYPE', 2, u8),
  /** A multiple of four bytes, at most 128. */
  data: attr('LWTUNNEL_IP_OPT_GENEVE_DATA', 3, bytes),
}));
export interface GeneveOption extends Infer<typeof geneveOption_> {}
export const geneveOption: AttributeSet<GeneveOption> = geneveOption_;

/**
 * Options of one attribute. The kernel takes one in each, and says all of them in one, class by class: nothing but the order tells them apart.
 */
const geneveOptions: Codec<GeneveOption[]> = codec<GeneveOption[]>(geneveOption_.label, {
  typeFlags: geneveOption_.typeFlags,
  decode(source, offset, length) {
    const { type: first } = geneveOption_.declarations['class']!;
    const starts = [...walk(source, offset, length)].filter(({ type }, i) => i === 0 || type === first).map(({ start }) => start);
    return starts.map((start, i) => geneveOption_.decode(source, start, (starts[i + 1] ?? offset + length) - start));
  },
  encode(writer, value) {
    for (const option of value) geneveOption_.encode(writer, option);
  },
});

const vxlanOption_ = attributes('LWTUNNEL_IP_OPT_VXLAN', () => ({
  /** Group based policy. */
  gbp: attr('LWTUNNEL_IP_OPT_VXLAN_GBP', 1, u32),
}));
export interface VxlanOption extends Infer<typeof vxlanOption_> {}
export const vxlanOption: AttributeSet<VxlanOption> = vxlanOption_;

const erspanOption_ = attributes('LWTUNNEL_IP_OPT_ERSPAN', () => ({
  /** 1 or 2. */
  version: attr('LWTUNNEL_IP_OPT_ERSPAN_VER', 1, u8),
  /** Version 1. */
  index: attr('LWTUNNEL_IP_OPT_ERSPAN_INDEX', 2, be32),
  /** Version 2: 0 ingress, 1 egress. */
  direction: attr('LWTUNNEL_IP_OPT_ERSPAN_DIR', 3, u8),
  /** Version 2. */
  hwid: attr('LWTUNNEL_IP_OPT_ERSPAN_HWID', 4, u8),
}));
export interface ErspanOption extends Infer<typeof erspanOption_> {}
export const erspanOption: AttributeSet<ErspanOption> = erspanOption_;

const tunnelOptions_ = attributes('LWTUNNEL_IP_OPTS', () => ({
  geneve: repeated('LWTUNNEL_IP_OPTS_GENEVE', 1, geneveOptions),
  vxlan: attr('LWTUNNEL_IP_OPTS_VXLAN', 2, vxlanOption_),
  erspan: attr('LWTUNNEL_IP_OPTS_ERSPAN', 3, erspanOption_),
}));

export interface TunnelOptionAttributes extends Infer<typeof tunnelOptions_> {}
export const tunnelOptions: AttributeSet<TunnelOptionAttributes> = tunnelOptions_;

/**
 * Options of one kind of tunnel. Beware: a kernel built with CONFIG_FORTIFY_SOURCE between Linux 6.15 and 6.18 has been seen to panic on any
 * of them, whoever sends them.
 */
export interface TunnelOptions extends Omit<TunnelOptionAttributes, 'geneve'> {
  /** Options of GENEVE, RFC 8926. */
  geneve?: GeneveOption[];
}

/** From attributes to what callers see. */
export function readTunnel(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { geneve, ...options } = (attributes['options'] ?? {}) as TunnelOptionAttributes;
  return geneve === undefined ? { ...attributes } : { ...attributes, options: { ...options, geneve: geneve.flat() } };
}

/** The reverse. */
export function writeTunnel(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options = value['options'] as TunnelOptions | undefined;
  if (!Array.isArray(options?.geneve)) return { ...value };
  return { ...value, options: { ...options, geneve: options.geneve.map((option) => [option]) } };
}
