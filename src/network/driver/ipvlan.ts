/** Endpoints that are an ipvlan each: on top of a link of the host's, with its hardware address, told apart by their addresses. */
import { checkParent, madeInside, parentIndex, recordDriver } from './record-links.ts';

export const ipvlanDriver = recordDriver(function* (place) {
  const { mode, mtu } = place.state.definition;
  const link = {
    kind: 'ipvlan',
    link: yield* parentIndex(place.state.definition),
    ...(mtu === undefined ? {} : { mtu }),
    data: { mode },
  };
  return { make: (name, nsid) => madeInside({ ...link, name }, place, nsid) };
}, checkParent);
