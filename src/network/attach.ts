/** Attaches a namespace to a network. */
import { NetloomError, NotFoundError, OutcomeUnknownError, TimeoutError } from '../netlink/errors.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message.ts';
import type { Request } from '../netlink/operation.ts';
import { askAll, askEach, holding, type Program, scoped, writeSysctl } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import type { OpenNamespace } from '../netlink/sys/namespace.ts';
import { newAddress } from '../rtnl/address/message.ts';
import { addressWire } from '../rtnl/address/spec.ts';
import { linkRequest, masterError } from '../rtnl/link/reference.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import { newRoute } from '../rtnl/route/message.ts';
import { renameRoutePath } from '../rtnl/route/spec.ts';
import { settled, undoing } from '../rtnl/undo.ts';
import { type AttachOptions, type AttachPlan, checkAttach, type Dns, type EndpointRoute, withLength } from './attach-options.ts';
import { claimAddresses, releaseAddresses } from './claim.ts';
import { endpointOf } from './find.ts';
import { locked } from './lock.ts';
import { derivedHardwareAddress, endpointLinkName, lockName } from './name.ts';
import { type EndpointMark, formatEndpoint } from './record.ts';
import { created, deleted, linkOf, setting } from './requests.ts';
import type { NetworkState } from './state.ts';

/** An endpoint: plain data, to be kept in a file or handed to another process. */
export interface EndpointRecord {
  readonly network: string;
  readonly owner: string;
  /** Name of the link in the namespace. */
  readonly ifname: string;
  /** Its index there. */
  readonly index: number;
  readonly mac: string;
  /** Largest packet, in bytes. */
  readonly mtu: number;
  /** Device and inode of the namespace, as in `Netns.id`. */
  readonly netns: string;
  /** Name and index of the host's end. */
  readonly hostLink: string;
  readonly hostIndex: number;
  /** With the lengths of their networks: `10.20.0.2/16`. */
  readonly addresses: readonly string[];
  /** Those of the network that there are default routes to. */
  readonly gateways: readonly string[];
  /** Those that were asked for. */
  readonly routes: readonly EndpointRoute[];
  readonly dns?: Dns;
}

/** What attaching comes to. */
export interface Attached {
  readonly record: EndpointRecord;
  /** Whether the port carries packets already. */
  readonly operational: boolean;
}

const EEXIST = 17;

/**
 * Attaches a namespace. What it takes, in this order: the links, both ends in their places, the host's one a port of the network; the claims of its addresses; what
 * the other end needs, in one datagram; and the record of what it is, which makes it an endpoint. Whatever fails, the links go, and all else with them.
 *
 * @throws InputError naming the option that is wrong; NotFoundError naming `netns`, or when the network is gone
 * @throws NetloomError `EEXIST` when the owner has such an endpoint, or the namespace a link of this name; `EADDRINUSE`, `ENOSPC`, `EBUSY`
 */
export function* attach(state: NetworkState, options: AttachOptions): Program<Attached> {
  const plan = checkAttach(options, state.definition);
  const link = endpointLinkName(state.definition.name, plan.owner, plan.ifname);
  const subject = `endpoint ${show(plan.ifname)} of ${show(plan.owner)}`;
  return yield* holding(options.netns, 'netns', (target) =>
    locked([lockName(link)], subject, () => settled(attached(state, plan, { link, subject, target: target! }))),
  );
}

interface Place {
  readonly link: string;
  readonly subject: string;
  readonly target: OpenNamespace;
}

function* attached(state: NetworkState, plan: AttachPlan, place: Place): Program<Attached> {
  const host = yield* pair(state, plan, place);
  const claimed: string[] = [];
  const undo = function* (): Program<void> {
    yield* deleted(host.index, place.subject);
    releaseAddresses(state, claimed);
  };
  return yield* undoing(completed(state, plan, place, host, claimed), undo);
}

function macOf(state: NetworkState, { mac, owner, ifname }: AttachPlan): string {
  return mac ?? derivedHardwareAddress('endpoint', state.definition.name, owner, ifname);
}

/** The links. What a process that died has left in their place is cleared away. */
function* pair(state: NetworkState, plan: AttachPlan, place: Place): Program<LinkRead> {
  const { link, target, subject } = place;
  const mtu = state.definition.mtu === undefined ? {} : { mtu: state.definition.mtu };
  const making = created(
    {
      name: link,
      kind: 'veth',
      master: state.index,
      up: true,
      ...mtu,
      peer: { name: plan.ifname, address: macOf(state, plan), ...mtu, netnsFd: target.fd },
    },
    subject,
  );
  try {
    return yield* making;
  } catch (error) {
    if (error instanceof OutcomeUnknownError || error instanceof TimeoutError) yield* withdrawn(link, subject);
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw yield* networkError(error, state);
  }
  const present = yield* linkOf(link);
  if (present === undefined)
    throw new NetloomError(`ifname: link ${show(plan.ifname)} already exists in the ${target.describe}`, 'EEXIST', { errno: EEXIST });
  const endpoint = endpointOf(present);
  if (endpoint === undefined || endpoint.mark !== undefined)
    throw new NetloomError(`${subject} is attached to network ${show(state.definition.name)} already`, 'EEXIST', { errno: EEXIST });
  yield* deleted(present.index, subject);
  return yield* pair(state, plan, place);
}

/** Deletes what may have been made: the kernel's answer was lost. */
function* withdrawn(link: string, subject: string): Program<void> {
  const present = yield* linkOf(link);
  const endpoint = present === undefined ? undefined : endpointOf(present);
  if (endpoint !== undefined && endpoint.mark === undefined) yield* deleted(endpoint.wire.index, subject);
}

/** The error to throw instead, when the network's link is gone. */
function* networkError(error: unknown, state: NetworkState): Program<unknown> {
  const reason = yield* masterError(error, state.index, '');
  return reason instanceof NotFoundError ? gone(state, error) : reason;
}

function gone({ definition }: NetworkState, cause?: unknown): NotFoundError {
  return new NotFoundError('', `network ${show(definition.name)}`, 'ENOENT', { cause });
}

function* completed(state: NetworkState, plan: AttachPlan, place: Place, host: LinkRead, claimed: string[]): Program<Attached> {
  const { target, subject, link } = place;
  const { definition } = state;
  const index = host.link!;
  yield* claimAddresses(state, plan.addresses, host.index, subject, claimed);
  yield* scoped(target, inside(plan, index, claimed));
  const mark: EndpointMark = { network: definition.name, owner: plan.owner, ifname: plan.ifname, netns: target.id };
  // last: this is what makes it an endpoint. Reading the link makes recent kernels settle its carrier, and the port then carries packets at once
  const [marked, read] = yield* askEach([
    setting({ index: host.index, alias: formatEndpoint(mark) }, subject),
    linkRequest({ index: host.index }, subject),
  ]);
  if (!marked.ok) throw marked.error;
  if (!read.ok) throw read.error;
  // the network was deleted meanwhile, and its ports let go
  if (read.value.master !== state.index) throw gone(state);
  const routes = plan.routes.filter(({ argument }) => argument !== 'defaultRoute').map(({ route }) => route);
  const gateways = plan.routes.flatMap(({ argument, route: { via } }) => (argument === 'defaultRoute' && via !== undefined ? [via] : []));
  const record: EndpointRecord = {
    network: definition.name,
    owner: plan.owner,
    ifname: plan.ifname,
    index,
    mac: macOf(state, plan),
    mtu: read.value.mtu ?? 0,
    netns: target.id,
    hostLink: link,
    hostIndex: host.index,
    addresses: plan.addresses.map(({ subnet }, i) => withLength(subnet, claimed[i]!)),
    gateways,
    routes,
    ...(plan.dns === undefined ? {} : { dns: plan.dns }),
  };
  return { record, operational: read.value.operState === 'up' };
}

/** What the end in the namespace needs. */
function* inside(plan: AttachPlan, index: number, addresses: readonly string[]): Program<void> {
  const { ifname } = plan;
  // containers are made without IPv6, and get it with the first address
  if (addresses.some((address) => address.includes(':')))
    yield* writeSysctl(`net.ipv6.conf.${ifname.replaceAll('.', '/')}.disable_ipv6`, '0');
  for (const [name, value] of plan.sysctls) yield* writeSysctl(name, value);
  const requests: Request<unknown, 'ack'>[] = [setting({ index, up: true }, `link ${show(ifname)}`)];
  for (const [i, { subnet }] of plan.addresses.entries()) {
    const address = withLength(subnet, addresses[i]!);
    requests.push({
      operation: newAddress,
      flags: NLM_F_CREATE | NLM_F_EXCL,
      // nobody else has it: asking around would take a second
      value: { ...addressWire({ address, ...(subnet.family === 'inet6' ? { flags: ['nodad'] } : {}) }), index },
      expects: 'ack',
      subject: `${address} on link ${show(ifname)}`,
    });
  }
  for (const { route, wire, argument } of plan.routes) {
    requests.push({
      operation: newRoute,
      flags: NLM_F_CREATE | NLM_F_EXCL,
      value: { ...wire, oif: index },
      expects: 'ack',
      subject: route.via === undefined ? route.to : `${route.to} via ${route.via}`,
      rename: (path) => `${argument}.${renameRoutePath(path)}`,
    });
  }
  yield* askAll(requests);
}
