/**
 * What endpoints that are gone have left in tables of rules. The kernel removes the links of a namespace with it, and nobody the rules; and then the next endpoint has
 * their name, or their address.
 */
import { askEach, type Program } from '../netlink/program.ts';
import { generationRequest } from '../nft/generation.ts';
import { isMissing } from '../nft/missing.ts';
import { hostEnd } from './find.ts';
import { ifUnlocked } from './lock.ts';
import { lockName } from './name.ts';
import { removeGuard } from './policy/guard.ts';
import { guardedAs, guardTable } from './policy/guard-table.ts';
import { publishedPorts } from './ports/published.ts';
import { portTable, selfSet } from './ports/table.ts';
import { removePorts } from './ports/unpublish.ts';
import { elementRequest, sweepTable, tableRequest } from './rule-table.ts';
import type { NetworkState } from './state.ts';

/**
 * Clears away what is there of an endpoint that shall be: under the name of its link, and with its addresses. While the ruleset is the one that had neither of the tables
 * when they were looked for last, nothing is.
 */
export function* clearLeftovers(state: NetworkState, link: string, addresses: readonly string[]): Program<void> {
  const guarded = guardedAs(state.definition);
  const [now] = yield* askEach([generationRequest]);
  if (now.ok && now.value.id !== undefined && now.value.id === state.withoutTables) return;
  const [portTableRead, guardTableRead, ports, guards, ...selves] = yield* askEach([
    tableRequest(portTable()),
    tableRequest(guardTable(guarded)),
    elementRequest(portTable().links, link),
    elementRequest(guardTable(guarded).links, link),
    ...addresses.map((address) => elementRequest(selfSet(address.includes(':') ? 'inet6' : 'inet'), [address, address])),
  ]);
  // the generation was read before the tables: if one came and went in between, the ruleset is another one by now
  const noTables = [portTableRead, guardTableRead].every((outcome) => !outcome.ok && isMissing(outcome.error));
  state.withoutTables = now.ok && noTables ? now.value.id : undefined;
  for (const outcome of [ports, guards, ...selves]) if (!outcome.ok && !isMissing(outcome.error)) throw outcome.error;
  if (ports.ok) yield* removePorts(link);
  if (guards.ok) yield* removeGuard(guarded, link);
  if (!selves.some(({ ok }) => ok)) return;
  const others = (yield* publishedPorts()).filter((port) => port.link !== link && addresses.includes(port.address));
  for (const other of new Set(others.map((port) => port.link))) {
    yield* ifUnlocked(lockName(other), function* (): Program<void> {
      if ((yield* hostEnd(other)) === undefined) yield* removePorts(other);
    });
  }
}

/** Deletes the tables that hold nothing any more: whoever took the last thing out of them may have died before they were gone. */
export function* sweepTables(): Program<void> {
  for (const table of [portTable(), guardTable('port'), guardTable('veth')]) yield* sweepTable(table);
}
