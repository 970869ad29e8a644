/** What a link that carries many tunnels (`external`) is to wrap packets in: tc-tunnel_key(8). Source: include/uapi/linux/tc_act/tc_tunnel_key.h. */
import { addressFamily, ipv4Address, ipv6Address } from '../../../netlink/address.ts';
import { attr, attributes, type RawAttribute } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped, NLA_F_NESTED } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { be16, be32, bool8, flag, s32, show, u8 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, genericFields, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcTunnelKey = struct('tc_tunnel_key', () => ({ ...genericFields, tunnelAction: fields.s32 }));

const tunnelKeyAttributes_ = attributes('TCA_TUNNEL_KEY', () => ({
  tm: attr('TCA_TUNNEL_KEY_TM', 1, times),
  parms: attr('TCA_TUNNEL_KEY_PARMS', 2, structCodec(tcTunnelKey)),
  ipv4Src: attr('TCA_TUNNEL_KEY_ENC_IPV4_SRC', 3, ipv4Address),
  ipv4Dst: attr('TCA_TUNNEL_KEY_ENC_IPV4_DST', 4, ipv4Address),
  ipv6Src: attr('TCA_TUNNEL_KEY_ENC_IPV6_SRC', 5, ipv6Address),
  ipv6Dst: attr('TCA_TUNNEL_KEY_ENC_IPV6_DST', 6, ipv6Address),
  keyId: attr('TCA_TUNNEL_KEY_ENC_KEY_ID', 7, be32),
  pad: attr('TCA_TUNNEL_KEY_PAD', 8, bytes),
  port: attr('TCA_TUNNEL_KEY_ENC_DST_PORT', 9, be16),
  noChecksum: attr('TCA_TUNNEL_KEY_NO_CSUM', 10, bool8),
  options: attr('TCA_TUNNEL_KEY_ENC_OPTS', 11, { ...bytes, typeFlags: NLA_F_NESTED }),
  tos: attr('TCA_TUNNEL_KEY_ENC_TOS', 12, u8),
  ttl: attr('TCA_TUNNEL_KEY_ENC_TTL', 13, u8),
  noFragment: attr('TCA_TUNNEL_KEY_NO_FRAG', 14, flag),
}));
export interface TunnelKeyAttributes extends Infer<typeof tunnelKeyAttributes_> {}
export const tunnelKeyAttributes: Codec<TunnelKeyAttributes> = tunnelKeyAttributes_;

/** TCA_TUNNEL_KEY_ACT_*. */
const kinds = enumeration(s32, { set: 1, unset: 2 });

/** Options of tunnel_key. */
export interface TunnelKeyOptions extends TcActionState {
  /** `unset`: what the packet came in is forgotten. */
  action: 'set' | 'unset';
  /** Address of this end. Needed with `set`, as `dst` is; both of one family. */
  src?: string;
  /** Address of the other end. */
  dst?: string;
  /** Number of the tunnel: the VNI of a vxlan. */
  id?: number;
  /** UDP port of the other end. */
  port?: number;
  /** Whether the outer UDP header has a checksum. Default: true. */
  checksum?: boolean;
  /** Field TOS of the tunnel. Default: 0. */
  tos?: number;
  /** TTL of the tunnel. Default: what the link has. */
  ttl?: number;
  /** Do not fragment. */
  noFragment?: true;
  /** Options of geneve, vxlan or erspan, byte for byte. */
  tunnelOptions?: Uint8Array;
  /** What becomes of the packet then. Default: `pipe`. */
  control?: TcControl;
  /** What netloom has no member for, byte for byte. */
  unknown?: RawAttribute[];
}

const members = memberNames<TunnelKeyOptions>({
  action: true,
  src: true,
  dst: true,
  id: true,
  port: true,
  checksum: true,
  tos: true,
  ttl: true,
  noFragment: true,
  tunnelOptions: true,
  control: true,
  index: true,
  unknown: true,
});

function toWire(options: TunnelKeyOptions): TunnelKeyAttributes {
  checkMembers(options, '', members);
  const { action, src, dst, id, port, checksum, tunnelOptions } = options;
  checkBoolean(checksum, 'checksum');
  const wire: Record<string, unknown> = {
    parms: { ...genericOf(options, 'pipe'), tunnelAction: inArgument('action', () => kinds.valueOf(action)) },
  };
  if (action === 'set') {
    const families = [src, dst].map((end, i) => {
      const family = typeof end === 'string' ? addressFamily(end) : undefined;
      if (family === undefined) throw new InputError(i === 0 ? 'src' : 'dst', `expected an address, got ${show(end)}`);
      return family;
    });
    if (families[0] !== families[1]) throw new InputError('dst', 'is of another family than src');
    const family = families[0] === 'inet' ? 'ipv4' : 'ipv6';
    Object.assign(wire, { [`${family}Src`]: src, [`${family}Dst`]: dst });
  }
  if (id !== undefined) wire['keyId'] = id;
  if (port !== undefined) wire['port'] = port;
  if (checksum !== undefined) wire['noChecksum'] = !checksum;
  if (tunnelOptions !== undefined) wire['options'] = tunnelOptions;
  for (const member of ['tos', 'ttl', 'noFragment', 'unknown'] as const) if (options[member] !== undefined) wire[member] = options[member];
  return wire as TunnelKeyAttributes;
}

function fromWire(wire: TunnelKeyAttributes): TunnelKeyOptions {
  const { parms, tm, keyId, port, noChecksum, options: tunnelOptions } = wire;
  const [src, dst] = [wire.ipv4Src ?? wire.ipv6Src, wire.ipv4Dst ?? wire.ipv6Dst];
  return {
    action: kinds.nameOf(parms?.tunnelAction ?? 0) as TunnelKeyOptions['action'],
    ...(src === undefined ? {} : { src }),
    ...(dst === undefined ? {} : { dst }),
    ...(keyId === undefined ? {} : { id: keyId }),
    ...(port === undefined || port === 0 ? {} : { port }),
    ...(noChecksum === undefined ? {} : { checksum: !noChecksum }),
    ...(wire.tos === undefined || wire.tos === 0 ? {} : { tos: wire.tos }),
    ...(wire.ttl === undefined || wire.ttl === 0 ? {} : { ttl: wire.ttl }),
    ...(wire.noFragment === undefined ? {} : { noFragment: wire.noFragment }),
    ...(tunnelOptions === undefined ? {} : { tunnelOptions }),
    ...(wire.unknown === undefined ? {} : { unknown: wire.unknown }),
    control: control.nameOf(parms?.action ?? 0),
    ...toldOf(parms, tm),
  };
}

export const tunnelKey: Codec<TunnelKeyOptions> = mapped(tunnelKeyAttributes_, 'tunnel_key', fromWire, toWire);
