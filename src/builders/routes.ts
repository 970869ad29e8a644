/** Routes of a namespace. Source: ip-route(8). */
import { InputError } from '../netlink/errors.ts';
import type { Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { type RouteSpec, routePrograms } from '../rtnl/route/programs.ts';
import { elsewhere, type WhereOptions } from './links.ts';

/**
 * Adds a route: `addRoute({ to: 'default', via: '10.0.0.254', netns: 'red' })`.
 *
 * @throws InputError naming the member that is wrong, NotFoundError when `dev` does not exist
 * @throws NetlinkError `EEXIST` when there is such a route, `ENETUNREACH` when `via` cannot be reached
 */
export function* addRoute(route: RouteSpec & WhereOptions): Program<void> {
  checkObject(route);
  yield* elsewhere(route, (rest) => routePrograms.create(rest as RouteSpec));
}

/** Removes a route. @throws InputError, NotFoundError; NetlinkError `ESRCH` when there is no such route */
export function* removeRoute(route: RouteSpec & WhereOptions): Program<void> {
  checkObject(route);
  yield* elsewhere(route, (rest) => routePrograms.delete(rest as RouteSpec));
}

/** What it holds is checked where its message is made. */
function checkObject(route: unknown): void {
  if (typeof route !== 'object' || route === null || Array.isArray(route))
    throw new InputError('route', `expected an object, got ${show(route)}`, 'ERR_INVALID_ARG_TYPE');
}
