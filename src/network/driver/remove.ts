/** Removes the links of endpoints, whatever driver made them: what is recorded tells how. */
import { closeSync, openSync } from 'node:fs';
import { ask, askAll, holding, type Program, type SectionStep, scoped } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import type { OpenNamespace } from '../../netlink/sys/namespace.ts';
import { deleteLink } from '../../rtnl/link/operations.ts';
import { linkRequest } from '../../rtnl/link/reference.ts';
import type { LinkRead } from '../../rtnl/link/view.ts';
import { namespaceIdRequest } from '../../rtnl/netns-id/message.ts';
import type { FoundEndpoint } from '../find.ts';
import { innerLinkName, placeOf } from '../name.ts';
import { deleted, linkOf, setting, unnaming } from '../requests.ts';
import { namespacePaths } from './namespaces.ts';

/** Removes the links of an endpoint, and gives back one that was given away. The one on the host goes last: as long as it is there, this can be done again. */
export function* removeLinks({ link, wire }: FoundEndpoint): Program<void> {
  const subject = `endpoint ${show(link)}`;
  const place = placeOf(link, wire.altNames);
  if (place?.was !== undefined) yield* givenBack(innerLinkName(link), place.nsid, place.was, subject);
  else if (place !== undefined) yield* deletedInside(innerLinkName(link), place.nsid, subject);
  yield* deleted(wire.index, subject);
}

/** The link in the namespace, of an endpoint that has nothing but a record on the host. Absent: it is gone, or its namespace is. */
export function* innerLink({ link, wire }: Pick<FoundEndpoint, 'link' | 'wire'>): Program<LinkRead | undefined> {
  const place = placeOf(link, wire.altNames);
  if (place === undefined) return undefined;
  try {
    return yield* ask(linkRequest({ name: innerLinkName(link) }, `link of ${link}`, { targetNetnsid: place.nsid }));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether nothing is left of an endpoint but its record: its namespace is gone, and its link with it. */
export function* isGone(endpoint: Pick<FoundEndpoint, 'link' | 'wire'>): Program<boolean> {
  return placeOf(endpoint.link, endpoint.wire.altNames) !== undefined && (yield* innerLink(endpoint)) === undefined;
}

/** ENODEV: there is no such link. EINVAL: no namespace has the id any more. */
function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENODEV' || code === 'EINVAL';
}

/** Deletes a link in another namespace, from this one. */
function* deletedInside(name: string, nsid: number, subject: string): Program<void> {
  try {
    yield* ask({ operation: deleteLink, flags: 0, value: { name, targetNetnsid: nsid }, expects: 'ack' as const, subject }, 'always');
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** The link `lo` was there before and stays; any other comes back under the name it had. It may be back already: the kernel returns devices whose namespace goes. */
function* givenBack(name: string, nsid: number, was: string, subject: string): Program<void> {
  const back = was === 'lo' ? undefined : yield* linkOf(name);
  if (back !== undefined) {
    yield* restored(back, name, was, subject);
    return;
  }
  yield* inNamespaceWithId(nsid, function* (target) {
    const away = yield* scoped(target, linkOf(name));
    if (away === undefined) return;
    if (was === 'lo') {
      yield* scoped(target, askAll([setting({ index: away.index, up: false }, subject), unnaming({ index: away.index }, name, subject)]));
      return;
    }
    const here: SectionStep = { op: 'section', run: () => openSync('/proc/thread-self/ns/net', 'r') };
    const fd = (yield here) as number;
    try {
      // one message: it is here under its name, or there
      yield* scoped(target, ask(setting({ index: away.index, name: was, netnsFd: fd }, subject)));
    } finally {
      closeSync(fd);
    }
    const moved = yield* linkOf(name);
    if (moved !== undefined) yield* restored(moved, name, was, subject);
  });
}

function* restored(link: LinkRead, name: string, was: string, subject: string): Program<void> {
  const { index } = link;
  if (link.name !== was) yield* askAll([setting({ index, up: false }, subject), setting({ index, name: was }, subject)]);
  if (link.altNames?.includes(name)) yield* ask(unnaming({ index }, name, subject));
}

/** Runs `body` with the namespace that has the id `nsid` in that of the program, if there is one that can be found: by its name, or by a process in it. */
function* inNamespaceWithId(nsid: number, body: (target: OpenNamespace) => Program<void>): Program<void> {
  const look: SectionStep = { op: 'section', run: namespacePaths };
  for (const path of (yield look) as readonly string[]) {
    const found = yield* holding(path, 'netns', function* (target): Program<boolean> {
      const { nsid: id } = yield* ask(namespaceIdRequest(target!.fd, target!.describe));
      if (id !== nsid) return false;
      yield* body(target!);
      return true;
    });
    if (found) return;
  }
}
