/** Limits of the bandwidth of an endpoint. They are recorded nowhere but in the kernel's qdiscs, and go with the endpoint. */
import { askEach, type Program } from '../../netlink/program.ts';
import { linkRequest } from '../../rtnl/link/reference.ts';
import { type BandwidthPlan, limit, unlimit } from '../../rtnl/tc/bandwidth.ts';
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

/** Removes what does not go with the endpoint's link. */
export function* unlimitEndpoint(link: string): Program<void> {
  yield* unlimit({ ifb: ifbName(link), subject: link });
}
