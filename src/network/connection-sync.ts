/** What a network is reached by, in place: sockets in the namespace it is in. */
import { closeOnce, hostOptions } from '../netlink/client-options.ts';
import { NotFoundError, TimeoutError } from '../netlink/errors.ts';
import { type HostOptions, withDefaults } from '../netlink/host.ts';
import { SyncHost } from '../netlink/host-sync.ts';
import { NETLINK_ROUTE } from '../netlink/message.ts';
import { isOverrun } from '../netlink/monitor-socket.ts';
import type { CallOptions, Program } from '../netlink/program.ts';
import { defaultTimeout } from '../netlink/request-socket.ts';
import type { Transport } from '../netlink/transport/transport.ts';
import type { Link } from '../rtnl/link/link.ts';
import { get } from '../rtnl/link/read.ts';
import { RTNLGRP_LINK } from '../rtnl/monitor/groups.ts';
import { type ConnectionOptions, waitBuffer } from './connection.ts';

export class SyncConnection {
  readonly #options: HostOptions;
  readonly #host: SyncHost;
  readonly close: () => void;

  /** @throws InputError, NotFoundError for `netns` */
  constructor(options: ConnectionOptions) {
    this.#options = hostOptions(options);
    this.#host = new SyncHost(this.#options);
    this.close = closeOnce(this.#host, this.#options);
  }

  run<T>(program: Program<T>, options: CallOptions): T {
    return this.#host.run(program, options);
  }

  /** Waits until a link carries packets, by the kernel's announcements. @returns undefined when it is gone @throws TimeoutError */
  waitUntilOperational(index: number, options: CallOptions): Link | undefined {
    const { signal, timeout = defaultTimeout } = withDefaults(options, this.#options);
    const deadline = performance.now() + timeout;
    const transport = this.#options.openTransport(NETLINK_ROUTE, this.#options.namespace);
    try {
      // it listens before the first look, so that no change falls between the two
      transport.subscribe({ groups: [RTNLGRP_LINK], receiveBuffer: waitBuffer, allNamespaces: false });
      for (;;) {
        signal?.throwIfAborted();
        const link = this.#read(index, options);
        if (link === undefined || link.operState === 'up') return link;
        const left = Math.ceil(deadline - performance.now());
        if (left <= 0 || !transport.wait(left)) throw new TimeoutError(`waiting for link ${index}`, timeout, 'it was not so');
        discard(transport);
      }
    } finally {
      transport.close();
    }
  }

  #read(index: number, options: CallOptions): Link | undefined {
    try {
      return this.run(get(index), options);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }
}

/** Takes what is queued, whatever it says. */
function discard(transport: Transport): void {
  for (;;) {
    try {
      if (transport.receive() === undefined) return;
    } catch (error) {
      if (!isOverrun(error)) throw error;
    }
  }
}
