/** Networks that are a bridge: with the gateways' addresses, and a port for each endpoint, which is a veth. */
import { NetloomError, OutcomeUnknownError, TimeoutError } from '../../netlink/errors.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { ask, askAll, type Program, writeSysctl } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { newAddress } from '../../rtnl/address/message.ts';
import { addressWire } from '../../rtnl/address/spec.ts';
import { endpointOf } from '../find.ts';
import { derivedHardwareAddress } from '../name.ts';
import { networkError } from '../network-gone.ts';
import type { NetworkDefinition } from '../record.ts';
import { created, deleted, linkOf, setting } from '../requests.ts';
import { gatewaysOf } from '../subnet.ts';
import type { EndpointLinks, EndpointPlace, NetworkDriver } from './driver.ts';

const EEXIST = 17;

export const bridgeDriver: NetworkDriver = {
  networkLink({ name, mtu }) {
    // of its own: the kernel gives a bridge the least address of its ports otherwise, and neighbors' caches are wrong each time that changes
    return { kind: 'bridge', address: derivedHardwareAddress('network', name), ...(mtu === undefined ? {} : { mtu }) };
  },

  *completeNetwork(definition, index, subject) {
    const gateways = gatewaysOf(definition.subnets);
    // while its link-local address is on trial, a second or two, a router does not ask for neighbors, and drops what it should forward
    if (gateways.some(({ family }) => family === 'inet6'))
      yield* writeSysctl(`net.ipv6.conf.${definition.link.replaceAll('.', '/')}.accept_dad`, '0');
    yield* ask(setting({ index, up: true }, subject));
    yield* askAll(
      gateways.map(({ gateway, length, family }) => ({
        operation: newAddress,
        flags: NLM_F_CREATE | NLM_F_EXCL,
        value: { ...addressWire({ address: `${gateway}/${length}`, ...(family === 'inet6' ? { flags: ['nodad'] } : {}) }), index },
        expects: 'ack' as const,
        subject: `${gateway}/${length} on ${subject}`,
      })),
    );
  },

  makeLinks: pair,
};

/** One message for both ends: the host's a port of the bridge and up, the other under its final name in the namespace. */
function* pair(place: EndpointPlace): Program<EndpointLinks> {
  const { state, plan, link, target, subject, mac } = place;
  const mtu = mtuOf(state.definition);
  const making = created(
    {
      name: link,
      kind: 'veth',
      master: state.index,
      up: true,
      ...mtu,
      peer: { name: plan.ifname, address: mac, ...mtu, netnsFd: target.fd },
    },
    subject,
  );
  try {
    const host = yield* making;
    return { host, index: host.link! };
  } catch (error) {
    if (error instanceof OutcomeUnknownError || error instanceof TimeoutError) yield* withdrawn(link, subject);
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw yield* networkError(error, state);
  }
  yield* madeRoom(place);
  return yield* pair(place);
}

/** Clears away what a process that died has left of an endpoint. @throws NetloomError `EEXIST` when there is nothing of that sort in its place */
function* madeRoom({ state, plan, link, target, subject }: EndpointPlace): Program<void> {
  const present = yield* linkOf(link);
  if (present === undefined)
    throw new NetloomError(`ifname: link ${show(plan.ifname)} already exists in the ${target.describe}`, 'EEXIST', { errno: EEXIST });
  const endpoint = endpointOf(present);
  if (endpoint === undefined || endpoint.mark !== undefined)
    throw new NetloomError(`${subject} is attached to network ${show(state.definition.name)} already`, 'EEXIST', { errno: EEXIST });
  yield* deleted(present.index, subject);
}

/** Deletes what may have been made: the kernel's answer was lost. */
function* withdrawn(link: string, subject: string): Program<void> {
  const present = yield* linkOf(link);
  const endpoint = present === undefined ? undefined : endpointOf(present);
  if (endpoint !== undefined && endpoint.mark === undefined) yield* deleted(endpoint.wire.index, subject);
}

function mtuOf({ mtu }: NetworkDefinition): { mtu?: number } {
  return mtu === undefined ? {} : { mtu };
}
