/** A veth pair with both ends where they belong. Sources: veth(4), ip-link(8), include/uapi/linux/veth.h. */
import { InputError } from '../netlink/errors.ts';
import { checkBoolean, checkMembers, checkOptions, encodable, inArgument, memberNames } from '../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message.ts';
import type { Request } from '../netlink/operation.ts';
import { ask, askEach, type CallOptions, holding, type Program, scoped, within } from '../netlink/program.ts';
import { checkInteger } from '../netlink/scalar.ts';
import type { NamespaceRef, OpenNamespace } from '../netlink/sys/namespace.ts';
import { checkInterfaceName } from '../netlink/text.ts';
import { type Link, toLink } from '../rtnl/link/link.ts';
import { linkMessage } from '../rtnl/link/message.ts';
import { linkNames } from '../rtnl/link/names.ts';
import { deleteLink, newLink, readLink } from '../rtnl/link/operations.ts';
import { identify, type LinkRef, linkRequest, masterError, resolveLink } from '../rtnl/link/reference.ts';
import { checkPeerIndex } from '../rtnl/link/spec.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import { laterWireOf, type ResolvedLink, renameLinkPath, wireOf } from '../rtnl/link/wire.ts';
import { undoing } from '../rtnl/undo.ts';
import { checkEthernetAddress } from './ethernet.ts';

/** One end of a pair. What is left out is the kernel's default. */
export interface VethEnd {
  /** 1 to 15 bytes, free in its namespace. */
  name: string;
  /** Make it a port of this bridge, bond or VRF, in its own namespace. */
  master?: LinkRef;
  /** Set it up. Default: false. */
  up?: boolean;
  /** Largest packet, in bytes. */
  mtu?: number;
  /** Hardware address: `02:00:00:00:00:01`. Default: a random one. */
  address?: string;
  /** Index to take, instead of the next free one. The kernel takes that of the peer only when the near end is given one too. */
  index?: number;
  /** Free text of at most 255 bytes. */
  alias?: string;
  /** Group number; 0 is `default`. */
  group?: number;
  /** Packets. */
  txQueueLength?: number;
  /** Queues that packets leave by, 1 to 4096. Default: the driver's choice. Source: if_link.h (IFLA_NUM_TX_QUEUES). */
  numTxQueues?: number;
  /** Queues that packets come in by, 1 to 4096. Default: the driver's choice. Source: if_link.h (IFLA_NUM_RX_QUEUES). */
  numRxQueues?: number;
}

/** The far end: it may be in another namespace. */
export interface VethPairPeer extends VethEnd {
  /** Where to create it. Default: the namespace of the near end. */
  netns?: NamespaceRef;
}

export interface VethPairOptions extends VethEnd, CallOptions {
  /** Where to create the near end. Default: the namespace of the process. */
  netns?: NamespaceRef;
  /** The other end, and where it is to be. */
  peer: VethPairPeer;
}

/**
 * Both ends as the kernel made them, each as seen in its own namespace. Their `operState` settles later, when the kernel has seen the
 * carrier of both.
 */
export interface VethPair {
  /** The end that the options are about. */
  link: Link;
  /** The other end, as its namespace has it. */
  peer: Link;
}

/** RTM_NEWLINK, its announcement read for what a `Link` shows. */
const createLink = { ...newLink, reply: readLink.reply };

const endMembers = memberNames<VethEnd>({
  name: true,
  master: true,
  up: true,
  mtu: true,
  address: true,
  index: true,
  alias: true,
  group: true,
  txQueueLength: true,
  numTxQueues: true,
  numRxQueues: true,
});
const peerMembers: ReadonlySet<string> = new Set(['netns']);
const pairMembers: ReadonlySet<string> = new Set(['netns', 'peer']);

/**
 * Creates a veth pair: one RTM_NEWLINK makes both ends in their namespaces, the near one enslaved and up. A peer that shall
 * be up or enslaved takes a second message inside its namespace, and so does an end that shall have an alias, for the kernel
 * cannot create them so. If anything fails, the pair is gone again.
 *
 * @throws InputError naming the argument (`peer.name`), before anything is sent
 * @throws NotFoundError when a namespace or a master does not exist
 * @throws NetlinkError `EEXIST` when a name or the index of the near end is taken, `EBUSY` when that of the peer is
 * @throws PermissionError without CAP_NET_ADMIN over both namespaces
 */
export function* createVethPair(options: VethPairOptions): Program<VethPair> {
  checkOptions(options, 'options', endMembers, pairMembers);
  checkEnd(options);
  const { peer } = options;
  inArgument('peer', () => {
    checkMembers(peer, '', endMembers, peerMembers);
    checkEnd(peer);
  });
  if (options.master !== undefined) identify(options.master, 'master');
  if (peer.master !== undefined) identify(peer.master, 'peer.master');
  checkPeerIndex(options.index, peer.index);
  return yield* within(options.netns, 'netns', () => holding(peer.netns, 'peer.netns', (target) => create(options, peer, target)));
}

/** What the encoder would find too, but under the name of an attribute and after namespaces have been opened. */
function checkEnd(end: VethEnd): void {
  inArgument('name', () => checkInterfaceName(end.name));
  if (end.name.includes('%'))
    throw new InputError('name', `${JSON.stringify(end.name)}: a pair needs names that are known beforehand, without "%"`);
  checkBoolean(end.up, 'up');
  // it is sent when the pair is there already
  if (end.alias !== undefined) encodable(linkMessage, { alias: end.alias }, renameLinkPath);
  checkEthernetAddress(end.address, 'address');
  if (end.index !== undefined) inArgument('index', () => checkInteger(end.index, 1, 0x7fffffff));
  for (const member of ['mtu', 'group', 'txQueueLength', 'numTxQueues', 'numRxQueues'] as const) {
    if (end[member] !== undefined) inArgument(member, () => checkInteger(end[member], 0, 0xffffffff));
  }
}

function settingsOf(end: VethEnd): ResolvedLink {
  const { name, mtu, address, index, alias, group, txQueueLength, numTxQueues, numRxQueues } = end;
  return { name, mtu, address, index, alias, group, txQueueLength, numTxQueues, numRxQueues } as ResolvedLink;
}

function* create(near: VethPairOptions, far: VethPairPeer, target: OpenNamespace | undefined): Program<VethPair> {
  const master = near.master === undefined ? undefined : yield* resolveLink(near.master, 'master');
  const farMaster = far.master === undefined ? undefined : yield* scoped(target, resolveLink(far.master, 'peer.master'));

  const subject = `veth ${JSON.stringify(near.name)} with peer ${JSON.stringify(far.name)}`;
  const wire = wireOf({
    ...settingsOf(near),
    kind: 'veth',
    master,
    // absent unless asked for: a link is created down
    up: near.up === true ? true : undefined,
    peer: { ...settingsOf(far), netnsFd: target?.fd },
  });
  const creation: Request<LinkRead, 'echo'> = {
    operation: createLink,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    value: wire,
    expects: 'echo',
    subject,
    rename: renameLinkPath,
  };
  let announced: LinkRead | undefined;
  try {
    // its outcome must be known, or nobody knows what there is to undo
    announced = (yield* ask(creation, 'outcome')).find((made) => made.name === near.name);
  } catch (error) {
    throw yield* masterError(error, near.master, 'master');
  }
  const link = announced === undefined ? yield* readBack(near.name, subject) : announcedLink(announced, master);

  const undo = (): Program<unknown> =>
    ask({ operation: deleteLink, flags: 0, value: { index: link.index }, expects: 'ack', subject }, 'always');
  return yield* undoing(complete(link, near, far, farMaster, target), undo);
}

/**
 * The near end from the kernel's own announcement of it. Reading it back instead would make the kernel settle the carrier of a link
 * that has just come to be, within the call: a third of the whole cost. The announcement comes before the link is enslaved.
 */
function announcedLink(link: LinkRead, master: number | undefined): LinkRead {
  return master === undefined ? link : { ...link, master };
}

/** Kernels before 6.2 do not announce a new link to its maker. */
function* readBack(name: string, subject: string): Program<LinkRead> {
  try {
    return yield* ask(linkRequest({ name }, subject), 'always');
  } catch (error) {
    yield* ask({ operation: deleteLink, flags: 0, value: { name }, expects: 'ack' as const, subject }, 'always');
    throw error;
  }
}

/** Sets up the peer where it is, and reads it. */
function* complete(
  link: LinkRead,
  near: VethPairOptions,
  far: VethPairPeer,
  farMaster: number | undefined,
  target: OpenNamespace | undefined,
): Program<VethPair> {
  const aliased = near.alias === undefined || near.alias === '' ? link : yield* alias(link, near.alias);
  const subject = `veth peer ${JSON.stringify(far.name)}`;
  const finish = {
    master: farMaster,
    up: far.up === true ? true : undefined,
    alias: far.alias === '' ? undefined : far.alias,
  } as ResolvedLink;
  const reading = linkRequest({ name: far.name }, subject);
  let peer: LinkRead;
  if (finish.master === undefined && finish.up === undefined && finish.alias === undefined) peer = yield* scoped(target, ask(reading));
  else {
    const setting: Request<unknown, 'ack'> = {
      operation: newLink,
      flags: 0,
      // by name: its index is not known before it is read, and the name is ours
      value: { ...wireOf(finish), ...laterWireOf(finish), name: far.name },
      expects: 'ack',
      subject,
      rename: (path) => `peer.${renameLinkPath(path)}`,
    };
    const [set, read] = yield* scoped(target, askEach([setting, reading]));
    if (!set.ok) throw yield* scoped(target, masterError(set.error, far.master, 'peer.master'));
    if (!read.ok) throw read.error;
    peer = read.value;
  }
  return {
    link: toLink(aliased, yield* namesFor(link, near, peer)),
    peer: toLink(peer, yield* scoped(target, namesFor(peer, far, link))),
  };
}

/** rtnl_create_link() in net/core/rtnetlink.c passes over an alias: it takes a message of its own. */
function* alias(link: LinkRead, text: string): Program<LinkRead> {
  const subject = `veth ${JSON.stringify(link.name)}`;
  const setting: Request<unknown, 'ack'> = {
    operation: newLink,
    flags: 0,
    value: { index: link.index, alias: text },
    expects: 'ack',
    subject,
  };
  const [set, read] = yield* askEach([setting, linkRequest({ index: link.index }, subject)]);
  if (!set.ok) throw set.error;
  if (!read.ok) throw read.error;
  return read.value;
}

/** Names of the master and the other end. The kernel is asked only for a master that was given by index. */
function* namesFor(wire: LinkRead, end: VethEnd, other: LinkRead): Program<Map<number, string>> {
  const byName = typeof end.master === 'string';
  const names = wire.master === undefined || wire.master === 0 || byName ? new Map<number, string>() : yield* linkNames([wire.master]);
  if (byName && wire.master !== undefined) names.set(wire.master, end.master as string);
  if (wire.linkNetnsid === undefined && other.name !== undefined) names.set(other.index, other.name);
  return names;
}
