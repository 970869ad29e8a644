/** Creates links. Source: ip-link(8), "ip link add". */
import { InputError, NetloomError } from '../../netlink/errors.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { ask, askEach, holding, type Patience, type Program, scoped } from '../../netlink/program.ts';
import { settled, undoing } from '../undo.ts';
import { type Completion, checkedLater, completed, completedPeer, completions, type Later, type NewPort } from './complete.ts';
import { portWithIndexes, withIndexes } from './kind-settings.ts';
import { linkKindOf, portKindOf } from './kinds.ts';
import type { Link } from './link.ts';
import { type LinkToMake, makers } from './make-tun.ts';
import type { LinkMessageInput } from './message.ts';
import { deleteLink, newLink } from './operations.ts';
import { named } from './read.ts';
import { type LinkRef, linkRequest, masterError, resolveLinks } from './reference.ts';
import { settingsFromFlags, settingsOf } from './settings.ts';
import { type CreateLink, type CreateVeth, checkCreate, isListed, type LinkSettings, type PortSettings } from './spec.ts';
import { checkMade, checkSupport } from './support.ts';
import type { LinkRead } from './view.ts';
import { creatable, creatablePort, type ResolvedLink, renameLinkPath, wireOf } from './wire.ts';

/**
 * Creates a link: one RTM_NEWLINK, and where there is something that the kernel does not take with it (`alias`, `altNames`, `port`, …), a
 * second message; if that is refused the link is deleted again. Returns the link as the kernel made it.
 */
export function* create(spec: CreateLink | Link): Program<Link> {
  return yield* createWith(spec, makers[spec?.kind ?? '']);
}

/** Makes links of a kind that RTM_NEWLINK does not: returns the name of the link. */
type Maker = (link: LinkToMake) => Program<string>;

/** The same, by `make` where that is given. */
export function* createWith(spec: CreateLink | Link, make: Maker | undefined): Program<Link> {
  checkCreate(spec);
  const { peer } = spec as CreateVeth;
  const peerNetns = typeof peer === 'object' ? peer.netns : undefined;
  return yield* holding(spec.netns, 'netns', (target) =>
    holding(peerNetns, 'peer.netns', function* (peerTarget): Program<Link> {
      const below = belowOf(spec);
      const [link] = yield* resolveLinks(
        below.link === undefined ? [] : [{ ref: below.link, argument: 'link' }],
        below.linkNetnsid === undefined ? undefined : { targetNetnsid: below.linkNetnsid },
      );
      const settings = newSettings(spec);
      // what a listing shows, the kernel knows
      if (!isListed(spec)) yield* checkSupport({ ...(typeof peer === 'object' ? peer : {}), ...settings }, subjectOf(spec));
      // ports and their master are in one namespace: that of the new link
      const [master] = yield* scoped(target, resolveLinks(spec.master === undefined ? [] : [{ ref: spec.master, argument: 'master' }]));
      const resolved: ResolvedLink = {
        ...settings,
        kind: spec.kind,
        index: spec.index,
        data: creatable(spec.kind, yield* withIndexes(spec.kind, spec.data, target)),
        unknown: spec.unknown,
      };
      const { numTxQueues, numRxQueues, targetNetnsid } = spec;
      const { linkNetnsid } = below;
      const parentDevName = isListed(spec) && linkKindOf(spec.kind)?.ofDevice !== true ? undefined : spec.parentDevName;
      Object.assign(resolved, { link, linkNetnsid, master, numTxQueues, numRxQueues, parentDevName, netnsFd: target?.fd, targetNetnsid });
      const port = yield* scoped(target, portOf(spec));
      const { whileDown } = port?.port === undefined ? {} : (portKindOf(port.port.kind) ?? {});
      if (spec.up === true && whileDown !== true) resolved.up = true;
      if (peer !== undefined) resolved.peer = typeof peer === 'string' ? { name: peer } : peerOf(peer, peerTarget?.fd);
      const there: Scoped = (program) => scoped(target, program);
      const later: Later = { completions: completions(settings, spec.altNames ?? [], port) };
      if (targetNetnsid !== undefined && later.completions.length > 0)
        throw new InputError(
          'targetNetnsid',
          'what follows a creation (alias, altNames, inet, port, …) needs the namespace itself: give `netns`',
        );
      const peerLater = typeof peer === 'object' ? checkedLater(peer, (path) => `peer.${renameLinkPath(path)}`) : undefined;
      if (peerLater !== undefined) later.finish = (made) => scoped(peerTarget ?? target, completedPeer(made, peerLater));
      const body = function* (): Program<Link> {
        let made: LinkRead;
        try {
          made = make === undefined ? yield* createFrom(resolved, later, there) : yield* there(createBy(make, resolved, later));
        } catch (error) {
          throw yield* there(masterError(error, spec.master, 'master'));
        }
        if (!isListed(spec)) yield* there(supported(made, resolved));
        return yield* there(named(made, targetNetnsid === undefined ? undefined : { targetNetnsid }));
      };
      // a call that is given up while the names of a link that is there by now are looked up would leave it behind unannounced
      return yield* settled(body());
    }),
  );
}

/** Runs a program where the new link is. */
type Scoped = <T>(program: Program<T>) => Program<T>;

/** The settings of a link that is to be created. A listing has some of them as flags. */
function newSettings(spec: CreateLink | Link): LinkSettings {
  const settings = isListed(spec) ? { ...settingsFromFlags(spec.flags), ...settingsOf(spec) } : settingsOf(spec);
  // what a link without an address has, and a new one may not be given
  if (isListed(spec) && /^00(:00)*$/.test(settings.address ?? '')) delete settings.address;
  // a new link has no token, and one without neighbour discovery refuses even that
  if (settings.inet6?.token === '::') {
    const { token: _, ...inet6 } = settings.inet6;
    settings.inet6 = inet6;
  }
  return settings;
}

/** What is told to the port that the link becomes. */
function* portOf(spec: CreateLink | Link): Program<NewPort | undefined> {
  if (spec.port === undefined) return undefined;
  // a listing's is as it was written
  const wanted = (isListed(spec) ? creatablePort(spec.port) : spec.port) as PortSettings;
  const { kind, data } = (yield* portWithIndexes(wanted))!;
  const isTold = data instanceof Uint8Array || Object.values(data ?? {}).some((setting) => setting !== undefined);
  const whileDown = portKindOf(kind)?.whileDown === true && spec.up !== undefined;
  if (!isTold && !whileDown) return undefined;
  return { ...(isTold ? { port: { kind, data } } : { port: { kind } }), ...(whileDown ? { up: spec.up } : {}) } as NewPort;
}

/** The link below: a listing names one in another namespace by its index there. */
function belowOf(spec: CreateLink | Link): { link?: LinkRef | undefined; linkNetnsid?: number | undefined } {
  if (!isListed(spec)) return { link: spec.link, linkNetnsid: spec.linkNetnsid };
  // of a veth that is the other end
  if (spec.linkIndex === undefined) return {};
  return { link: spec.link ?? spec.linkIndex, linkNetnsid: spec.linkNetnsid };
}

function peerOf(peer: Exclude<CreateVeth['peer'], string | undefined>, netnsFd: number | undefined): ResolvedLink {
  return {
    ...(settingsOf(peer) as ResolvedLink),
    index: peer.index,
    numTxQueues: peer.numTxQueues,
    numRxQueues: peer.numRxQueues,
    netnsFd,
  };
}

/** How errors name a link that is to be created: `veth "v0"`. */
function subjectOf({ kind, name = '' }: { kind?: string | undefined; name?: string | undefined }): string {
  return `${kind} ${JSON.stringify(name)}`;
}

/** A link that is not what was asked for, because the kernel has passed over a setting that it does not know, is deleted again. */
function* supported(made: LinkRead, resolved: ResolvedLink): Program<void> {
  const { kind, data, targetNetnsid } = resolved;
  if (kind === undefined || data === undefined) return;
  const subject = subjectOf(resolved);
  // biome-ignore lint/correctness/useYield: what it looks at has been read
  const check = function* (): Program<void> {
    checkMade(kind, data, made, subject);
  };
  const value = { index: made.index, ...(targetNetnsid === undefined ? {} : { targetNetnsid }) };
  yield* undoing(check(), () => ask({ operation: deleteLink, flags: 0, value, expects: 'ack' as const, subject }, 'always'));
}

/** Creates the link and reads it back where it is; in the same datagram when that is possible. */
function* createFrom(resolved: ResolvedLink, later: Later, there: Scoped): Program<LinkRead> {
  const subject = subjectOf(resolved);
  const creation = { operation: newLink, flags: NLM_F_CREATE | NLM_F_EXCL, value: wireOf(resolved), subject, rename: renameLinkPath };
  const isWhole = later.completions.length === 0 && later.finish === undefined;
  // what may have to be undone must be known
  const patience: Patience | undefined = isWhole ? undefined : 'outcome';
  const { targetNetnsid } = resolved;
  let which: LinkMessageInput;
  if (resolved.index !== undefined) which = { index: resolved.index };
  else if (resolved.name !== undefined && !resolved.name.includes('%')) which = { name: resolved.name };
  else {
    if (resolved.netnsFd !== undefined || targetNetnsid !== undefined)
      throw new InputError('name', 'is needed, or an index, for a link that is created in another namespace');
    // the kernel chooses the name: its own notification says which
    const [made] = yield* ask({ ...creation, expects: 'echo' as const }, patience);
    if (made === undefined)
      throw new NetloomError(`RTM_NEWLINK ${subject}: this kernel does not say what it created; give a name`, 'ENOTSUP');
    return yield* completed({ index: made.index }, later, subject);
  }
  if (resolved.netnsFd !== undefined || !isWhole) {
    yield* ask({ ...creation, expects: 'ack' as const }, patience);
    return yield* there(completed(which, later, subject));
  }
  const [created, read] = yield* askEach([
    { ...creation, expects: 'ack' as const },
    linkRequest(which, subject, targetNetnsid === undefined ? undefined : { targetNetnsid }),
  ]);
  if (!created.ok) throw created.error;
  if (!read.ok) throw read.error;
  return read.value;
}

/** Creates a link of a kind that has its own way of being made, and sets what else is asked for. Runs where the link is. */
function* createBy(make: Maker, resolved: ResolvedLink, later: Later): Program<LinkRead> {
  const { kind, index, data, link, numTxQueues: _tx, numRxQueues: _rx, netnsFd: _netns, name: wanted, ...settings } = resolved;
  if (link !== undefined) throw new InputError('link', `a ${kind} has no link below`);
  if (settings.targetNetnsid !== undefined) throw new InputError('targetNetnsid', `a ${kind} needs the namespace itself: give \`netns\``);
  const name = yield* make({ name: wanted, index, data });
  const value = wireOf(settings);
  const first: Completion[] = Object.keys(value).length === 0 ? [] : [{ operation: newLink, flags: 0, value }];
  const subject = `${kind} ${JSON.stringify(name)}`;
  const body = completed({ name }, { ...later, completions: [...first, ...later.completions] }, subject);
  const undo = { operation: deleteLink, flags: 0, value: { name }, expects: 'ack' as const, subject };
  return yield* undoing(body, () => ask(undo, 'always'));
}
