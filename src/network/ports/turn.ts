/**
 * That no port is published at any address and at a single one at once, whoever publishes the two at the same time. They are in different maps, so the kernel has to be given a reason to refuse
 * the second of them:
 *
 * - Whoever publishes at an address makes the port in the map of any address and deletes it again, in the same transaction: that is refused where it is there.
 * - Whoever publishes at any address has read the maps of single ones, and takes the number in the set `turn` out and puts it back: that is refused when anybody has published at an address since,
 *   and with that replaced it.
 *
 * So those who publish at any address are not in each other's way, and neither are the others.
 */
import type { Program } from '../../netlink/program.ts';
import { type Change, change } from '../../nft/change/change.ts';
import { elementPrograms } from '../../nft/elements.ts';
import type { EndpointKey } from '../record.ts';
import { unlessMissing } from '../rule-table.ts';
import { creationOf, deletionOf } from './changes.ts';
import type { PortElement } from './element.ts';
import { turnSet } from './table.ts';

/** The number of the moment; undefined: there is no table. To be read before the maps are. */
export function* readTurn(): Program<number | undefined> {
  const [element] = yield* unlessMissing(elementPrograms.list(turnSet()), []);
  return element?.key as number | undefined;
}

/**
 * What goes before the publishing of ports, in its transaction.
 *
 * @param turn as it was read; undefined: the transaction makes the table
 */
export function takingTurn(turn: number | undefined, ports: readonly PortElement[], key: EndpointKey): Change[] {
  const single = ports.filter(({ hostAddress }) => hostAddress !== undefined);
  const changes: Change[] = [];
  if (turn !== undefined && single.length < ports.length) changes.push(change.elements.delete(turnSet(), [turn]));
  if (turn !== undefined && single.length === 0) changes.push(change.elements.create(turnSet(), [turn]));
  if (single.length > 0) changes.push(change.elements.flush(turnSet()), change.elements.create(turnSet(), [someNumber()]));
  return [...changes, ...creationOf(anywhere(single), key), ...deletionOf(anywhere(single))];
}

/** The same ports at any address, each once. */
function anywhere(ports: readonly PortElement[]): PortElement[] {
  return [...new Map(ports.map(({ hostAddress: _, ...port }) => [`${port.family} ${port.protocol} ${port.hostPort}`, port])).values()];
}

/** Another one than anybody has read lately. */
function someNumber(): number {
  return process.getBuiltinModule('node:crypto').randomBytes(4).readUInt32LE();
}
