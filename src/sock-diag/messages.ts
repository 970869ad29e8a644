/** The message types of sock_diag, for `describe` and traces. */
import { NETLINK_SOCK_DIAG } from '../netlink/message.ts';
import { type MessageType, registerMessages } from '../netlink/message-types.ts';
import { sockDiagByFamily } from './message.ts';

/** One number for both ways: what asks has the header of a request. */
function load(): MessageType[] {
  const { name, type, body, reply } = sockDiagByFamily;
  return [{ name, type, choose: ({ request }) => (request ? body : reply) }];
}

export function registerSockDiagMessages(): void {
  registerMessages(NETLINK_SOCK_DIAG, load);
}
