/** What the kinds of traffic control have in common in a monitor. */
import { sameExcept } from '../../netlink/monitor-kind.ts';
import type { Notification } from '../../netlink/monitor-socket.ts';
import { deleteLink, newLink } from '../link/operations.ts';
import type { TcTold } from '../tc/object.ts';

/** Whether two are alike but for what they have counted. */
export const sameUncounted = sameExcept<TcTold & { xstats?: unknown }>('stats', 'xstats') as <T extends TcTold>(a: T, b: T) => boolean;

/** Whether a message is about a link. */
export function withLink({ type }: Notification): boolean {
  return type === newLink.type || type === deleteLink.type;
}
