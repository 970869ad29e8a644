/**
 * What endpoints that are gone have left in tables of rules. The kernel removes the links of a namespace with it, and nobody the rules; and then the next endpoint has
 * their name, or their address.
 */
import { askEach, type Program } from '../netlink/program.ts';
import { isMissing } from '../nft/missing.ts';
import { ifUnlocked } from './lock.ts';
import { lockName } from './name.ts';
import { removeGuard } from './policy/guard.ts';
import { guardTable } from './policy/guard-table.ts';
import { publishedPorts } from './ports/published.ts';
import { portTable, selfSet } from './ports/table.ts';
import { removePorts } from './ports/unpublish.ts';
import { linkOf } from './requests.ts';
import { elementRequest } from './rule-table.ts';

/** Clears away what is there of an endpoint that shall be: under the name of its link, and with its addresses. */
export function* clearLeftovers(link: string, addresses: readonly string[]): Program<void> {
  const [ports, guards, ...selves] = yield* askEach([
    elementRequest(portTable().links, link),
    elementRequest(guardTable().links, link),
    ...addresses.map((address) => elementRequest(selfSet(address.includes(':') ? 'inet6' : 'inet'), [address, address])),
  ]);
  for (const outcome of [ports, guards, ...selves]) if (!outcome.ok && !isMissing(outcome.error)) throw outcome.error;
  if (ports.ok) yield* removePorts(link);
  if (guards.ok) yield* removeGuard(link);
  if (!selves.some(({ ok }) => ok)) return;
  const others = (yield* publishedPorts()).filter((port) => port.link !== link && addresses.includes(port.address));
  for (const other of new Set(others.map((port) => port.link))) {
    yield* ifUnlocked(lockName(other), function* (): Program<void> {
      if ((yield* linkOf(other)) === undefined) yield* removePorts(other);
    });
  }
}
