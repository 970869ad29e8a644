/** Clients: the methods of this folder on sockets that stay open. */
import { type ClientOptions, closeOnce, hostOptions as hostOptionsOf } from '../netlink/client-options.ts';
import { ClosedError } from '../netlink/errors.ts';
import { asyncMethods, Host, type HostOptions } from '../netlink/host.ts';
import { SyncHost, syncMethods } from '../netlink/host-sync.ts';
import { checkOptions, memberNames } from '../netlink/input.ts';
import type { AsyncMethods, SyncMethods } from '../netlink/program.ts';
import { expectationPrograms } from './expectation/programs.ts';
import { flowPrograms } from './flow/programs.ts';
import { registerConntrackMessages } from './messages.ts';
import { type ConntrackKind, type ConntrackMonitor, type MonitorOptions, openMonitor } from './monitor/monitor.ts';
import { timeoutPrograms } from './timeout/programs.ts';

registerConntrackMessages();

export interface OpenOptions extends ClientOptions {}

const openMembers = memberNames<Omit<OpenOptions, 'timeout'>>({ netns: true, transport: true });

/** A client whose methods return promises. */
export interface ConntrackClient {
  readonly flows: AsyncMethods<typeof flowPrograms>;
  readonly expectations: AsyncMethods<typeof expectationPrograms>;
  /** Timeout policies, and the defaults of the namespace. */
  readonly timeouts: AsyncMethods<typeof timeoutPrograms>;
  /**
   * What changes, as it changes:
   *
   *     for await (const event of ct.monitor(['flow'], { actions: ['delete'] })) if (event.kind === 'flow') console.log(event.old?.counters);
   *
   * Each has a socket of its own. The kernel tells of flows only while somebody listens (net.netfilter.nf_conntrack_events is 2) or always (1); of
   * those that began before the first listener it may not tell.
   *
   * @throws InputError, NotFoundError for `netns`
   * @throws ClosedError when the client is closed
   */
  monitor<K extends ConntrackKind>(kinds: readonly K[], options?: MonitorOptions): ConntrackMonitor<K>;
  /** Closes the client; what is pending fails with ClosedError. Idempotent. */
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A client whose methods return values, and wait in place. */
export interface ConntrackClientSync {
  readonly flows: SyncMethods<typeof flowPrograms>;
  readonly expectations: SyncMethods<typeof expectationPrograms>;
  /** Timeout policies, and the defaults of the namespace. */
  readonly timeouts: SyncMethods<typeof timeoutPrograms>;
  /** Closes the client. Idempotent. */
  close(): void;
  [Symbol.dispose](): void;
}

/** @throws InputError, NotFoundError, SystemError for `netns` */
export async function open(options: OpenOptions = {}): Promise<ConntrackClient> {
  const hostOptions = prepare(options);
  const host = new Host(hostOptions);
  const monitors = new Set<{ close(): void }>();
  const closeClient = closeOnce(host, hostOptions);
  let closed = false;
  const close = (): void => {
    closed = true;
    for (const opened of monitors) opened.close();
    closeClient();
  };
  const monitor: ConntrackClient['monitor'] = (kinds, monitorOptions = {}) => {
    if (closed) throw new ClosedError('the client');
    const opened = openMonitor(host, hostOptions, kinds, monitorOptions, () => monitors.delete(opened));
    monitors.add(opened);
    return opened;
  };
  return {
    flows: asyncMethods(flowPrograms, () => host),
    expectations: asyncMethods(expectationPrograms, () => host),
    timeouts: asyncMethods(timeoutPrograms, () => host),
    monitor,
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}

/** @throws InputError, NotFoundError, SystemError for `netns` */
export function openSync(options: OpenOptions = {}): ConntrackClientSync {
  const hostOptions = prepare(options);
  const host = new SyncHost(hostOptions);
  const close = closeOnce(host, hostOptions);
  return {
    flows: syncMethods(flowPrograms, () => host),
    expectations: syncMethods(expectationPrograms, () => host),
    timeouts: syncMethods(timeoutPrograms, () => host),
    close,
    [Symbol.dispose]: close,
  };
}

function prepare(options: OpenOptions): HostOptions {
  checkOptions(options, 'options', openMembers);
  return hostOptionsOf(options);
}
