/** What callers say about links that shall be, its checks, and the message that says it to the kernel. */
import type { RawAttribute } from '../../netlink/attributes.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import type { NamespaceRef } from '../../netlink/sys/namespace.ts';
import { checkInterfaceName } from '../../netlink/text.ts';
import { infoOf, type LinkInfo } from './info.ts';
import {
  type LinkKindInputs,
  type LinkKinds,
  linkKindOf,
  linkKinds,
  type PairedKinds,
  type PortInfo,
  type PortKindInputs,
  type PortKinds,
  portKindOf,
  portKinds,
} from './kinds.ts';
import type { Link } from './link.ts';
import type { LinkMessageInput } from './message.ts';
import { checkIndex, checkLinkName, type LinkRef } from './reference.ts';
import {
  checkExisting,
  checkSettings,
  type ExistingLinkSettings,
  existingMembers,
  type LinkSettings,
  renameSetting,
  settingMembers,
  writeLaterSettings,
  writeSettings,
} from './settings.ts';

export type { ExistingLinkSettings, LinkSettings } from './settings.ts';

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
  /** The same by the id that the client's namespace has for it (ip-netns(8), "list-id"). */
  targetNetnsid?: number;
  /** Link below, in the namespace of the client, or in that of `linkNetnsid`. */
  link?: LinkRef;
  /** Id, in the namespace of the client, of the namespace that `link` is in (ip-netns(8), "list-id"). */
  linkNetnsid?: number;
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

/** Settings of a kind of port as `update` takes them. */
export type PortInput<K extends keyof PortKinds> = K extends keyof PortKindInputs ? PortKindInputs[K] : PortKinds[K];

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
export interface UpdateLink extends LinkSettings, ExistingLinkSettings, CallOptions {
  /** Set it up or down. */
  up?: boolean;
  /** Make it a port of this link; `null` releases it. */
  master?: LinkRef | null;
  /** Move it to this namespace. It loses its addresses, routes and master there, and is down. */
  netns?: NamespaceRef;
  /** The same by the id that the client's namespace has for it (ip-netns(8), "list-id"). */
  targetNetnsid?: number;
  /** Index to take there; by default it keeps its own, where that is free. */
  newIndex?: number;
  /** Kind of the link; needed to say what `data` is, and asked for when left out. */
  kind?: string;
  /** Settings of the kind to change. */
  data?: LinkInput<keyof LinkKinds> | Uint8Array;
  /** Settings of the port to change. */
  port?: { [K in keyof PortKinds]: { kind: K; data?: PortInput<K> } }[keyof PortKinds] | { kind: string; data?: Uint8Array };
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

const createMembers = memberNames<Omit<CreateVeth, keyof LinkSettings | keyof CallOptions>>({
  kind: true,
  up: true,
  master: true,
  netns: true,
  targetNetnsid: true,
  link: true,
  linkNetnsid: true,
  index: true,
  numTxQueues: true,
  numRxQueues: true,
  altNames: true,
  unknown: true,
  data: true,
  peer: true,
});

const peerMembers = memberNames<Omit<VethPeer, keyof LinkSettings>>({ index: true, netns: true, numTxQueues: true, numRxQueues: true });

const updateMembers = memberNames<Omit<UpdateLink, keyof LinkSettings | keyof ExistingLinkSettings | keyof CallOptions>>({
  up: true,
  master: true,
  netns: true,
  targetNetnsid: true,
  newIndex: true,
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
  carrierChanges: true,
  type: true,
  masterIndex: true,
  linkIndex: true,
  peerIndex: true,
  qdisc: true,
  minMtu: true,
  maxMtu: true,
  promiscuity: true,
  allMulticastUsers: true,
  permanentAddress: true,
  physPortId: true,
  physPortName: true,
  physSwitchId: true,
  parentDevName: true,
  parentDevBusName: true,
  tsoMaxSize: true,
  tsoMaxSegs: true,
  headroom: true,
  tailroom: true,
  netnsImmutable: true,
  xdp: true,
  vfs: true,
  port: true,
  stats: true,
});

/** Whether `spec` came from a listing: those alone have flags. */
export function isListed(spec: object): spec is Link {
  return typeof spec === 'object' && spec !== null && 'flags' in spec;
}

function checkNetnsid(spec: { targetNetnsid?: number; netns?: NamespaceRef }): void {
  if (spec.targetNetnsid === undefined) return;
  inArgument('targetNetnsid', () => checkInteger(spec.targetNetnsid, 0, 0x7fffffff));
  if (spec.netns !== undefined) throw new InputError('targetNetnsid', 'and `netns` both say where the link is to be');
}

/** @throws InputError naming the member of `spec` that is wrong */
export function checkCreate(spec: CreateLink | Link): asserts spec is CreateLink {
  const listed = isListed(spec);
  // what a listing shows is passed over; said by itself it would be lost in silence
  if (listed) checkOptions(spec, 'spec', settingMembers, createMembers, readOnly);
  else checkOptions(spec, 'spec', settingMembers, createMembers);
  checkNetnsid(spec as CreateLink);
  if (!listed && spec.linkNetnsid !== undefined) inArgument('linkNetnsid', () => checkInteger(spec.linkNetnsid, 0, 0x7fffffff));
  const { kind, altNames } = spec;
  if (typeof kind !== 'string' || kind === '')
    throw new InputError('kind', `expected the kind of link to create, got ${show(kind)}`, 'ERR_INVALID_ARG_TYPE');
  const { peer } = spec as CreateVeth;
  if (peer !== undefined) {
    if (linkKindOf(kind)?.paired !== true) throw new InputError('peer', `a ${kind} has no peer`, 'ERR_UNKNOWN_OPTION');
    if (typeof peer === 'string') inArgument('peer', () => checkInterfaceName(peer));
    else {
      inArgument('peer', () => {
        checkOptions(peer, '', settingMembers, peerMembers);
        checkSettings(peer);
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
  checkSettings(spec);
}

/** veth_newlink() in drivers/net/veth.c passes over the index of the peer otherwise. @throws InputError naming `peer.index` */
export function checkPeerIndex(index: number | undefined, peerIndex: number | undefined): void {
  if (peerIndex !== undefined && index === undefined)
    throw new InputError('peer.index', 'the kernel takes it only together with an `index` of the near end');
}

/** @throws InputError naming the member of `changes` that is wrong */
export function checkUpdate(changes: UpdateLink): void {
  checkOptions(changes, 'changes', settingMembers, existingMembers, updateMembers);
  checkSettings(changes);
  checkExisting(changes);
  checkNetnsid(changes);
  if (changes.newIndex !== undefined) checkIndex(changes.newIndex, 'newIndex');
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
  /** Id of the namespace that the link is to be in. */
  targetNetnsid?: number | undefined;
  linkNetnsid?: number | undefined;
  newIndex?: number | undefined;
  numTxQueues?: number | undefined;
  numRxQueues?: number | undefined;
  /** Data of the kind: the schema's input, or bytes. */
  data?: object | undefined;
  /** The other end of a veth. */
  peer?: ResolvedLink | undefined;
  port?: { kind: string; data?: object } | undefined;
  unknown?: RawAttribute[] | undefined;
}

const resolvedMembers = ['master', 'link', 'netnsFd', 'targetNetnsid', 'linkNetnsid', 'newIndex', 'numTxQueues', 'numRxQueues'] as const;

/** The body of an RTM_NEWLINK that says what `spec` says, and nothing else. What a new link is not told is left to {@link laterWireOf}. */
export function wireOf(spec: ResolvedLink): LinkMessageInput {
  const wire: LinkMessageInput = {};
  if (spec.index !== undefined) wire.index = spec.index;
  writeSettings(wire, spec);
  for (const member of resolvedMembers) {
    const value = spec[member];
    if (value !== undefined) Object.assign(wire, { [member]: value });
  }
  const info = infoFor(spec);
  if (info !== undefined) wire.info = info;
  if (spec.unknown !== undefined) wire.unknown = spec.unknown;
  return wire;
}

/** The body of an RTM_NEWLINK with the settings that the kernel ignores or refuses while it creates a link; undefined when there are none. */
export function laterWireOf(spec: LinkSettings & ExistingLinkSettings): LinkMessageInput | undefined {
  const wire: LinkMessageInput = {};
  return writeLaterSettings(wire, spec) ? wire : undefined;
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
  return renameSetting(path);
}
