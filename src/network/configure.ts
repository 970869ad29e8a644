/** What the link of an endpoint needs in its namespace. */
import { NetloomError, NotFoundError, SystemError } from '../netlink/errors.ts';
import { extended } from '../netlink/extended.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message.ts';
import type { Request } from '../netlink/operation.ts';
import { askEach, type Program, writeSysctl } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import type { AddressFlag } from '../rtnl/address/flags.ts';
import { newAddress } from '../rtnl/address/message.ts';
import { addressWire } from '../rtnl/address/spec.ts';
import { newRoute, type RouteMessageInput } from '../rtnl/route/message.ts';
import { renameRoutePath } from '../rtnl/route/spec.ts';
import { type AttachPlan, type PlannedSysctl, withLength } from './attach-options.ts';
import { setting } from './requests.ts';
import { broadcastOf } from './subnet.ts';

/**
 * Sysctls, and in one datagram: up, addresses, routes. It runs in the namespace of the endpoint.
 *
 * @returns the gateways that there are default routes to: those that are dispensable are left out where there is one already
 */
export function* configureInside(
  plan: AttachPlan,
  index: number,
  addresses: readonly string[],
  { addressFlags, routes }: { addressFlags: readonly AddressFlag[]; routes: readonly RouteMessageInput[] },
): Program<string[]> {
  const { ifname } = plan;
  // containers are made without IPv6, and get it with the first address
  if (addresses.some((address) => address.includes(':')))
    yield* writeSysctl(`net.ipv6.conf.${ifname.replaceAll('.', '/')}.disable_ipv6`, '0');
  for (const sysctl of plan.sysctls) yield* setSysctl(sysctl);
  const requests: Request<unknown, 'ack'>[] = [setting({ index, up: true }, `link ${show(ifname)}`)];
  for (const [i, { subnet }] of plan.addresses.entries()) {
    const address = withLength(subnet, addresses[i]!);
    requests.push({
      operation: newAddress,
      flags: NLM_F_CREATE | NLM_F_EXCL,
      // nobody else has it: asking around would take a second
      value: {
        index,
        ...addressWire({ address, ...broadcastOf(subnet), flags: subnet.family === 'inet6' ? ['nodad', ...addressFlags] : addressFlags }),
      },
      expects: 'ack',
      subject: `${address} on link ${show(ifname)}`,
    });
  }
  for (const value of routes)
    requests.push({
      operation: newRoute,
      flags: NLM_F_CREATE | NLM_F_EXCL,
      value,
      expects: 'ack',
      subject: `${value.dst} of link ${show(ifname)}`,
    });
  for (const { route, wire, argument } of plan.routes) {
    requests.push({
      operation: newRoute,
      flags: NLM_F_CREATE | NLM_F_EXCL,
      value: extended(wire, { oif: index }),
      expects: 'ack',
      subject: `${route.via === undefined ? route.to : `${route.to} via ${route.via}`} (${argument})`,
      rename: (path) => `${argument}.${renameRoutePath(path)}`,
    });
  }
  const outcomes = yield* askEach(requests);
  const planned = outcomes.splice(-plan.routes.length, plan.routes.length);
  for (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
  return plan.routes.flatMap(({ route: { via }, argument, dispensable }, i) => {
    const outcome = planned[i]!;
    if (outcome.ok) return argument === 'defaultRoute' && via !== undefined ? [via] : [];
    if (dispensable === true && (outcome.error as NodeJS.ErrnoException).code === 'EEXIST') return [];
    throw outcome.error;
  });
}

/** @throws NotFoundError, NetloomError naming the argument: there is no such sysctl of the link, or it does not take the value */
function* setSysctl({ name, value, argument }: PlannedSysctl): Program<void> {
  try {
    yield* writeSysctl(name, value);
  } catch (error) {
    if (error instanceof NotFoundError) throw new NotFoundError(argument, error.subject, 'ENOENT', { cause: error });
    if (!(error instanceof SystemError)) throw error;
    throw new NetloomError(`${argument}: ${error.message}`, error.code, { errno: error.errno, cause: error });
  }
}
