/** Netlink sockets that tests lay hands on: the default transport, with its descriptor and buffers within reach. */
import type { OpenTransport } from '../../src/netlink/host.ts';
import { defaultTransport } from '../../src/netlink/transport/default.ts';
import type { Transport } from '../../src/netlink/transport/transport.ts';

/** The private members of the default transport. */
interface Innards {
  readonly fd: number;
  buffer: Buffer;
  receiveBuffer: number;
}

/** The default transport; every socket that is opened is changed by `change` first, and kept in `opened`. */
export function tampered(change: (transport: Transport & Innards) => void = () => {}): {
  open: OpenTransport;
  opened: (Transport & Innards)[];
} {
  const opened: (Transport & Innards)[] = [];
  return {
    opened,
    open: (protocol, namespace) => {
      const transport = defaultTransport()(protocol, namespace) as unknown as Transport & Innards;
      change(transport);
      opened.push(transport);
      return transport;
    },
  };
}
