/** What a network is reached by: sockets in the namespace it is in. */
import { registerConntrackMessages } from '../conntrack/messages.ts';
import { type ClientOptions, closeOnce, hostOptions } from '../netlink/client-options.ts';
import { Host, type HostOptions } from '../netlink/host.ts';
import { memberNames } from '../netlink/input.ts';
import type { CallOptions, Program } from '../netlink/program.ts';
import type { NamespaceRef } from '../netlink/sys/namespace.ts';
import { registerNftMessages } from '../nft/messages.ts';
import type { Link } from '../rtnl/link/link.ts';
import { get } from '../rtnl/link/read.ts';
import { waitForLink } from '../rtnl/link/wait.ts';
import { registerRtnlMessages } from '../rtnl/messages.ts';
import { openMonitor } from '../rtnl/monitor/monitor.ts';
import { registerSockDiagMessages } from '../sock-diag/messages.ts';

registerRtnlMessages();
registerNftMessages();
registerConntrackMessages();
registerSockDiagMessages();

/** Where networks are, and how they are reached. */
export interface ConnectionOptions extends ClientOptions {
  /** The namespace that the networks are in: the host's. Default: that of the process. */
  netns?: NamespaceRef;
}

export const connectionMembers = memberNames<Omit<ConnectionOptions, 'timeout'>>({ netns: true, transport: true });

/** Bytes: an overrun only means that the link is looked at again. */
export const waitBuffer = 256 * 1024;

export class Connection {
  readonly #options: HostOptions;
  readonly #host: Host;
  readonly #closeHost: () => void;
  readonly #waiting = new Set<{ close(): void }>();
  #closed = false;

  /** @throws InputError, NotFoundError for `netns` */
  constructor(options: ConnectionOptions) {
    this.#options = hostOptions(options);
    this.#host = new Host(this.#options);
    this.#closeHost = closeOnce(this.#host, this.#options);
  }

  run<T>(program: Program<T>, { signal, timeout }: CallOptions): Promise<T> {
    return this.#host.run(program, { ...(signal === undefined ? {} : { signal }), ...(timeout === undefined ? {} : { timeout }) });
  }

  /** Waits until a link carries packets, by the kernel's announcements. @returns undefined when it is gone @throws TimeoutError */
  async waitUntilOperational(index: number, { signal, timeout }: CallOptions): Promise<Link | undefined> {
    const monitor = () => {
      const opened = openMonitor(this.#host, this.#options, ['link'], { receiveBuffer: waitBuffer }, () => this.#waiting.delete(opened));
      this.#waiting.add(opened);
      return opened;
    };
    const options = { ...(signal === undefined ? {} : { signal }), ...(timeout === undefined ? {} : { timeout }) };
    const isDecided = (link: Link | undefined): boolean => link === undefined || link.operState === 'up';
    return await waitForLink({ get: (link, how) => this.run(get(link), how), monitor, options: this.#options }, index, isDecided, options);
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const monitor of this.#waiting) monitor.close();
    this.#closeHost();
  }
}
