/** Ends the publishing of ports. Nothing of it needs the endpoint, its link or its namespace: what is published says whose it is. */
import type { Program } from '../../netlink/program.ts';
import { change } from '../../nft/change/change.ts';
import { isMissing } from '../../nft/missing.ts';
import { transaction } from '../../nft/transaction.ts';
import { isAbout, sweepTable } from '../rule-table.ts';
import { deletionOf } from './changes.ts';
import { type OwnedPort, selvesOf } from './element.ts';
import { publishedPorts } from './published.ts';
import { forgetTranslated } from './stale.ts';
import { portTable } from './table.ts';

/** What is removed meanwhile by others is looked for anew so many times. */
const attempts = 64;

/**
 * Removes the ports of the endpoint whose link on the host is, or was, called `link`: all, or those that `isMeant` says it of. Those that are gone already are no
 * error.
 *
 * @returns those that were removed
 */
export function* removePorts(link: string, isMeant: (port: OwnedPort) => boolean = () => true): Program<OwnedPort[]> {
  for (let attempt = 1; ; attempt++) {
    if (!(yield* isAbout(portTable(), link))) return [];
    const all = yield* publishedPorts();
    const own = all.filter((port) => port.link === link);
    const meant = own.filter(isMeant);
    const changes = deletionOf(meant);
    const removed = new Set(meant);
    // what several ports need goes with the last of them
    const needed = new Set(all.filter((port) => !removed.has(port)).map(({ address }) => address));
    const selves = selvesOf(meant.filter(({ address }) => !needed.has(address)));
    // made first, unless they are there: somebody may have taken some of them out
    changes.push(...selves.flatMap(({ set, keys }) => [change.elements.ensure(set, keys), change.elements.delete(set, keys)]));
    if (meant.length === own.length) changes.push(change.elements.delete(portTable().links, [link]));
    try {
      yield* transaction(changes);
    } catch (error) {
      if (!isMissing(error) || attempt >= attempts) throw error;
      continue;
    }
    yield* forgetTranslated(meant);
    if (meant.length === own.length) yield* sweepTable(portTable());
    return meant;
  }
}
