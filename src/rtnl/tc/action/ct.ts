/** Connection tracking: tc-ct(8). Source: include/uapi/linux/tc_act/tc_ct.h. */
import { addressFamily, ipv4Address, ipv6Address } from '../../../netlink/address.ts';
import { attr, attributes, type RawAttribute } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { be16, checkInteger, show, u8, u16, u32 } from '../../../netlink/scalar.ts';
import { bytes, string } from '../../../netlink/text.ts';
import { type IpProtocol, ipProtocol } from '../../ip-protocol.ts';
import { control, generic, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const ctAttributes_ = attributes('TCA_CT', () => ({
  parms: attr('TCA_CT_PARMS', 1, generic),
  tm: attr('TCA_CT_TM', 2, times),
  action: attr('TCA_CT_ACTION', 3, u16),
  zone: attr('TCA_CT_ZONE', 4, u16),
  mark: attr('TCA_CT_MARK', 5, u32),
  markMask: attr('TCA_CT_MARK_MASK', 6, u32),
  labels: attr('TCA_CT_LABELS', 7, bytes),
  labelsMask: attr('TCA_CT_LABELS_MASK', 8, bytes),
  ipv4Min: attr('TCA_CT_NAT_IPV4_MIN', 9, ipv4Address),
  ipv4Max: attr('TCA_CT_NAT_IPV4_MAX', 10, ipv4Address),
  ipv6Min: attr('TCA_CT_NAT_IPV6_MIN', 11, ipv6Address),
  ipv6Max: attr('TCA_CT_NAT_IPV6_MAX', 12, ipv6Address),
  portMin: attr('TCA_CT_NAT_PORT_MIN', 13, be16),
  portMax: attr('TCA_CT_NAT_PORT_MAX', 14, be16),
  pad: attr('TCA_CT_PAD', 15, bytes),
  helper: attr('TCA_CT_HELPER_NAME', 16, string(15)),
  helperFamily: attr('TCA_CT_HELPER_FAMILY', 17, u8),
  helperProtocol: attr('TCA_CT_HELPER_PROTO', 18, ipProtocol),
}));
export interface CtAttributes extends Infer<typeof ctAttributes_> {}
export const ctAttributes: Codec<CtAttributes> = ctAttributes_;

/** TCA_CT_ACT_*. */
const bits = { commit: 1, force: 2, clear: 4, nat: 8, src: 16, dst: 32 } as const;

/** How a connection is translated. */
export interface CtNat {
  /** Whether the source or the destination; absent: as it was decided for the connection. */
  of?: 'src' | 'dst';
  /** Address, or the first of several. */
  address?: string;
  /** The last of several. */
  lastAddress?: string;
  /** Port, or the first of several. */
  port?: number;
  /** The last of several. */
  lastPort?: number;
}

/** A helper of connection tracking. */
export interface CtHelper {
  /** `ftp`, `sip`, … */
  name: string;
  /** Of the connections. */
  family: 'inet' | 'inet6';
  /** Of the connections. */
  protocol: IpProtocol;
}

/** Options of ct. */
export interface CtOptions extends TcActionState {
  /** Zone of connection tracking. Default: 0. */
  zone?: number;
  /** The packet is forgotten to belong to a connection; nothing else is said then. Default: false. */
  clear?: boolean;
  /** A new connection is kept. Default: false. */
  commit?: boolean;
  /** With `commit`: one that the other side began is made anew. Default: false. */
  force?: boolean;
  /** Mark of the connection, with the bits of it that are set. */
  mark?: number;
  /** Default: all. */
  markMask?: number;
  /** 16 bytes. */
  labels?: Uint8Array;
  /** 16 bytes. Default: all ones. */
  labelsMask?: Uint8Array;
  /** How the connection is translated. Default: not. */
  nat?: CtNat;
  /** Linux 6.2. */
  helper?: CtHelper;
  /** What becomes of the packet then. Default: `pipe`. */
  control?: TcControl;
  /** What netloom has no member for, byte for byte. */
  unknown?: RawAttribute[];
}

const members = memberNames<CtOptions>({
  ...{ zone: true, clear: true, commit: true, force: true, mark: true, markMask: true, labels: true, labelsMask: true },
  ...{ nat: true, helper: true, control: true, index: true, unknown: true },
});
const natMembers = memberNames<CtNat>({ of: true, address: true, lastAddress: true, port: true, lastPort: true });
const helperMembers = memberNames<CtHelper>({ name: true, family: true, protocol: true });
const labelBytes = 16;
/** AF_INET and AF_INET6. */
const families = { inet: 2, inet6: 10 } as const;

function natToWire(nat: CtNat): { action: number; wire: Record<string, unknown> } {
  checkMembers(nat, '', natMembers);
  const { of, address, lastAddress = address, port, lastPort = port } = nat;
  if (of === undefined) {
    if (address !== undefined || port !== undefined) throw new InputError('of', 'is needed: whether "src" or "dst" is translated');
    return { action: bits.nat, wire: {} };
  }
  if (of !== 'src' && of !== 'dst') throw new InputError('of', `expected "src" or "dst", got ${show(of)}`);
  const wire: Record<string, unknown> = {};
  if (address !== undefined) {
    const family = addressFamily(address);
    if (family === undefined) throw new InputError('address', `expected an address, got ${show(address)}`);
    if (addressFamily(lastAddress!) !== family) throw new InputError('lastAddress', 'is of another family than address');
    Object.assign(wire, { [family === 'inet' ? 'ipv4Min' : 'ipv6Min']: address, [family === 'inet' ? 'ipv4Max' : 'ipv6Max']: lastAddress });
  }
  if (port !== undefined) {
    inArgument('port', () => checkInteger(port, 1, 0xffff));
    inArgument('lastPort', () => checkInteger(lastPort, port, 0xffff));
    Object.assign(wire, { portMin: port, portMax: lastPort });
  }
  return { action: bits.nat | bits[of], wire };
}

function toWire(options: CtOptions): CtAttributes {
  checkMembers(options, '', members);
  for (const member of ['clear', 'commit', 'force'] as const) checkBoolean(options[member], member);
  const { nat, helper, mark, markMask, labels, labelsMask, zone } = options;
  for (const [member, value, needs, other] of [
    ['force', options.force, options.commit, 'commit'],
    ['markMask', markMask, mark, 'mark'],
    ['labelsMask', labelsMask, labels, 'labels'],
  ] as const)
    if (value !== undefined && value !== false && needs === undefined) throw new InputError(member, `needs ${other}`);
  for (const member of ['labels', 'labelsMask'] as const)
    if (options[member] !== undefined && options[member].length !== labelBytes)
      throw new InputError(member, `expected ${labelBytes} bytes`);
  const translated = nat === undefined ? { action: 0, wire: {} } : inArgument('nat', () => natToWire(nat));
  const action = (['clear', 'commit', 'force'] as const).reduce((all, member) => all | (options[member] === true ? bits[member] : 0), 0);
  const wire: Record<string, unknown> = { parms: genericOf(options, 'pipe'), action: action | translated.action, ...translated.wire };
  if (zone !== undefined) wire['zone'] = zone;
  if (mark !== undefined) Object.assign(wire, { mark, markMask: markMask ?? 0xffffffff });
  if (labels !== undefined) Object.assign(wire, { labels, labelsMask: labelsMask ?? new Uint8Array(labelBytes).fill(0xff) });
  if (helper !== undefined) {
    inArgument('helper', () => checkMembers(helper, '', helperMembers));
    if (!Object.hasOwn(families, helper.family))
      throw new InputError('helper.family', `expected "inet" or "inet6", got ${show(helper.family)}`);
    Object.assign(wire, { helper: helper.name, helperFamily: families[helper.family], helperProtocol: helper.protocol });
  }
  if (options.unknown !== undefined) wire['unknown'] = options.unknown;
  return wire as CtAttributes;
}

function natFromWire(action: number, wire: CtAttributes): CtNat | undefined {
  if ((action & bits.nat) === 0) return undefined;
  const nat: CtNat = {};
  if ((action & (bits.src | bits.dst)) !== 0) nat.of = (action & bits.src) !== 0 ? 'src' : 'dst';
  const [first, last] = [wire.ipv4Min ?? wire.ipv6Min, wire.ipv4Max ?? wire.ipv6Max];
  if (first !== undefined) nat.address = first;
  if (last !== undefined && last !== first) nat.lastAddress = last;
  if (wire.portMin !== undefined) nat.port = wire.portMin;
  if (wire.portMax !== undefined && wire.portMax !== wire.portMin) nat.lastPort = wire.portMax;
  return nat;
}

function fromWire(wire: CtAttributes): CtOptions {
  const { parms, tm, action = 0, zone, mark, markMask, labels, labelsMask, helper } = wire;
  const nat = natFromWire(action, wire);
  const family = wire.helperFamily === families.inet6 ? 'inet6' : 'inet';
  return {
    ...(zone === undefined ? {} : { zone }),
    ...Object.fromEntries(
      (['clear', 'commit', 'force'] as const).filter((name) => (action & bits[name]) !== 0).map((name) => [name, true]),
    ),
    ...(mark === undefined ? {} : { mark }),
    ...(markMask === undefined || markMask === 0xffffffff ? {} : { markMask }),
    ...(labels === undefined ? {} : { labels }),
    ...(labelsMask === undefined ? {} : { labelsMask }),
    ...(nat === undefined ? {} : { nat }),
    ...(helper === undefined ? {} : { helper: { name: helper, family, protocol: wire.helperProtocol ?? 0 } }),
    ...(wire.unknown === undefined ? {} : { unknown: wire.unknown }),
    control: control.nameOf(parms?.action ?? 0),
    ...toldOf(parms, tm),
  };
}

export const ct: Codec<CtOptions> = mapped(ctAttributes_, 'ct', fromWire, toWire);
