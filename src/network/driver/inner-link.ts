/**
 * The link of an endpoint in its namespace, where the host has nothing but a record of it. It is told by the alternative name that netloom gave it. Where somebody has taken that away, which whoever is
 * root in the namespace can, one that was given away is told by its permanent hardware address, or the device that it is of. Nothing else tells it: the kernel gives ids of namespaces, their inodes and
 * indices of links to others as soon as they are free.
 */
import { ask, askEach, type Program } from '../../netlink/program.ts';
import { RTEXT_FILTER_SKIP_STATS } from '../../rtnl/link/message.ts';
import { deleteLink, readLink } from '../../rtnl/link/operations.ts';
import { linkRequest } from '../../rtnl/link/reference.ts';
import type { LinkRead } from '../../rtnl/link/view.ts';
import { innerLinkName, placeOf, unfinishedLinkName } from '../name.ts';
import { parseEndpoint } from '../record.ts';
import { linkOf } from '../requests.ts';
import { type EndpointRecordLink, isDescribed, isRecognizable } from './given-device.ts';

/** The link in the namespace, from the host: of a finished endpoint that has nothing but a record there. Absent: it is gone, or its namespace is. */
export function* innerLink(record: EndpointRecordLink): Program<LinkRead | undefined> {
  const place = placeOf(record.link, record.wire.altNames);
  if (place === undefined) return undefined;
  return (yield* linkAt(record.link, { name: innerLinkName(record.link) }, place.nsid)) ?? (yield* linkByIndex(record, place.nsid));
}

/** Whether nothing is left of an endpoint but its record: its namespace is gone, and its link with it. */
export function* isGone(record: EndpointRecordLink): Program<boolean> {
  return placeOf(record.link, record.wire.altNames) !== undefined && (yield* innerLink(record)) === undefined;
}

/** Whether there is a link of an endpoint, finished or not, in the namespace with the id `nsid`. */
export function* isAt(record: EndpointRecordLink, nsid: number): Program<boolean> {
  const { link } = record;
  return (yield* innerLink(record)) !== undefined || (yield* linkAt(link, { name: unfinishedLinkName(link) }, nsid)) !== undefined;
}

/** Deletes a link in another namespace, from this one: whether it was finished or not. */
export function* deletedInside(record: EndpointRecordLink, nsid: number, subject: string): Program<void> {
  const deletion = (which: { name: string } | { index: number }) => ({
    operation: deleteLink,
    flags: 0,
    value: { ...which, targetNetnsid: nsid },
    expects: 'ack' as const,
    subject,
  });
  const outcomes = yield* askEach(
    [innerLinkName, unfinishedLinkName].map((nameOf) => deletion({ name: nameOf(record.link) })),
    'always',
  );
  for (const outcome of outcomes) if (!outcome.ok && !isMissing(outcome.error)) throw outcome.error;
  if (outcomes.some(({ ok }) => ok)) return;
  const nameless = yield* linkByIndex(record, nsid);
  if (nameless === undefined) return;
  const [outcome] = yield* askEach([deletion({ index: nameless.index })], 'always');
  if (!outcome!.ok && !isMissing(outcome!.error)) throw outcome!.error;
}

/**
 * A link that was there before, where the program is: finished or not.
 *
 * @param isItsPlace whether that is the namespace that the record says
 */
export function* takenLink(record: EndpointRecordLink, isItsPlace: boolean): Program<LinkRead | undefined> {
  const named = yield* takenByName(record.link);
  if (named !== undefined || !isItsPlace) return named;
  const index = parseEndpoint(record.wire.alias)?.index;
  if (index === undefined) return undefined;
  const [indexed] = yield* askEach([linkRequest({ index }, `link of ${record.link}`)]);
  if (!indexed.ok && !isMissing(indexed.error)) throw indexed.error;
  return indexed.ok && isDescribed(record, indexed.value) === true ? indexed.value : undefined;
}

/** The same, by its names alone. */
export function* takenByName(link: string): Program<LinkRead | undefined> {
  return (yield* linkOf(innerLinkName(link))) ?? (yield* linkOf(unfinishedLinkName(link)));
}

/** A link that was there before, where the program is, by what no namespace can change of it. */
export function* describedLink(record: EndpointRecordLink): Program<LinkRead | undefined> {
  if (!isRecognizable(record)) return undefined;
  const links = yield* ask({
    operation: readLink,
    flags: 0,
    value: { extMask: RTEXT_FILTER_SKIP_STATS },
    expects: 'dump' as const,
    subject: 'links',
  });
  return links.find((link) => isDescribed(record, link) === true);
}

/** Where its alternative name is gone: what has the index that was recorded, if it is by its marks what was recorded. */
function* linkByIndex(record: EndpointRecordLink, nsid: number): Program<LinkRead | undefined> {
  const index = parseEndpoint(record.wire.alias)?.index;
  const found = index === undefined ? undefined : yield* linkAt(record.link, { index }, nsid);
  return found !== undefined && isDescribed(record, found) === true ? found : undefined;
}

function* linkAt(link: string, which: { name: string } | { index: number }, nsid: number): Program<LinkRead | undefined> {
  const [found] = yield* askEach([linkRequest(which, `link of ${link}`, { targetNetnsid: nsid })]);
  if (found.ok) return found.value;
  if (isMissing(found.error)) return undefined;
  throw found.error;
}

/** ENODEV: there is no such link. EINVAL: no namespace has the id any more. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENODEV' || code === 'EINVAL';
}
