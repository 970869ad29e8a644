/** Endpoints that are a VLAN on top of a link of the host's. A link carries a VLAN once in each namespace. */
import { checkParent, madeInside, parentIndex, recordDriver } from './record-links.ts';

export const vlanDriver = recordDriver(function* (place) {
  const { state, plan } = place;
  const { vlanId, mtu } = state.definition;
  const link = {
    kind: 'vlan',
    link: yield* parentIndex(state.definition),
    // by default that of the link below
    ...(plan.mac === undefined ? {} : { address: plan.mac }),
    ...(mtu === undefined ? {} : { mtu }),
    data: { id: vlanId },
  };
  return { make: (name, nsid) => madeInside({ ...link, name }, place, nsid) };
}, checkParent);
