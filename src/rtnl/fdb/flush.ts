/** Deleting many forwarding entries with one request. Source: bridge(8), "bridge fdb flush"; include/uapi/linux/neighbour.h. */

import { formatAddress, parseAddress } from '../../netlink/address.ts';
import { noneOf } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_BULK } from '../../netlink/message.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { AF_BRIDGE } from '../family.ts';
import { describeLink, type LinkRef, type Named, notFound, resolveLinks } from '../link/reference.ts';
import { NTF_MASTER, NTF_SELF } from '../neighbor/flags.ts';
import { deleteNeighbor, type NeighborMessageInput } from '../neighbor/message.ts';
import { checkVlan, checkVni, renameFdbPath } from './spec.ts';

const states = { permanent: 0, static: 0, dynamic: 0 } as const;
/** What a flush can tell apart. */
export type FdbFlushState = keyof typeof states;

/** NTF_* as a flush takes them: NTF_USE stands for entries that somebody added. */
const flagBits = { added_by_user: 0x01, extern_learn: 0x10, offload: 0x20, sticky: 0x40, router: 0x80 } as const;
/** Of a bridge: all but `router`; of a vxlan: `extern_learn`, `offload`, `router`. */
export type FdbFlushFlag = keyof typeof flagBits;

/** Which forwarding entries to delete. Everything that is said must hold for an entry. */
export interface FdbFlush extends CallOptions {
  /** The bridge or vxlan whose table is meant; with `table: 'master'`, a port of the bridge. */
  dev: LinkRef;
  /** Whose table: that of `dev`, or of its bridge. Default: `self`, as bridge(8). */
  table?: 'self' | 'master';
  /** Bridge: only entries that lead to this port; the bridge itself: those for this machine. */
  brport?: LinkRef;
  /** Only entries of this VLAN. */
  vlan?: number;
  /** Only entries in this state. */
  state?: FdbFlushState;
  /** Only entries in another state than this. */
  exceptState?: FdbFlushState;
  /** Only entries with all of these flags. */
  flags?: readonly FdbFlushFlag[];
  /** Only entries with none of these flags. */
  exceptFlags?: readonly FdbFlushFlag[];
  /** vxlan: only what is sent here. */
  dst?: string;
  /** vxlan: only what is sent to this UDP port. */
  port?: number;
  /** vxlan: only what is sent with this VNI. */
  vni?: number;
  /** vxlan that carries many VNIs: only entries of this one. */
  srcVni?: number;
  /** vxlan: only entries of this nexthop object. */
  nexthopId?: number;
}

const members = memberNames<Omit<FdbFlush, keyof CallOptions>>({
  dev: true,
  table: true,
  brport: true,
  vlan: true,
  state: true,
  exceptState: true,
  flags: true,
  exceptFlags: true,
  dst: true,
  port: true,
  vni: true,
  srcVni: true,
  nexthopId: true,
});

const NUD_NOARP = 0x40;
const NUD_PERMANENT = 0x80;

/** How bridge(8) says each state, and each that it is not: to the kernel what is permanent is static as well. */
const said: Readonly<Record<FdbFlushState, { bits: number; mask: number; except: { bits: number; mask: number } }>> = {
  permanent: { bits: NUD_PERMANENT, mask: NUD_PERMANENT, except: { bits: 0, mask: NUD_PERMANENT } },
  static: { bits: NUD_NOARP, mask: NUD_NOARP | NUD_PERMANENT, except: { bits: 0, mask: NUD_NOARP } },
  dynamic: { bits: 0, mask: NUD_NOARP | NUD_PERMANENT, except: { bits: NUD_NOARP, mask: NUD_NOARP } },
};

function stateSaid(state: FdbFlushState, argument: string): (typeof said)[FdbFlushState] {
  if (typeof state !== 'string' || !Object.hasOwn(said, state)) throw new InputError(argument, noneOf(state, Object.keys(states)));
  return said[state];
}

function flagsSaid(names: readonly FdbFlushFlag[], argument: string): number {
  if (!Array.isArray(names)) throw new InputError(argument, `expected a list of names, got ${show(names)}`, 'ERR_INVALID_ARG_TYPE');
  let bits = 0;
  for (const name of names as readonly FdbFlushFlag[]) {
    if (typeof name !== 'string' || !Object.hasOwn(flagBits, name)) throw new InputError(argument, noneOf(name, Object.keys(flagBits)));
    bits |= flagBits[name];
  }
  return bits;
}

function bulkValue(spec: FdbFlush): NeighborMessageInput {
  const value: NeighborMessageInput = { family: AF_BRIDGE };
  let tables: number = NTF_SELF;
  if (spec.table !== undefined) {
    if (spec.table !== 'self' && spec.table !== 'master') throw new InputError('table', `${show(spec.table)} is none of self, master`);
    if (spec.table === 'master') tables = NTF_MASTER;
  }
  if (spec.state !== undefined && spec.exceptState !== undefined) throw new InputError('exceptState', 'says nothing beside `state`');
  if (spec.state !== undefined) setState(value, stateSaid(spec.state, 'state'));
  if (spec.exceptState !== undefined) setState(value, stateSaid(spec.exceptState, 'exceptState').except);
  const wanted = spec.flags === undefined ? 0 : flagsSaid(spec.flags, 'flags');
  const unwanted = spec.exceptFlags === undefined ? 0 : flagsSaid(spec.exceptFlags, 'exceptFlags');
  if ((wanted & unwanted) !== 0) throw new InputError('exceptFlags', 'has a flag that `flags` has too');
  value.flags = tables | wanted;
  if ((wanted | unwanted) !== 0) value.flagsMask = wanted | unwanted;
  if (spec.vlan !== undefined) {
    checkVlan(spec.vlan, 'vlan');
    value.vlan = spec.vlan;
  }
  if (spec.dst !== undefined) value.dst = inArgument('dst', () => formatAddress(parseAddress(spec.dst)));
  if (spec.port !== undefined) {
    inArgument('port', () => checkInteger(spec.port, 0, 0xffff));
    value.port = spec.port;
  }
  for (const member of ['vni', 'srcVni'] as const) {
    const given = spec[member];
    if (given === undefined) continue;
    checkVni(given, member);
    value[member] = given;
  }
  if (spec.nexthopId !== undefined) {
    inArgument('nexthopId', () => checkInteger(spec.nexthopId, 1, 0xffffffff));
    value.nexthopId = spec.nexthopId;
  }
  return value;
}

function setState(value: NeighborMessageInput, { bits, mask }: { bits: number; mask: number }): void {
  value.state = bits;
  value.stateMask = mask;
}

/** Deletes the forwarding entries that `spec` describes, with one request: of a bridge since Linux 5.19, of a vxlan since 6.7. */
export function* flush(spec: FdbFlush): Program<void> {
  checkOptions(spec, 'flush', members);
  const value = bulkValue(spec);
  const links: Named[] = [{ ref: spec.dev, argument: 'dev' }];
  if (spec.brport !== undefined) links.push({ ref: spec.brport, argument: 'brport' });
  const [index, ifindex] = yield* resolveLinks(links);
  value.index = index!;
  if (ifindex !== undefined) value.ifindex = ifindex;
  const subject = `forwarding entries of ${describeLink(spec.dev)}`;
  const rename = (path: string): string => (path === 'ifindex' ? 'brport' : renameFdbPath(path));
  try {
    yield* ask({ operation: deleteNeighbor, flags: NLM_F_BULK, value, expects: 'ack' as const, subject, rename });
  } catch (error) {
    throw notFound(error, spec.dev, 'dev');
  }
}
