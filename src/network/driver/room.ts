/** Makes room for the links of an endpoint where a process that died has left some. */
import { NetloomError, OutcomeUnknownError, TimeoutError } from '../../netlink/errors.ts';
import type { Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import type { OpenNamespace } from '../../netlink/sys/namespace.ts';
import { endpointOf, hostEnd } from '../find.ts';
import { networkError } from '../network-gone.ts';
import type { NetworkDefinition } from '../record.ts';
import { linkOf } from '../requests.ts';
import type { EndpointPlace } from './driver.ts';
import { isGone } from './inner-link.ts';
import { removeLinks } from './remove.ts';

const EEXIST = 17;

/**
 * Clears away what a process that died has left of an endpoint, and an endpoint whose namespace is gone.
 *
 * @param refusal what the kernel said when the links were to be made
 * @throws `refusal`, or what it means, when there is nothing of that sort in their place
 */
export function* madeRoom({ state, plan, link, target, subject }: EndpointPlace, refusal: Error): Program<void> {
  if (refusal instanceof OutcomeUnknownError || refusal instanceof TimeoutError) yield* withdrawn(link);
  if ((refusal as NodeJS.ErrnoException).code !== 'EEXIST') throw yield* networkError(refusal, state);
  const present = yield* linkOf(link);
  if (present === undefined) throw nameTaken(plan.ifname, target);
  state.present.add(link);
  const endpoint = endpointOf(present);
  if (endpoint === undefined || (endpoint.mark !== undefined && !(yield* isGone(endpoint))))
    throw attachedAlready(subject, state.definition.name);
  yield* removeLinks(endpoint);
}

/** Refuses an endpoint that is there, whole and with its namespace, whatever its link is called by now. @throws NetloomError `EEXIST` */
export function* refusePresent(link: string, subject: string, { name: network, driver }: NetworkDefinition): Program<void> {
  const wire = yield* hostEnd(link, driver);
  const endpoint = wire === undefined ? undefined : endpointOf(wire);
  if (endpoint?.mark !== undefined && !(yield* isGone(endpoint))) throw attachedAlready(subject, network);
}

/** The error for a name that another link of the namespace has. */
export function nameTaken(ifname: string, target: OpenNamespace): NetloomError {
  return new NetloomError(`ifname: link ${show(ifname)} already exists in the ${target.describe}`, 'EEXIST', { errno: EEXIST });
}

function attachedAlready(subject: string, network: string): NetloomError {
  return new NetloomError(`${subject} is attached to network ${show(network)} already`, 'EEXIST', { errno: EEXIST });
}

/** Deletes what may have been made: the kernel's answer was lost. */
function* withdrawn(link: string): Program<void> {
  const present = yield* linkOf(link);
  const endpoint = present === undefined ? undefined : endpointOf(present);
  if (endpoint !== undefined && endpoint.mark === undefined) yield* removeLinks(endpoint);
}
