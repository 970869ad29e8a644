/** What callers say about links that shall be, its checks, and the message that says it to the kernel. */
import { parseHardwareAddress } from '../../netlink/address.ts';
import type { RawAttribute } from '../../netlink/attributes.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import type { NamespaceRef } from '../../netlink/sys/namespace.ts';
import { checkInterfaceName } from '../../netlink/text.ts';
import { IFF_UP } from './flags.ts';
import { infoOf, type LinkInfo } from './info.ts';
import {
  type LinkKindInputs,
  type LinkKinds,
  linkKindOf,
  linkKinds,
  type PairedKinds,
  type PortInfo,
  type PortKinds,
  portKindOf,
  portKinds,
} from './kinds.ts';
import type { Link } from './link.ts';
import type { LinkMessageInput } from './message.ts';
import { checkIndex, checkLinkName, type LinkRef } from './reference.ts';

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

/** Settings of a kind as `create` and `update` take them. */
export type LinkInput<K extends keyof LinkKinds> = K extends keyof LinkKindInputs ? LinkKindInputs[K] : LinkKinds[K];

/** What `create` takes for a link of one kind. */
export interface CreateLinkOfKind<K extends keyof LinkKinds> extends CreateLinkSettings {
  kind: K;
  /** Settings of the kind. */
  data?: LinkInput<K>;
}

/** What `create` takes for a link of a kind that comes in pairs: veth, netkit, … */
export interface CreatePairedLink<K extends keyof PairedKinds & keyof LinkKinds> extends CreateLinkOfKind<K> {
  /** The other end, or its name alone. Default: the kernel names it, `veth0`, `veth1`, … */
  peer?: string | VethPeer;
}

export interface CreateVeth extends CreatePairedLink<'veth'> {}
export interface CreateBridge extends CreateLinkOfKind<'bridge'> {}

type CreateKnownLink = {
  [K in keyof LinkKinds]: K extends keyof PairedKinds ? CreatePairedLink<K> : CreateLinkOfKind<K>;
}[keyof LinkKinds];

/** A link of a kind that netloom has no schema for. */
export interface CreateOtherLink extends CreateLinkSettings {
  kind: string;
  /** Payload of IFLA_INFO_DATA, byte for byte. */
  data?: Uint8Array;
}

/** What `create` takes; {@link Link} as well: what a list returned can be created again, its read-only members are ignored. */
export type CreateLink = CreateKnownLink | CreateOtherLink;

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
  data?: LinkInput<keyof LinkKinds> | Uint8Array;
  /** Settings of the port to change. */
  port?: { [K in keyof PortKinds]: { kind: K; data?: PortKinds[K] } }[keyof PortKinds] | { kind: string; data?: Uint8Array };
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
    if (linkKindOf(kind)?.paired !== true) throw new InputError('peer', `a ${kind} has no peer`, 'ERR_UNKNOWN_OPTION');
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
  return { ...info, port: infoOf(portKinds, port.kind, settablePort(port.kind, port.data)) as PortInfo } as LinkInfo;
}

/** Settings of a kind as a new link takes them: without what the kernel only reports. */
export function creatable(kind: string, data: object | undefined): object | undefined {
  const known = linkKindOf(kind);
  if (known === undefined || data === undefined || data instanceof Uint8Array) return data;
  const settable = without(data, known.readOnly);
  return known.creatable?.(settable) ?? settable;
}

/** Settings of a port as a change takes them: without what the kernel only reports. */
export function settablePort(kind: string, data: object | undefined): object | undefined {
  return data === undefined || data instanceof Uint8Array ? data : without(data, portKindOf(kind)?.readOnly);
}

function without(data: object, readOnly: ReadonlySet<string> | undefined): object {
  return readOnly === undefined ? data : Object.fromEntries(Object.entries(data).filter(([key]) => !readOnly.has(key)));
}

/** The members of a kind's settings that name links, and where those are looked up. */
export function linksIn(kind: string, data: object | undefined): { member: string; ref: LinkRef; where: 'below' | 'beside' }[] {
  const links = linkKindOf(kind)?.links;
  if (links === undefined || data === undefined || data instanceof Uint8Array) return [];
  return Object.entries(links).flatMap(([member, where]) => {
    const ref = (data as Record<string, LinkRef | undefined>)[member];
    // 0 stands for no link
    return ref === undefined || ref === 0 ? [] : [{ member, ref, where }];
  });
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
