/** Endpoints that are a macvlan each: on top of a link of the host's, with a hardware address of their own. What they send does not reach the host itself. */
import { checkParent, madeInside, parentIndex, recordDriver } from './record-links.ts';

export const macvlanDriver = recordDriver(function* (place) {
  const { state, mac } = place;
  const { mode, mtu } = state.definition;
  const link = {
    kind: 'macvlan',
    link: yield* parentIndex(state.definition),
    address: mac,
    ...(mtu === undefined ? {} : { mtu }),
    data: { mode },
  };
  return { make: (name, nsid) => madeInside({ ...link, name }, place, nsid) };
}, checkParent);
