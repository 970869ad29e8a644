/** Whether a stored route has what a request says. */
import { AF_INET6 } from '../family.ts';
import { scope } from '../scope.ts';
import { coversEncap } from './encap/encap.ts';
import type { RouteMessage, RouteMessageInput } from './message.ts';
import type { NexthopMessage } from './nexthop.ts';
import type { PathAttributes } from './path.ts';
import { tableOf } from './route.ts';

/** IP6_RT_PRIO_USER in the kernel: what IPv6 makes of no metric, and of 0. */
const defaultMetric6 = 1024;

/** Members that are compared as they are; the others mean more than their bytes, or are not for comparing. */
const plain = ['type', 'protocol', 'tos', 'oif', 'gateway', 'via', 'prefsrc', 'src', 'flow', 'nexthopId', 'pref', 'ttlPropagate'] as const;

/** Whether `found` has everything that `wanted` says. */
export function sameRoute(wanted: RouteMessageInput, found: RouteMessage): boolean {
  if (wanted.family !== found.family || (wanted.table ?? wanted.headerTable) !== tableOf(found)) return false;
  if (wanted.dst !== found.dst || (wanted.dstLength ?? 0) !== found.dstLength) return false;
  for (const member of plain) if (wanted[member] !== undefined && wanted[member] !== found[member]) return false;
  // "nowhere" is how a deletion says that the scope does not matter
  if (wanted.family !== AF_INET6 && wanted.scope !== undefined && wanted.scope !== scope.values.nowhere && wanted.scope !== found.scope)
    return false;
  if (wanted.priority !== undefined && metric(wanted) !== metric(found)) return false;
  // of the flags, those that are asked for; the others are the kernel's
  if (wanted.flags !== undefined && (found.flags & wanted.flags) !== wanted.flags) return false;
  if (!samePath(wanted, found)) return false;
  if (wanted.metrics !== undefined && !contains(wanted.metrics, found.metrics ?? {})) return false;
  return wanted.multipath === undefined || samePaths(wanted.multipath, found.multipath ?? []);
}

function metric(wire: RouteMessageInput): number {
  return wire.priority || (wire.family === AF_INET6 ? defaultMetric6 : 0);
}

function contains(wanted: object, found: object): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => value === undefined || JSON.stringify(value) === JSON.stringify((found as Record<string, unknown>)[key]),
  );
}

/** Labels and tunnel of one path. */
function samePath(wanted: PathAttributes, found: PathAttributes): boolean {
  if (wanted.newdst !== undefined && String(wanted.newdst) !== String(found.newdst)) return false;
  if (wanted.encap === undefined) return true;
  return wanted.encapType === found.encapType && found.encap !== undefined && coversEncap(wanted.encapType, wanted.encap, found.encap);
}

function samePaths(wanted: readonly NexthopMessage[], found: readonly NexthopMessage[]): boolean {
  return (
    wanted.length === found.length &&
    wanted.every((path) =>
      found.some(
        (other) =>
          (path.hops ?? 0) === (other.hops ?? 0) &&
          (path.oif === undefined || path.oif === other.oif) &&
          path.gateway === other.gateway &&
          path.via === other.via &&
          ((path.flags ?? 0) & (other.flags ?? 0)) === (path.flags ?? 0) &&
          samePath(path, other),
      ),
    )
  );
}
