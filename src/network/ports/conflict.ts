/** Host ports that are taken. */
import { NetloomError } from '../../netlink/errors.ts';
import { askEach, type Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { isMissing } from '../../nft/missing.ts';
import { elementLayout, elementsFromWire } from '../../nft/set-elements.ts';
import { elementRequest } from '../rule-table.ts';
import { keyOf, mapOf, type OwnedPort, type PortElement, portOf } from './element.ts';
import { publishedPorts } from './published.ts';

const EADDRINUSE = 98;

/** A port, and what is in its way. */
export interface PortConflict {
  readonly port: PortElement;
  readonly taken: OwnedPort;
}

/**
 * What is in the way of ports: the same ones; or where one is published at any address, another at one of them. A port that leads where it shall, for the same endpoint, is
 * not in the way.
 *
 * @param link that of the endpoint
 * @param present takes those that are published just so
 */
export function* conflictOf(ports: readonly PortElement[], link: string, present: PortElement[] = []): Program<PortConflict | undefined> {
  // what the port is published as itself, and as at any address
  const asked = ports.flatMap((port) => {
    if (port.hostAddress === undefined) return [{ port, as: port }];
    const { hostAddress: _, ...any } = port;
    return [
      { port, as: port },
      { port, as: any },
    ];
  });
  const found = yield* asked.length > few ? amongAll(asked.map(({ as }) => as)) : each(asked.map(({ as }) => as));
  for (const [i, taken] of found.entries()) {
    const { port, as } = asked[i]!;
    if (taken === undefined) continue;
    if (as !== port || taken.link !== link || taken.address !== port.address || taken.port !== port.port) return { port, taken };
    present.push(port);
  }
  if (ports.every(({ hostAddress }) => hostAddress !== undefined)) return undefined;
  const nameOf = ({ family, protocol, hostPort }: PortElement): string => `${family} ${protocol} ${hostPort}`;
  const anywhere = new Map(ports.filter(({ hostAddress }) => hostAddress === undefined).map((port) => [nameOf(port), port]));
  for (const taken of yield* publishedPorts({ any: false })) {
    const port = anywhere.get(nameOf(taken));
    if (port !== undefined) return { port, taken };
  }
  return undefined;
}

/** Up to so many ports are asked for one by one; for more than that the maps are read. */
const few = 256;

function* each(ports: readonly PortElement[]): Program<(OwnedPort | undefined)[]> {
  const outcomes = yield* askEach(ports.map((port) => elementRequest(mapOf(port), keyOf(port))));
  return outcomes.map((outcome, i) => {
    if (!outcome.ok) {
      if (!isMissing(outcome.error)) throw outcome.error;
      return undefined;
    }
    const { family } = ports[i]!;
    const [element] = elementsFromWire(elementLayout(mapOf(ports[i]!)), outcome.value.elements ?? []);
    return element === undefined ? undefined : portOf(family, element);
  });
}

function* amongAll(ports: readonly PortElement[]): Program<(OwnedPort | undefined)[]> {
  const nameOf = ({ family, protocol, hostAddress = '', hostPort }: PortElement): string =>
    `${family} ${protocol} ${hostAddress} ${hostPort}`;
  const all = new Map((yield* publishedPorts()).map((port) => [nameOf(port), port]));
  return ports.map((port) => all.get(nameOf(port)));
}

/** `EADDRINUSE`, naming whose it is. */
export function portTaken(argument: string, { protocol, hostPort }: PortElement, taken: OwnedPort | undefined): NetloomError {
  const at = taken?.hostAddress === undefined ? '' : ` at ${taken.hostAddress}`;
  const whose =
    taken === undefined
      ? 'is published by somebody else'
      : `is published${at} for endpoint ${show(taken.ifname)} of ${show(taken.owner)}, network ${show(taken.network)}`;
  return new NetloomError(`${argument}.hostPort: port ${hostPort} of ${protocol} ${whose}`, 'EADDRINUSE', { errno: EADDRINUSE });
}
