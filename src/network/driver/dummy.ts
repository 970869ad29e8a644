/** Endpoints that are a dummy each: a link that takes whatever is sent, and to which addresses can be given. */
import { madeInside, recordDriver } from './record-links.ts';

export const dummyDriver = recordDriver(function* (place) {
  const { state, mac } = place;
  const { mtu } = state.definition;
  const link = { kind: 'dummy', address: mac, ...(mtu === undefined ? {} : { mtu }) };
  return { make: (name, nsid) => madeInside({ ...link, name }, place, nsid) };
});
