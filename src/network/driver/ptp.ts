/** Endpoints that are a veth each, whose end on the host is no port of anything: the host has the gateways' addresses on each of them, and routes to it what is for its addresses. */
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import type { Request } from '../../netlink/operation.ts';
import { ask, askAll, type Program, writeSysctl } from '../../netlink/program.ts';
import { newAddress } from '../../rtnl/address/message.ts';
import { addressWire } from '../../rtnl/address/spec.ts';
import { newRoute, type RouteMessageInput } from '../../rtnl/route/message.ts';
import { planRoute, type RouteSpec } from '../../rtnl/route/spec.ts';
import { undoing } from '../../rtnl/undo.ts';
import { endpointsAddress } from '../name.ts';
import { createdWith, deleted, setting } from '../requests.ts';
import { gatewaysOf } from '../subnet.ts';
import type { EndpointLinks, EndpointPlace, NetworkDriver } from './driver.ts';
import { recordOfNetwork } from './record-links.ts';
import { madeRoom } from './room.ts';

export const ptpDriver: NetworkDriver = {
  networkLink: recordOfNetwork,
  makeLinks: pair,
  // the kernel's own route would have the whole subnet on the link, and nobody but the host is
  addressFlags: ['noprefixroute'],
  routes({ definition }, addresses, index) {
    return gatewaysOf(definition.subnets).flatMap(({ gateway, family }, i) => {
      const source = addresses[i]!;
      const { subnet } = definition.subnets[i]!;
      const host = { to: gateway, source, ...(family === 'inet' ? { scope: 'link' as const } : {}) };
      return [host, { to: subnet, via: gateway, source }].map((route) => wireTo(index, route));
    });
  },
  *completeEndpoint({ state, host, addresses, subject }) {
    const { index } = host;
    const requests: Request<unknown, 'ack'>[] = [];
    for (const [i, { gateway, family }] of gatewaysOf(state.definition.subnets).entries()) {
      const length = family === 'inet' ? 32 : 128;
      const nodad = family === 'inet' ? {} : { flags: ['nodad' as const] };
      const address = { ...addressWire({ address: `${gateway}/${length}`, ...nodad }), index };
      const route = wireTo(index, { to: addresses[i]!, ...(family === 'inet' ? { scope: 'host' as const } : {}) });
      requests.push({ operation: newAddress, ...creating, value: address, subject: `${gateway} for ${subject}` });
      requests.push({ operation: newRoute, ...creating, value: route, subject: `${addresses[i]} to ${subject}` });
    }
    yield* askAll(requests);
  },
};

const creating = { flags: NLM_F_CREATE | NLM_F_EXCL, expects: 'ack' } as const;

function wireTo(index: number, route: RouteSpec): RouteMessageInput {
  return { ...planRoute({ ...route, devIndex: 1 }).wire, oif: index };
}

function* pair(place: EndpointPlace): Program<EndpointLinks> {
  const { state, plan, link, target, subject, mac } = place;
  const { name, mtu, subnets } = state.definition;
  const size = mtu === undefined ? {} : { mtu };
  const peer = { name: plan.ifname, address: mac, ...size, netnsFd: target.fd };
  const [made] = yield* createdWith({ name: link, kind: 'veth', address: endpointsAddress(name), ...size, peer }, [], subject);
  if (!made.ok) {
    yield* madeRoom(place, made.error);
    return yield* pair(place);
  }
  const host = made.value;
  return yield* undoing(raised(), () => deleted(host.index, subject));

  function* raised(): Program<EndpointLinks> {
    // as with a bridge: a router whose link-local address is on trial asks for no neighbors
    if (subnets.some(({ family }) => family === 'inet6')) yield* writeSysctl(`net.ipv6.conf.${link}.accept_dad`, '0');
    yield* ask(setting({ index: host.index, up: true }, subject));
    return { host, index: host.link! };
  }
}
