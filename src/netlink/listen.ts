/** Opens monitors: each is a socket of its own that hears some groups. */
import { type Host, type HostOptions, surroundingsOf, withDefaults } from './host.ts';
import { checkBoolean, inArgument } from './input.ts';
import { Monitor, type MonitorFeed } from './monitor.ts';
import { type CallOptions, type Program, scoped } from './program.ts';
import { checkInteger } from './scalar.ts';
import type { NamespaceRef } from './sys/namespace.ts';

/** What monitors of every kind are told. */
export interface ListenOptions extends CallOptions {
  /** The network namespace to listen in. Default: that of the client. */
  netns?: NamespaceRef;
  /** Bytes to ask for to hold events that are not taken yet. Default: 32 MiB. Without CAP_NET_ADMIN the kernel grants net.core.rmem_max at most. */
  receiveBuffer?: number;
  /** Whether waiting for an event keeps the process alive. Default: true. */
  ref?: boolean;
}

/** Holds 40,000 changes of routes, twice over. */
const defaultReceiveBuffer = 32 * 1024 * 1024;

/** What a feed may ask while it listens. */
export type Run = <T>(program: Program<T>, stopped: AbortSignal) => Promise<T>;

/** What is listened to. */
export interface Heard {
  /** NETLINK_* */
  readonly protocol: number;
  readonly groups: readonly number[];
  /** Hear all namespaces that have an id in this one. Default: false. */
  readonly allNamespaces?: boolean;
}

/** @throws InputError, NotFoundError for `netns`, SystemError `EPERM` for `allNamespaces` */
export function listen<T extends object>(
  { host, hostOptions, onClose }: { readonly host: Host; readonly hostOptions: HostOptions; readonly onClose: () => void },
  { protocol, groups, allNamespaces = false }: Heard,
  options: ListenOptions,
  feedOf: (run: Run) => MonitorFeed<T>,
): Monitor<T> {
  checkBoolean(options.ref, 'ref');
  const { netns, receiveBuffer = defaultReceiveBuffer, ref, signal } = options;
  inArgument('receiveBuffer', () => checkInteger(receiveBuffer, 1, 0x3fffffff));
  const { timeout } = withDefaults(options, hostOptions);
  const surroundings = surroundingsOf(hostOptions);
  const namespace = netns === undefined ? undefined : surroundings.openNamespace(netns, 'netns');
  const close = (): void => {
    if (namespace !== undefined) surroundings.closeNamespace(namespace);
  };
  try {
    const transport = hostOptions.openTransport(protocol, namespace ?? hostOptions.namespace);
    try {
      transport.subscribe({ groups, receiveBuffer, allNamespaces });
      const run: Run = (program, stopped) =>
        host.run(scoped(namespace, program), timeout === undefined ? { signal: stopped } : { signal: stopped, timeout });
      let made = false;
      const whenClosed = (): void => {
        close();
        // a signal that is aborted already closes the monitor before its maker has it
        if (made) onClose();
        else queueMicrotask(onClose);
      };
      const monitor = new Monitor<T>(transport, feedOf(run), { signal, ref, onClose: whenClosed });
      made = true;
      return monitor;
    } catch (error) {
      transport.close();
      throw error;
    }
  } catch (error) {
    close();
    throw error;
  }
}
