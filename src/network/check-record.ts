/** Whether an endpoint still has what its record tells of it, besides its links and addresses. */
import { InputError, NotFoundError } from '../netlink/errors.ts';
import { inArgument } from '../netlink/input.ts';
import { ask, holding, type Program, readSysctl, type SectionStep, scoped } from '../netlink/program.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import { namespaceIdRequest } from '../rtnl/netns-id/message.ts';
import { stored } from '../rtnl/route/read.ts';
import type { RateLimits } from '../rtnl/tc/bandwidth.ts';
import type { EndpointRecord } from './attach.ts';
import { type PlannedRoute, type PlannedSysctl, plannedRoute, sysctlsOf } from './attach-options.ts';
import { limitsOf } from './bandwidth/limits.ts';
import { ownId } from './dns/header.ts';
import { namespacePath } from './driver/namespaces.ts';
import type { FoundEndpoint } from './find.ts';
import { placeOf } from './name.ts';
import { guardedAs, guardTable } from './policy/guard-table.ts';
import { isAbout } from './rule-table.ts';
import type { NetworkState } from './state.ts';

/**
 * @param inner the link in the namespace
 * @returns what is not so, in words
 * @throws InputError naming a member that no record has so
 */
export function* checkRecord(
  { definition }: NetworkState,
  endpoint: FoundEndpoint,
  inner: LinkRead,
  record: Partial<EndpointRecord>,
): Program<string[]> {
  const problems: string[] = [];
  const { mac, mtu, rateLimits, gateways = [], routes = [], sysctls } = record;
  const wanted = {
    routes: [
      ...gateways.map((via, i) => inArgument(`gateways[${i}]`, () => plannedRoute({ to: 'default', via }, ''))),
      ...routes.map((route, i) => plannedRoute(route, `routes[${i}]`)),
    ],
    sysctls: sysctlsOf(sysctls, inner.name ?? ''),
  };
  if (mac !== undefined && inner.address !== mac) problems.push(`its link has the hardware address ${inner.address}, not ${mac}`);
  if (mtu !== undefined && inner.mtu !== mtu) problems.push(`its link has the MTU ${inner.mtu}, not ${mtu}`);
  if (definition.spoofCheck && !(yield* isAbout(guardTable(guardedAs(definition)), endpoint.link)))
    problems.push('what it sends is not looked at (spoofCheck)');
  if (rateLimits !== undefined) problems.push(...(yield* checkLimits(endpoint, rateLimits)));
  if (record.netns !== undefined || wanted.routes.length > 0 || wanted.sysctls.length > 0)
    problems.push(...(yield* checkInside(endpoint, inner.index, wanted.routes, wanted.sysctls)));
  return problems;
}

/** Rates are kept in bytes. */
function* checkLimits({ link, wire }: FoundEndpoint, asked: RateLimits): Program<string[]> {
  const { [link]: found = {} } = Object.fromEntries(yield* limitsOf([{ link, index: wire.index }])) as Record<string, RateLimits>;
  const differ = (a: number | undefined, b: number | undefined): boolean =>
    a !== undefined && Math.floor(a / 8) !== Math.floor((b ?? 0) / 8);
  return (['ingressRate', 'egressRate'] as const).flatMap((member) =>
    differ(asked[member], found[member]) ? [`its limit ${member} is ${found[member] ?? 'gone'}, not ${asked[member]}`] : [],
  );
}

function* checkInside(
  { mark, link, wire }: FoundEndpoint,
  index: number,
  routes: readonly PlannedRoute[],
  sysctls: readonly PlannedSysctl[],
): Program<string[]> {
  const { netns } = mark!;
  const look: SectionStep = { op: 'section', run: () => ({ path: namespacePath(netns), here: ownId() }) };
  for (;;) {
    const { path, here } = (yield look) as { path: string | undefined; here: string };
    if (path === undefined) return [];
    let opened = false;
    try {
      return yield* holding(path, 'netns', function* (target): Program<string[]> {
        opened = true;
        // whoever is root in there may have moved it on, and an index is another link's elsewhere
        const where = placeOf(link, wire.altNames)?.nsid ?? wire.linkNetnsid;
        const { nsid } = yield* ask(namespaceIdRequest(target!.fd, target!.describe));
        const isThere = where === undefined ? netns === here : nsid === where;
        return isThere ? yield* scoped(target!, missing(index, routes, sysctls)) : ['its link is in another namespace'];
      });
    } catch (error) {
      // what led there has gone meanwhile: there may be another way
      if (opened || !(error instanceof NotFoundError || error instanceof InputError)) throw error;
    }
  }
}

function* missing(index: number, routes: readonly PlannedRoute[], sysctls: readonly PlannedSysctl[]): Program<string[]> {
  const problems: string[] = [];
  for (const { route, wire } of routes) {
    if ((yield* stored({ ...wire, oif: index })) !== undefined) continue;
    problems.push(`its route ${route.to}${route.via === undefined ? '' : ` via ${route.via}`} is gone`);
  }
  for (const { name, value } of sysctls) {
    const found = yield* sysctlOf(name);
    if (found === undefined || !isSame(found, value)) problems.push(`its sysctl ${name} is ${found ?? 'gone'}, not ${value}`);
  }
  return problems;
}

/** The kernel spells numbers and blanks in its own way. */
function isSame(found: string, value: string): boolean {
  const words = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');
  return words(found) === words(value) || Number(found) === Number(value);
}

function* sysctlOf(name: string): Program<string | undefined> {
  try {
    return (yield* readSysctl(name)).trim();
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
