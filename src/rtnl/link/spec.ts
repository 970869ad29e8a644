/** What callers say about links that shall be, its checks, and the message that says it to the kernel. */
import type { AttributeSet, RawAttribute } from '../../netlink/attributes.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkMembers, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import type { NamespaceRef } from '../../netlink/sys/namespace.ts';
import { checkInterfaceName } from '../../netlink/text.ts';
import type { BondInput } from './kind/bond.ts';
import type { LinkKind } from './kind.ts';
import {
  type LinkKindInputs,
  type LinkKinds,
  linkKindOf,
  type PairedKinds,
  type PortKindInputs,
  type PortKinds,
  portKindOf,
} from './kinds.ts';
import { checkLimits } from './limits.ts';
import type { Link, LinkPort } from './link.ts';
import { checkIndex, checkLinkName, type LinkRef } from './reference.ts';
import { checkExisting, checkSettings, type ExistingLinkSettings, existingMembers, type LinkSettings, settingMembers } from './settings.ts';

export type { ExistingLinkSettings, LinkSettings } from './settings.ts';

/** The other end of a veth that is created. */
export interface VethPeer extends LinkSettings {
  /** Index to take, instead of the next free one. The kernel takes it only when the link itself is given one too. */
  index?: number;
  /** Namespace to create it in; by default that of the link. */
  netns?: NamespaceRef;
  /** Queues that packets leave by, 1 to 4096. Default: the driver's choice. */
  numTxQueues?: number;
  /** Queues that packets come in by, 1 to 4096. Default: the driver's choice. */
  numRxQueues?: number;
}

/** Settings of a port, with the kind of its master. */
export type PortSettings =
  | {
      [K in keyof PortKinds]: {
        /** Kind of the master: it decides on `data`. */
        kind: K;
        /** Settings of the port; those that are left out have the defaults of the kind. Source: ip-link(8), "bridge_slave", "bond_slave", "vrf_slave". */
        data?: PortInput<K>;
      };
    }[keyof PortKinds]
  | {
      /** Kind of the master, of which netloom has no schema for ports. */
      kind: string;
      /** Payload of IFLA_INFO_SLAVE_DATA, byte for byte. */
      data?: Uint8Array;
    };

/** What `create` takes for a link of any kind. */
export interface CreateLinkSettings extends LinkSettings, CallOptions {
  /** Set it up. A new link is down otherwise. */
  up?: boolean;
  /** Bridge, bond or VRF to make it a port of, in the namespace of the new link. */
  master?: LinkRef;
  /** Settings of the port that it becomes, with `master`. The kernel takes them of a port only: they follow the creation. */
  port?: PortSettings;
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
  /** Queues that packets leave by, 1 to 4096. Default: the driver's choice. Source: if_link.h (IFLA_NUM_TX_QUEUES). */
  numTxQueues?: number;
  /** Queues that packets come in by, 1 to 4096. Default: the driver's choice. Source: if_link.h (IFLA_NUM_RX_QUEUES). */
  numRxQueues?: number;
  /** Device that the link shall belong to: of a wwan, which needs it, the modem. Other kinds have none. */
  parentDevName?: string;
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
  /** What to create: it decides on `data`. Source: ip-link(8). */
  kind: K;
  /** Settings of the kind. Bytes are taken as well, for a `kind` that is typed as `string`. */
  data?: LinkInput<K>;
}

/** What `create` takes for a link of a kind that comes in pairs: veth, netkit, … */
export interface CreatePairedLink<K extends keyof PairedKinds & keyof LinkKinds> extends CreateLinkOfKind<K> {
  /** The other end, or its name alone. Default: the kernel names it, `veth0`, `veth1`, … */
  peer?: string | VethPeer;
}

export interface CreateVeth extends CreatePairedLink<'veth'> {}
export interface CreateBridge extends CreateLinkOfKind<'bridge'> {}

/** A link of a kind that netloom has a schema for: `kind` decides what `data` may hold. */
export type CreateKnownLink = {
  [K in keyof LinkKinds]: K extends keyof PairedKinds ? CreatePairedLink<K> : CreateLinkOfKind<K>;
}[keyof LinkKinds];

/** A link of a kind that netloom has no schema for. */
export interface CreateOtherLink extends CreateLinkSettings {
  /** Name of a kind that netloom has no schema for. */
  kind: string;
  /** Payload of IFLA_INFO_DATA, byte for byte. */
  data?: Uint8Array;
}

/** What `create` takes; {@link Link} as well: what a list returned can be created again, its read-only members are ignored. */
export type CreateLink = CreateKnownLink | CreateOtherLink;

/**
 * What `create` takes for the kind that is named: of one that netloom has a schema for, its settings and no others', so that the compiler can say what they are. Where the
 * kind is known at run time only, or comes with what a listing returned, that of any kind.
 */
export type CreateLinkOf<K extends string> = K extends keyof PairedKinds & keyof LinkKinds
  ? CreatePairedLink<K>
  : K extends keyof LinkKinds
    ? CreateLinkOfKind<K>
    : string extends K
      ? CreateLink | Link
      : CreateOtherLink;

/** What `update` takes for a link of one kind. */
export interface UpdateLinkOfKind<K extends keyof LinkKinds> extends UpdateLinkSettings {
  /** Kind of the link: it decides on `data`. */
  kind: K;
  /** Settings of the kind to change. */
  data?: LinkInput<K>;
}

/** What `update` takes for the kind that is named; without one, or where it is known at run time only, that of any. */
export type UpdateLinkOf<K extends string> = K extends keyof LinkKinds ? UpdateLinkOfKind<K> : UpdateLink;

/** What `update` takes for a link of any kind. What is left out stays as it is. */
export interface UpdateLinkSettings extends LinkSettings, ExistingLinkSettings, CallOptions {
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
  /** Settings of the port to change. */
  port?: PortSettings;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** What `update` takes. What is left out stays as it is. */
export interface UpdateLink extends UpdateLinkSettings {
  /** Kind of the link; needed to say what `data` is, and asked for when left out. */
  kind?: string;
  /** Settings of the kind to change. */
  data?: LinkInput<keyof LinkKinds> | Uint8Array;
}

const createMembers = memberNames<Omit<CreateVeth, keyof LinkSettings | keyof CallOptions>>({
  kind: true,
  up: true,
  master: true,
  port: true,
  netns: true,
  targetNetnsid: true,
  link: true,
  linkNetnsid: true,
  index: true,
  numTxQueues: true,
  numRxQueues: true,
  parentDevName: true,
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
  carrierUpCount: true,
  carrierDownCount: true,
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
  parentDevBusName: true,
  tsoMaxSize: true,
  tsoMaxSegs: true,
  headroom: true,
  tailroom: true,
  netnsImmutable: true,
  newNetnsid: true,
  newIndex: true,
  xdp: true,
  vfs: true,
  xstats: true,
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
  try {
    // what a listing shows is passed over; said by itself it would be lost in silence
    if (listed) checkOptions(spec, 'spec', settingMembers, createMembers, readOnly);
    else checkOptions(spec, 'spec', settingMembers, createMembers);
  } catch (error) {
    throw misplaced(error, spec?.kind) ?? error;
  }
  checkNetnsid(spec as CreateLink);
  if (!listed && spec.linkNetnsid !== undefined) inArgument('linkNetnsid', () => checkInteger(spec.linkNetnsid, 0, 0x7fffffff));
  const { kind, altNames } = spec;
  if (typeof kind !== 'string' || kind === '')
    throw new InputError('kind', `expected the kind of link to create, got ${show(kind)}`, 'ERR_INVALID_ARG_TYPE');
  const known = linkKindOf(kind);
  if (!listed && spec.parentDevName !== undefined && known !== undefined && known.ofDevice !== true)
    throw new InputError('parentDevName', `a ${kind} belongs to no device`, 'ERR_UNKNOWN_OPTION');
  const { peer } = spec as CreateVeth;
  if (peer !== undefined) {
    if (known?.paired !== true) throw new InputError('peer', `a ${kind} has no peer`, 'ERR_UNKNOWN_OPTION');
    if (typeof peer === 'string') inArgument('peer', () => checkInterfaceName(peer));
    else {
      inArgument('peer', () => {
        checkMembers(peer, '', settingMembers, peerMembers);
        checkSettings(peer);
        for (const member of ['numTxQueues', 'numRxQueues'] as const)
          if (peer[member] !== undefined) inArgument(member, () => checkInteger(peer[member], 1, maxQueues));
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
  for (const member of ['numTxQueues', 'numRxQueues'] as const)
    if (spec[member] !== undefined) inArgument(member, () => checkInteger(spec[member], 1, maxQueues));
  checkSettings(spec);
  checkData(kind, spec.data);
  checkPort(spec.port);
  if (spec.port?.data !== undefined && spec.master === undefined)
    throw new InputError('port', 'a link without `master` is no port, and has no settings of one');
  if (!listed && kind === 'bond' && (spec.data as BondInput | undefined)?.activeSlave)
    throw new InputError('data.activeSlave', 'a new bond has no ports yet: say it with `update` when it has');
}

/** The error for a setting of the kind that is not in `data`, as ip(8) has them all in one line. */
function misplaced(error: unknown, kind: unknown): InputError | undefined {
  if (!(error instanceof InputError) || error.code !== 'ERR_UNKNOWN_OPTION' || typeof kind !== 'string') return undefined;
  const { declarations = {} } = (linkKindOf(kind)?.data ?? {}) as Partial<Pick<AttributeSet<object>, 'declarations'>>;
  if (!Object.hasOwn(declarations, error.argument)) return undefined;
  return new InputError(error.argument, `is a setting of the kind ${kind}: say it in \`data\``, 'ERR_UNKNOWN_OPTION');
}

/** rtnl_create_link() in net/core/rtnetlink.c. */
const maxQueues = 4096;

function checkPort(port: PortSettings | LinkPort | undefined): void {
  if (port === undefined) return;
  checkMembers(port, 'port', portMembers);
  if (typeof port.kind !== 'string' || port.kind === '')
    throw new InputError('port.kind', `expected the kind of the master, got ${show(port.kind)}`, 'ERR_INVALID_ARG_TYPE');
  checkPortData(port.kind, port.data);
}

const portMembers: ReadonlySet<string> = new Set(['kind', 'data']);

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
  if (changes.kind !== undefined) checkData(changes.kind, changes.data);
  checkPort(changes.port);
  if (changes.newIndex !== undefined) checkIndex(changes.newIndex, 'newIndex');
}

/** @throws InputError naming the member of a kind's settings that the kernel does not take; what is of another type is left to the encoder */
export function checkData(kind: string, data: object | undefined): void {
  checkSettingsOfKind(linkKindOf(kind), data, 'data');
}

/** The same of a port. */
export function checkPortData(kind: string, data: object | undefined): void {
  checkSettingsOfKind(portKindOf(kind), data, 'port.data');
}

function checkSettingsOfKind(known: Pick<LinkKind, 'limits' | 'check'> | undefined, data: object | undefined, argument: string): void {
  if (known === undefined || typeof data !== 'object' || data === null || data instanceof Uint8Array) return;
  inArgument(argument, () => {
    if (known.limits !== undefined) checkLimits(data, known.limits);
    known.check?.(data);
  });
}
