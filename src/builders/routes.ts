/** Routes of a namespace. Source: ip-route(8). */
import { type Program, within } from '../netlink/program.ts';
import { type RouteSpec, routePrograms } from '../rtnl/route/programs.ts';
import { type WhereOptions, splitWhere } from './links.ts';

/**
 * Adds a route: `addRoute({ to: 'default', via: '10.0.0.254', netns: 'red' })`.
 *
 * @throws InputError naming the member that is wrong, NotFoundError when `dev` does not exist
 * @throws NetlinkError `EEXIST` when there is such a route, `ENETUNREACH` when `via` cannot be reached
 */
export function* addRoute(route: RouteSpec & WhereOptions): Program<void> {
  const [netns, rest] = splitWhere(route);
  yield* within(netns, 'netns', () => routePrograms.create(rest as RouteSpec));
}

/** Removes a route. @throws InputError, NotFoundError; NetlinkError `ESRCH` when there is no such route */
export function* removeRoute(route: RouteSpec & WhereOptions): Program<void> {
  const [netns, rest] = splitWhere(route);
  yield* within(netns, 'netns', () => routePrograms.delete(rest as RouteSpec));
}
