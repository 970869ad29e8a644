/** Limits of the bandwidth of an endpoint. They are recorded nowhere but in the kernel's qdiscs, and go with the endpoint. */
import { askEach, type Program } from '../../netlink/program.ts';
import { linkRequest } from '../../rtnl/link/reference.ts';
import { type BandwidthPlan, buckets, limit, type RateLimits, unlimit } from '../../rtnl/tc/bandwidth.ts';
import { ownLinks } from '../find.ts';
import { linkGroup } from '../name.ts';

/** The link that what an endpoint sends goes through: by the name of the endpoint's link on the host, `nl…`, it is `nb…`. */
export function ifbName(link: string): string {
  return `nb${link.slice(2)}`;
}

const ifbNamePattern = /^nb[0-9a-z]{13}$/;

/** The endpoint's link that a link of that kind is for; undefined: it is somebody else's. */
export function endpointOfIfb(name: string | undefined): string | undefined {
  return name !== undefined && ifbNamePattern.test(name) ? `nl${name.slice(2)}` : undefined;
}

/** Sets the limits of an endpoint. */
export function* limitEndpoint(link: string, index: number, plan: BandwidthPlan, subject: string): Program<void> {
  const [read] = yield* askEach([linkRequest({ index }, subject)]);
  if (!read.ok) throw read.error;
  yield* limit({ index, mtu: read.value.mtu ?? 0, ifb: ifbName(link), group: linkGroup, subject }, plan);
}

/** The limits of endpoints by the names of their links on the host, as the kernel's qdiscs have them. */
export function* limitsOf(endpoints: readonly { readonly link: string; readonly index: number }[]): Program<Map<string, RateLimits>> {
  const limits = new Map<string, RateLimits>();
  if (endpoints.length === 0) return limits;
  const found = yield* buckets();
  if (found.size === 0) return limits;
  const ifbs = new Map((yield* ownLinks('ifb')).map(({ name, index }) => [name, index]));
  for (const { link, index } of endpoints) {
    const ingress = found.get(index);
    const egress = found.get(ifbs.get(ifbName(link)) ?? 0);
    if (ingress === undefined && egress === undefined) continue;
    limits.set(link, {
      ...(ingress === undefined ? {} : { ingressRate: ingress.rate, ingressBurst: ingress.burst }),
      ...(egress === undefined ? {} : { egressRate: egress.rate, egressBurst: egress.burst }),
    });
  }
  return limits;
}

/** Removes what does not go with the endpoint's link. */
export function* unlimitEndpoint(link: string): Program<void> {
  yield* unlimit({ ifb: ifbName(link), subject: link });
}
