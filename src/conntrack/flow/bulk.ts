/** Deleting many flows. Each is named by its tuple and its id, so that no other goes in its place. */
import type { Request } from '../../netlink/operation.ts';
import { askEach, type Program } from '../../netlink/program.ts';
import { deleteFlow, type FlowMessage, type FlowRequest } from './message.ts';
import { describeFlow } from './spec.ts';

/** The request that names a flow which the kernel has told of, or is asked for. */
export function keyOf({ family, original, reply, zone, id }: FlowRequest): FlowRequest {
  const key: FlowRequest = {};
  if (family !== undefined) key.family = family;
  if (original !== undefined) key.original = original;
  else if (reply !== undefined) key.reply = reply;
  if (zone !== undefined) key.zone = zone;
  if (id !== undefined) key.id = id;
  return key;
}

/**
 * Deletes flows; those that are gone already do not count.
 *
 * @returns how many
 * @throws NetlinkError the first refusal, when all have been tried
 */
export function* deleteEach(flows: readonly FlowMessage[]): Program<number> {
  if (flows.length === 0) return 0;
  const requests = flows.map((flow): Request<FlowMessage, 'ack'> => {
    const value = keyOf(flow);
    return { operation: deleteFlow, flags: 0, value, expects: 'ack', subject: describeFlow(value) };
  });
  let deleted = 0;
  let refused: Error | undefined;
  for (const outcome of yield* askEach(requests)) {
    if (outcome.ok) deleted++;
    else if ((outcome.error as NodeJS.ErrnoException).code !== 'ENOENT') refused ??= outcome.error;
  }
  if (refused !== undefined) throw refused;
  return deleted;
}
