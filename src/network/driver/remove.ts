/** Removes the links of endpoints, whatever driver made them: what is recorded tells how. */
import { closeSync, openSync } from 'node:fs';
import { NetloomError } from '../../netlink/errors.ts';
import { ask, holding, type Program, type SectionStep, scoped } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import type { OpenNamespace } from '../../netlink/sys/namespace.ts';
import type { LinkRead } from '../../rtnl/link/view.ts';
import { namespaceIdRequest } from '../../rtnl/netns-id/message.ts';
import type { FoundEndpoint } from '../find.ts';
import { innerLinkName, placeOf } from '../name.ts';
import { deleted, linkOf, linkOfAltName, naming, setting, unnaming } from '../requests.ts';
import { type EndpointRecordLink, isGivenDevice, restoreDevice } from './given-device.ts';
import { deletedInside, describedLink, isAt, takenByName, takenLink } from './inner-link.ts';
import { releaseLoopback } from './loopback-up.ts';
import { namespacePaths } from './namespaces.ts';

/** Removes the links of an endpoint, and gives back one that was given away. The one on the host goes last: as long as it is there, this can be done again. */
export function* removeLinks({ link, wire }: FoundEndpoint): Program<void> {
  const subject = `endpoint ${show(link)}`;
  const place = placeOf(link, wire.altNames);
  if (place?.was === 'lo') yield* loopbackLeft({ link, wire }, place.nsid, subject);
  else if (place?.was !== undefined) yield* givenBack({ link, wire }, { nsid: place.nsid, was: place.was }, subject);
  else if (place !== undefined) yield* deletedInside({ link, wire }, place.nsid, subject);
  yield* deleted(wire.index, subject);
}

/** @throws NetloomError `EXDEV` when the namespace that it is in cannot be found: its record stays, and with it the way to it */
function* loopbackLeft(record: EndpointRecordLink, nsid: number, subject: string): Program<void> {
  const altName = innerLinkName(record.link);
  const found = yield* inNamespaceWithId(nsid, function* (target) {
    yield* scoped(target, releaseLoopback(altName, subject));
    return true;
  });
  if (!found && (yield* isAt(record, nsid))) throw unreachable('lo', subject);
}

/**
 * A link that was there before comes back as it was. It may be back already: the kernel returns devices whose namespace goes.
 *
 * @throws NetloomError `EXDEV` as {@link loopbackLeft}; `EEXIST` when another link has its name by now
 */
function* givenBack(record: EndpointRecordLink, { nsid, was }: { nsid: number; was: string }, subject: string): Program<void> {
  const back = yield* takenByName(record.link);
  if (back !== undefined) return yield* restored(record, back, was, subject);
  if (yield* inNamespaceWithId(nsid, bringBackFromPlace)) return;
  // without the names that it was given, which somebody took from it
  const nameless = yield* describedLink(record);
  if (nameless !== undefined) return yield* restored(record, nameless, was, subject);
  // somebody may have taken it further
  const found = yield* inNamespaceWithId(undefined, bringBackIfOpen);
  if (!found && (yield* isAt(record, nsid))) throw unreachable(was, subject);

  function* bringBackFromPlace(target: OpenNamespace): Program<boolean> {
    return yield* bringBack(target, (yield* scoped(target, takenLink(record, true))) ?? (yield* scoped(target, describedLink(record))));
  }

  /** A namespace that is closed to this process is none that the link was taken to by somebody who could. */
  function* bringBackIfOpen(target: OpenNamespace): Program<boolean> {
    let away: LinkRead | undefined;
    try {
      away = yield* scoped(target, takenLink(record, false));
      if (away === undefined || !isGivenDevice(record, away)) away = yield* scoped(target, describedLink(record));
    } catch (error) {
      if (error instanceof NetloomError) return false;
      throw error;
    }
    return yield* bringBack(target, away);
  }

  function* bringBack(target: OpenNamespace, away: LinkRead | undefined): Program<boolean> {
    if (away === undefined) return false;
    const { index } = away;
    yield* refuseTaken(was, undefined, subject);
    yield* scoped(target, findable(record.link, away, subject));
    // the kernel would refuse the link for names that it has got meanwhile
    for (const altName of away.altNames ?? [])
      if (altName === was || (yield* linkOfAltName(altName)) !== undefined)
        yield* scoped(target, ask(unnaming({ index }, altName, subject)));
    const here: SectionStep = { op: 'section', run: () => openSync('/proc/thread-self/ns/net', 'r') };
    const fd = (yield here) as number;
    try {
      // one message: it is here under its name, or there
      yield* scoped(target, ask(setting({ index, name: was, netnsFd: fd }, subject)));
    } finally {
      closeSync(fd);
    }
    const moved = yield* takenByName(record.link);
    if (moved !== undefined) yield* restored(record, moved, was, subject);
    return true;
  }
}

function* restored(record: EndpointRecordLink, device: LinkRead, was: string, subject: string): Program<void> {
  const { index, name, altNames = [] } = device;
  if (name !== was) yield* refuseTaken(was, index, subject);
  yield* findable(record.link, device, subject);
  if (altNames.includes(was)) yield* ask(unnaming({ index }, was, subject));
  yield* restoreDevice(record, device, was, subject);
  yield* ask(unnaming({ index }, innerLinkName(record.link), subject));
}

/** It is not to be lost when it has its old name, and not all else: one that was not finished has no name but the one that it loses then. */
function* findable(link: string, { index, altNames = [] }: LinkRead, subject: string): Program<void> {
  const altName = innerLinkName(link);
  if (!altNames.includes(altName)) yield* ask(naming({ index }, altName, subject));
}

/** The kernel would move the link first, and refuse its name then. @param index of the link, if it is here */
function* refuseTaken(was: string, index: number | undefined, subject: string): Program<void> {
  const other = yield* linkOf(was);
  if (other === undefined || other.index === index) return;
  throw new NetloomError(
    `${subject}: its link was called ${show(was)}, and cannot be given back while another one has that name`,
    'EEXIST',
    {
      errno: 17,
    },
  );
}

function unreachable(was: string, subject: string): NetloomError {
  return new NetloomError(`${subject}: link ${show(was)} is in a namespace that no name, mount and process leads to`, 'EXDEV', {
    errno: 18,
  });
}

/**
 * Runs `body` with the namespace that has the id `nsid` in that of the program, if there is one that can be found; without one with each that can be found, until it says true.
 *
 * @returns whether it said so
 */
function* inNamespaceWithId(nsid: number | undefined, body: (target: OpenNamespace) => Program<boolean>): Program<boolean> {
  const look: SectionStep = { op: 'section', run: namespacePaths };
  for (const path of (yield look) as readonly string[]) {
    let opened = false;
    try {
      const found = yield* holding(path, 'netns', function* (target): Program<boolean> {
        opened = true;
        if (nsid === undefined) return yield* body(target!);
        const { nsid: id } = yield* ask(namespaceIdRequest(target!.fd, target!.describe));
        return id === nsid && (yield* body(target!));
      });
      if (found) return true;
    } catch (error) {
      // it went meanwhile, or is closed to this process: then it is not the one whose link was moved from here
      if (opened || !(error instanceof NetloomError)) throw error;
    }
  }
  return false;
}
