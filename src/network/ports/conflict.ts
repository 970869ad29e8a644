/** Host ports that are taken. */
import { NetloomError } from '../../netlink/errors.ts';
import { askEach, type Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { isMissing } from '../../nft/absent.ts';
import { getElements } from '../../nft/element.ts';
import { describeSet, setKey } from '../../nft/set-definition.ts';
import { elementLayout, elementsFromWire, elementsToWire } from '../../nft/set-elements.ts';
import { keyOf, mapOf, type OwnedPort, type PortElement, portOf } from './element.ts';
import { publishedPorts } from './published.ts';

const EADDRINUSE = 98;

/**
 * A port that is in the way of one of these: the same one; or where one is published at any address, another at one of them.
 *
 * @returns which, and what is in its way; undefined: nothing
 */
export function* conflictOf(ports: readonly PortElement[]): Program<{ readonly port: PortElement; readonly taken: OwnedPort } | undefined> {
  // what the port is published as itself, and as at any address
  const asked = ports.flatMap((port) => {
    if (port.hostAddress === undefined) return [{ port, as: port }];
    const { hostAddress: _, ...any } = port;
    return [
      { port, as: port },
      { port, as: any },
    ];
  });
  const outcomes = yield* askEach(
    asked.map(({ as }) => {
      const set = mapOf(as);
      const { family, table, name } = setKey(set);
      return {
        operation: getElements,
        flags: 0,
        value: { family: family!, table: table!, set: name!, elements: elementsToWire(elementLayout(set), [keyOf(as)]) },
        expects: 'reply' as const,
        subject: `elements of ${describeSet(set)}`,
      };
    }),
  );
  for (const [i, outcome] of outcomes.entries()) {
    const { port, as } = asked[i]!;
    if (!outcome.ok) {
      if (!isMissing(outcome.error)) throw outcome.error;
      continue;
    }
    const [element] = elementsFromWire(elementLayout(mapOf(as)), outcome.value.elements ?? []);
    const taken = element === undefined ? undefined : portOf(as.family, element);
    if (taken !== undefined) return { port, taken };
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

/** `EADDRINUSE`, naming whose it is. */
export function portTaken(argument: string, { protocol, hostPort }: PortElement, taken: OwnedPort | undefined): NetloomError {
  const at = taken?.hostAddress === undefined ? '' : ` at ${taken.hostAddress}`;
  const whose =
    taken === undefined
      ? 'is published by somebody else'
      : `is published${at} for endpoint ${show(taken.ifname)} of ${show(taken.owner)}, network ${show(taken.network)}`;
  return new NetloomError(`${argument}.hostPort: port ${hostPort} of ${protocol} ${whose}`, 'EADDRINUSE', { errno: EADDRINUSE });
}
