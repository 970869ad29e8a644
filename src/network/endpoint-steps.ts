/**
 * What makes an endpoint of two links, one step after the other. A step that leaves anything which does not go with the links says how it is removed.
 */
import { extended } from '../netlink/extended.ts';
import { askEach, type Program, scoped } from '../netlink/program.ts';
import { linkRequest } from '../rtnl/link/reference.ts';
import { Failures } from '../rtnl/undo.ts';
import { ifbName, limitEndpoint, unlimitEndpoint } from './bandwidth/limits.ts';
import { claimedAddresses, claimRest } from './claim.ts';
import { configureInside } from './configure.ts';
import { removeFor, writeFor } from './dns/step.ts';
import type { Attaching } from './driver/driver.ts';
import { driverOf } from './driver/index.ts';
import { traitsOf } from './driver/traits.ts';
import { clearLeftovers } from './leftovers.ts';
import { enterEndpoint } from './mend.ts';
import { networkGone } from './network-gone.ts';
import { guard, isolatePort, removeGuard } from './policy/guard.ts';
import { type Guarded, guardedAs } from './policy/guard-table.ts';
import { forgetLink } from './policy/links-table.ts';
import { targetsOf } from './ports/options.ts';
import { publish, wayTo } from './ports/publish.ts';
import { removePorts } from './ports/unpublish.ts';
import { formatEndpoint } from './record.ts';
import { setting } from './requests.ts';

/** An endpoint that goes: whole, half made, or half removed. */
export interface Detaching {
  /** Name of the link on the host. It is the one thing that is always known, so what a step leaves has to be found by it. */
  readonly link: string;
  /** Name of the namespace whose resolv.conf was written for it; false: none was. Absent: nobody knows any more. */
  readonly resolvConf?: string | false;
  /** Its network; absent: it is not known. */
  readonly network?: string;
  /** What it may be guarded as; absent: that is not known either. */
  readonly guarded?: Guarded;
}

export interface EndpointStep {
  /** Does it. What it refuses makes the whole attach fail, and be undone. */
  attach(endpoint: Attaching): Program<void>;
  /**
   * Removes what `attach` leaves besides what goes with the links, whether or not it came to that: it is called for endpoints that are half made, and again for what was half
   * removed. The namespace may be gone. The links are still there.
   */
  detach?(endpoint: Detaching): Program<void>;
}

/** The addresses, claimed for the link on the host. */
const claiming: EndpointStep = {
  *attach({ state, claim, host, subject, addresses }) {
    yield* claimRest(state, claim, host.index, subject);
    addresses.push(...claimedAddresses(claim));
  },
};

/** Room for it: what others have left, who had its name or its addresses. */
const clearing: EndpointStep = {
  *attach({ state, link, addresses }) {
    yield* clearLeftovers(state, link, addresses);
  },
};

/** What it may send, and to whom: before its link is up. */
const policing: EndpointStep = {
  *attach({ state, host, link, mac, addresses, subject }) {
    const { definition } = state;
    if (definition.isolatePorts && traitsOf(definition).host === 'port') yield* isolatePort(host.index, subject);
    yield* enterEndpoint(state, link);
    if (definition.spoofCheck) yield* guard(guardedAs(definition), link, mac, addresses);
  },
  *detach({ link, network, guarded }) {
    for (const each of guarded === undefined ? (['port', 'veth'] as const) : [guarded]) yield* removeGuard(each, link);
    if (network !== undefined && guarded !== 'port') yield* forgetLink(network, link);
  },
};

/** What the link in the namespace needs. */
const configuring: EndpointStep = {
  *attach({ state, plan, target, index, addresses, gateways }) {
    const { addressFlags = [], routes } = driverOf(state.definition);
    const needed = { addressFlags, routes: routes?.(state, addresses, index) ?? [] };
    gateways.push(...(yield* scoped(target, configureInside(plan, index, addresses, needed))));
  },
};

/** What the link on the host needs. */
const completing: EndpointStep = {
  *attach(endpoint) {
    const { completeEndpoint } = driverOf(endpoint.state.definition);
    if (completeEndpoint !== undefined) yield* completeEndpoint(endpoint);
  },
};

/** Its ports, published. */
const publishing: EndpointStep = {
  *attach({ key, plan, state, host, link, addresses, published }) {
    published.push(
      ...(yield* publish({
        key,
        plans: plan.ports,
        targets: targetsOf(addresses),
        ...wayTo(state, { index: host.index, name: link }),
      })),
    );
  },
  *detach({ link }) {
    yield* removePorts(link);
  },
};

/** How much it may send and get. */
const limiting: EndpointStep = {
  *attach({ plan: { bandwidth }, host, link, subject }) {
    if (bandwidth.ingress !== undefined || bandwidth.egress !== undefined) yield* limitEndpoint(link, host.index, bandwidth, subject);
  },
  *detach({ link }) {
    yield* unlimitEndpoint(link);
  },
};

/** The names it looks up, for programs that are run in its namespace. */
const resolving: EndpointStep = {
  attach: writeFor,
  *detach({ link, resolvConf }) {
    if (resolvConf !== false) yield* removeFor(link, resolvConf);
  },
};

/** In this order; removed in the reverse one. The record comes after all of them: it is what makes an endpoint of it. */
export const endpointSteps: readonly EndpointStep[] = [
  claiming,
  clearing,
  policing,
  limiting,
  configuring,
  completing,
  resolving,
  publishing,
];

/** Records the endpoint. Reading the link makes recent kernels settle its carrier, and the port then carries packets at once. */
export function* recordEndpoint({
  state,
  plan,
  key,
  link,
  target,
  host,
  index,
  netnsid,
  mac,
  subject,
}: Attaching): Program<{ mtu: number; mac: string; operational: boolean }> {
  const isPort = traitsOf(state.definition).host === 'port';
  const isLimited = plan.bandwidth.ingress !== undefined || plan.bandwidth.egress !== undefined;
  const [marked, read, stale, network] = yield* askEach([
    setting({ index: host.index, alias: formatEndpoint({ netns: target.id, ...key }, netnsid === undefined ? undefined : index) }, subject),
    netnsid === undefined ? linkRequest({ index: host.index }, subject) : linkRequest({ index }, subject, { targetNetnsid: netnsid }),
    // of limits that one of this name had, which is gone and has left them
    extended(linkRequest({ name: ifbName(link) }, subject), { mayFail: true }),
    // whoever deletes it takes its record away, and looks for endpoints then: this one is there by now, or is told here
    linkRequest({ index: state.index }, subject),
  ]);
  if (stale.ok && !isLimited) yield* unlimitEndpoint(link);
  if (!marked.ok) throw marked.error;
  if (!read.ok) throw read.error;
  if (!network.ok || network.value.alias === undefined || (isPort && read.value.master !== state.index)) throw networkGone(state);
  const { mtu = 0, operState, address = mac } = read.value;
  return netnsid === undefined ? { mtu, mac, operational: operState === 'up' } : { mtu, mac: address, operational: true };
}

/** Removes what the steps have left, all of it though some of that fails. @throws what failed, an AggregateError when it is several */
export function* detachSteps(endpoint: Detaching): Program<void> {
  const failures = new Failures();
  for (const { detach } of endpointSteps.toReversed()) if (detach !== undefined) yield* failures.collecting(() => detach(endpoint));
  failures.throwIfAny();
}
