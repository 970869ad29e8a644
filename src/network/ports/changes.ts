/** Ports put into their maps, and taken out of them. */
import { type Change, change } from '../../nft/change/change.ts';
import type { NftSet } from '../../nft/set-definition.ts';
import type { EndpointKey } from '../record.ts';
import { allMaps, keyOf, type PortElement, portElements } from './element.ts';

/** One change a map: what fits goes in one message. */
function forEachMap(ports: readonly PortElement[], make: (map: NftSet, mine: readonly PortElement[]) => Change): Change[] {
  return allMaps().flatMap(({ family, any, map }) => {
    const mine = ports.filter((port) => port.family === family && (port.hostAddress === undefined) === any);
    return mine.length === 0 ? [] : [make(map, mine)];
  });
}

/** Fails with EEXIST if one of them is there. */
export function creationOf(ports: readonly PortElement[], key: EndpointKey): Change[] {
  return forEachMap(ports, (map, mine) => change.elements.create(map, portElements(mine, key)));
}

/** Fails with ENOENT if one of them is not there. */
export function deletionOf(ports: readonly PortElement[]): Change[] {
  return forEachMap(ports, (map, mine) => change.elements.delete(map, mine.map(keyOf)));
}
