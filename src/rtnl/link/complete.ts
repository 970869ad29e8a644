/** What follows the creation of a link before it is what was asked for: the kernel takes some settings only of a link that exists. */
import { encodable } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { ask, askAll, type Program } from '../../netlink/program.ts';
import { undoing } from '../undo.ts';
import { type LinkMessageInput, linkMessage } from './message.ts';
import { deleteLink, type LinkOperation, newLink, newLinkProperties } from './operations.ts';
import { describeLink, linkRequest } from './reference.ts';
import type { LinkSettings } from './spec.ts';
import type { LinkRead } from './view.ts';
import { laterWireOf, type ResolvedLink, renameLinkPath, wireOf } from './wire.ts';

/** Tells the other end of a new link what it is not told with its creation, where it is. */
export function* completedPeer(made: LinkRead, wire: LinkMessageInput): Program<void> {
  const subject = `peer of ${describeLink(made.index)}`;
  const rename = (path: string): string => `peer.${renameLinkPath(path)}`;
  yield* ask({ operation: newLink, flags: 0, value: { index: made.link!, ...wire }, expects: 'ack' as const, subject, rename });
}

/** What follows the creation of a link before it is what was asked for. */
export interface Later {
  readonly completions: readonly Completion[];
  finish?: (made: LinkRead) => Program<void>;
}

export interface Completion {
  readonly operation: LinkOperation;
  readonly flags: number;
  readonly value: LinkMessageInput;
}

/** What a new link is told as the port that it has become. */
export interface NewPort extends Pick<ResolvedLink, 'port' | 'master' | 'up'> {}

/** What must follow a creation is encoded before it, too: bad input is told before anything is sent. @throws InputError */
export function checkedLater(settings: LinkSettings, rename: (path: string) => string, port?: NewPort): LinkMessageInput | undefined {
  let wire = laterWireOf(settings);
  if (port !== undefined) wire = { ...wire, ...wireOf(port) };
  if (wire !== undefined) encodable(linkMessage, wire, rename);
  return wire;
}

/** What the kernel does not take, or ignores, while it creates a link. */
export function completions(settings: LinkSettings, altNames: readonly string[], port?: NewPort): Completion[] {
  const list: Completion[] = [];
  const later = checkedLater(settings, (path) => renameLinkPath(path), port);
  if (later !== undefined) list.push({ operation: newLink, flags: 0, value: later });
  if (altNames.length > 0)
    list.push({ operation: newLinkProperties, flags: NLM_F_CREATE | NLM_F_EXCL, value: { altNames: [...altNames] } });
  return list;
}

/** Reads the new link when it is what was asked for. All or nothing: what must follow a creation undoes it when it fails. */
export function* completed(which: LinkMessageInput, later: Later, subject: string): Program<LinkRead> {
  const { completions, finish } = later;
  const reading = ask(linkRequest(which, subject));
  if (completions.length === 0 && finish === undefined) return yield* reading;
  const changes = completions.map(({ operation, flags, value }) => ({
    operation,
    flags,
    value: { ...which, ...value },
    expects: 'ack' as const,
    subject,
    rename: renameLinkPath,
  }));
  const body = function* (): Program<LinkRead> {
    yield* askAll(changes);
    const made = yield* reading;
    if (finish !== undefined) yield* finish(made);
    return made;
  };
  return yield* undoing(body(), () => ask({ operation: deleteLink, flags: 0, value: which, expects: 'ack' as const, subject }, 'always'));
}
