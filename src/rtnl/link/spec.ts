/** What callers say about links that shall be, its checks, and the message that says it to the kernel. */
import { parseHardwareAddress } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import type { NamespaceRef } from '../../netlink/sys/namespace.ts';
import { checkInterfaceName } from '../../netlink/text.ts';
import { type Bridge, bridgeReadOnly } from './bridge.ts';
import type { BridgePort } from './bridge-port.ts';
import { IFF_UP } from './flags.ts';
import { infoOf, type LinkInfo, linkKinds, type PortInfo, portKinds } from './info.ts';
import type { Link } from './link.ts';
import type { LinkMessageInput } from './message.ts';
import { checkIndex, checkLinkName, type LinkRef } from './reference.ts';
import type { Veth } from './veth.ts';

/** Settings that a link of any kind has. A member that is `undefined` is not sent: the kernel's default, or what is, stays. */
export interface LinkSettings {
  /** 1 to 15 bytes. One `%d` in it is replaced by the kernel with the first free number. */
  name?: string;
  /** Largest packet, in bytes. */
  mtu?: number;
  /** Hardware address: `02:00:00:00:00:01`. */
  address?: string;
  /** Hardware broadcast address. */
  broadcast?: string;
  /** Packets. */
  txQueueLength?: number;
  /** Group number; 0 is `default`. */
  group?: number;
  /** Free text of at most 255 bytes. */
  alias?: string;
}

/** The other end of a veth that is created. */
export interface VethPeer extends LinkSettings {
  /** Index to take, instead of the next free one. The kernel takes it only when the link itself is given one too. */
  index?: number;
  /** Namespace to create it in; by default that of the link. */
  netns?: NamespaceRef;
  numTxQueues?: number;
  numRxQueues?: number;
}

/** What `create` takes for a link of any kind. */
export interface CreateLinkSettings extends LinkSettings, CallOptions {
  /** Set it up. A new link is down otherwise. */
  up?: boolean;
  /** Bridge, bond or VRF to make it a port of, in the namespace of the new link. */
  master?: LinkRef;
  /** Namespace to create it in; by default that of the client. */
  netns?: NamespaceRef;
  /** Link below, in the namespace of the client. */
  link?: LinkRef;
  /** Index to take, instead of the next free one. */
  index?: number;
  numTxQueues?: number;
  numRxQueues?: number;
  /** Alternative names of at most 127 bytes each. */
  altNames?: readonly string[];
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

export interface CreateVeth extends CreateLinkSettings {
  kind: 'veth';
  /** The other end, or its name alone. Default: the kernel names it `veth0`, `veth1`, … */
  peer?: string | VethPeer;
  data?: Veth;
}

export interface CreateBridge extends CreateLinkSettings {
  kind: 'bridge';
  data?: Bridge;
}

/** A link of a kind that netloom has no schema for. */
export interface CreateOtherLink extends CreateLinkSettings {
  kind: string;
  /** Payload of IFLA_INFO_DATA, byte for byte. */
  data?: Uint8Array;
}

/** What `create` takes; {@link Link} as well: what a list returned can be created again, its read-only members are ignored. */
export type CreateLink = CreateVeth | CreateBridge | CreateOtherLink;

/** What `update` takes. What is left out stays as it is. */
export interface UpdateLink extends LinkSettings, CallOptions {
  /** Set it up or down. */
  up?: boolean;
  /** Make it a port of this link; `null` releases it. */
  master?: LinkRef | null;
  /** Move it to this namespace. It loses its addresses, routes and master there, and is down. */
  netns?: NamespaceRef;
  /** Kind of the link; needed to say what `data` is, and asked for when left out. */
  kind?: string;
  /** Settings of the kind to change. */
  data?: Bridge | Veth | Uint8Array;
  /** Settings of the port to change. */
  port?: { kind: 'bridge'; data: BridgePort } | { kind: string; data: Uint8Array };
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

const settings = memberNames<LinkSettings>({
  name: true,
  mtu: true,
  address: true,
  broadcast: true,
  txQueueLength: true,
  group: true,
  alias: true,
});

const createMembers = memberNames<Omit<CreateVeth, keyof LinkSettings | keyof CallOptions>>({
  kind: true,
  up: true,
  master: true,
  netns: true,
  link: true,
  index: true,
  numTxQueues: true,
  numRxQueues: true,
  altNames: true,
  unknown: true,
  data: true,
  peer: true,
});

const peerMembers = memberNames<Omit<VethPeer, keyof LinkSettings>>({ index: true, netns: true, numTxQueues: true, numRxQueues: true });

const updateMembers = memberNames<Omit<UpdateLink, keyof LinkSettings | keyof CallOptions>>({
  up: true,
  master: true,
  netns: true,
  kind: true,
  data: true,
  port: true,
  unknown: true,
});

/** Members of a {@link Link} that are read only, or follow from others. */
const readOnly = memberNames<Omit<Link, keyof LinkSettings | keyof CreateVeth>>({
  flags: true,
  operState: true,
  carrier: true,
  type: true,
  masterIndex: true,
  linkIndex: true,
  peerIndex: true,
  linkNetnsid: true,
  qdisc: true,
  minMtu: true,
  maxMtu: true,
  promiscuity: true,
  port: true,
  stats: true,
});

/** @throws InputError naming the member of `spec` that is wrong */
export function checkCreate(spec: CreateLink | Link): asserts spec is CreateLink {
  checkOptions(spec, 'spec', settings, createMembers, readOnly);
  const { kind, altNames } = spec;
  if (typeof kind !== 'string' || kind === '')
    throw new InputError('kind', `expected the kind of link to create, got ${show(kind)}`, 'ERR_INVALID_ARG_TYPE');
  const { peer } = spec as CreateVeth;
  if (peer !== undefined) {
    if (kind !== 'veth') throw new InputError('peer', `a ${kind} has no peer`, 'ERR_UNKNOWN_OPTION');
    if (typeof peer === 'string') inArgument('peer', () => checkInterfaceName(peer));
    else {
      inArgument('peer', () => {
        checkOptions(peer, '', settings, peerMembers);
        checkCommon(peer);
      });
      checkPeerIndex(spec.index, peer.index);
    }
  }
  if (altNames !== undefined) {
    if (!Array.isArray(altNames))
      throw new InputError('altNames', `expected an array of names, got ${show(altNames)}`, 'ERR_INVALID_ARG_TYPE');
    for (const [i, name] of altNames.entries()) checkLinkName(name, `altNames[${i}]`);
  }
  if (spec.index !== undefined) checkIndex(spec.index, 'index');
  checkCommon(spec);
}

/** veth_newlink() in drivers/net/veth.c passes over the index of the peer otherwise. @throws InputError naming `peer.index` */
export function checkPeerIndex(index: number | undefined, peerIndex: number | undefined): void {
  if (peerIndex !== undefined && index === undefined)
    throw new InputError('peer.index', 'the kernel takes it only together with an `index` of the near end');
}

/** @throws InputError naming the member of `changes` that is wrong */
export function checkUpdate(changes: UpdateLink): void {
  checkOptions(changes, 'changes', settings, updateMembers);
  checkCommon(changes);
}

/** What the encoder does not see, or would name by its wire path. */
function checkCommon(spec: LinkSettings & { up?: boolean }): void {
  checkBoolean(spec.up, 'up');
  if (spec.name !== undefined) inArgument('name', () => checkInterfaceName(spec.name));
  for (const member of ['mtu', 'txQueueLength', 'group'] as const) {
    if (spec[member] !== undefined) inArgument(member, () => checkInteger(spec[member], 0, 0xffffffff));
  }
  // the encoder takes an empty one, and the kernel passes over it
  for (const member of ['address', 'broadcast'] as const) {
    if (spec[member] !== undefined) inArgument(member, () => parseHardwareAddress(spec[member]));
  }
}

/** A link that shall be, with everything looked up: indexes for links, descriptors for namespaces. */
export interface ResolvedLink extends LinkSettings {
  kind?: string | undefined;
  index?: number | undefined;
  up?: boolean | undefined;
  /** Index; 0 releases. */
  master?: number | undefined;
  /** Index of the link below. */
  link?: number | undefined;
  /** Descriptor open on the namespace that the link is to be in. */
  netnsFd?: number | undefined;
  numTxQueues?: number | undefined;
  numRxQueues?: number | undefined;
  /** Data of the kind: the schema's input, or bytes. */
  data?: object | undefined;
  /** The other end of a veth. */
  peer?: ResolvedLink | undefined;
  port?: { kind: string; data?: object } | undefined;
  unknown?: RawAttribute[] | undefined;
}

const wireMembers = [
  'name',
  'mtu',
  'address',
  'broadcast',
  'txQueueLength',
  'group',
  'alias',
  'master',
  'link',
  'netnsFd',
  'numTxQueues',
  'numRxQueues',
] as const;

/** The body of an RTM_NEWLINK that says what `spec` says, and nothing else. */
export function wireOf(spec: ResolvedLink): LinkMessageInput {
  const wire: LinkMessageInput = {};
  if (spec.index !== undefined) wire.index = spec.index;
  if (spec.up !== undefined) {
    wire.flags = spec.up ? IFF_UP : 0;
    wire.change = IFF_UP;
  }
  for (const member of wireMembers) {
    const value = spec[member];
    if (value !== undefined) Object.assign(wire, { [member]: value });
  }
  const info = infoFor(spec);
  if (info !== undefined) wire.info = info;
  if (spec.unknown !== undefined) wire.unknown = spec.unknown;
  return wire;
}

function infoFor(spec: ResolvedLink): LinkInfo | undefined {
  const { kind, peer, port } = spec;
  let data = spec.data;
  if (peer !== undefined) data = { ...data, peer: wireOf(peer) };
  const info = kind === undefined ? undefined : infoOf(linkKinds, kind, data);
  if (port === undefined) return info;
  return { ...info, port: infoOf(portKinds, port.kind, port.data) as PortInfo } as LinkInfo;
}

/**
 * Data of a kind as a new link takes it: without what the kernel only reports. A bridge also reports options that its
 * kernel is built without, as off, and refuses their mere mention: they are off in a new bridge anyway.
 */
export function creatable(kind: string, data: object | undefined): object | undefined {
  if (kind !== 'bridge' || data === undefined || data instanceof Uint8Array) return data;
  const settable = Object.fromEntries(Object.entries(data).filter(([key]) => !bridgeReadOnly.has(key))) as Bridge;
  if (settable.vlanFiltering === false) delete settable.vlanFiltering;
  const value = settable.multiBoolopt?.value;
  if (value === 0) delete settable.multiBoolopt;
  else if (value !== undefined) settable.multiBoolopt = { value, mask: value };
  return settable;
}

const renames: readonly (readonly [RegExp, string])[] = [
  [/^info\.data\.peer\.netnsFd$/, 'peer.netns'],
  [/^info\.data\.peer/, 'peer'],
  [/^info\.port/, 'port'],
  [/^info\.name$/, 'kind'],
  [/^info\./, ''],
  [/^info$/, 'kind'],
  [/^netnsFd$/, 'netns'],
];

/** From the path of an attribute in a link message to what callers call it. */
export function renameLinkPath(path: string): string {
  for (const [pattern, name] of renames) if (pattern.test(path)) return path.replace(pattern, name);
  return path;
}
