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

/** Where a client acts, how it reaches the kernel, and how long its calls wait. */
export interface OpenOptions extends ClientOptions {}

const openMembers = memberNames<Omit<OpenOptions, 'timeout'>>({ netns: true, transport: true });

/** Connections that the kernel remembers: conntrack(8), table "conntrack". */
export interface FlowMethods extends AsyncMethods<typeof flowPrograms> {}
/** The same, in place. */
export interface FlowMethodsSync extends SyncMethods<typeof flowPrograms> {}
/** Connections that are expected to follow from others: conntrack(8), table "expect". */
export interface ExpectationMethods extends AsyncMethods<typeof expectationPrograms> {}
/** The same, in place. */
export interface ExpectationMethodsSync extends SyncMethods<typeof expectationPrograms> {}
/** Timeout policies, and the defaults of the namespace: nfct(8), "timeout". */
export interface TimeoutMethods extends AsyncMethods<typeof timeoutPrograms> {}
/** The same, in place. */
export interface TimeoutMethodsSync extends SyncMethods<typeof timeoutPrograms> {}

/** A client whose methods return promises. */
export interface ConntrackClient extends AsyncDisposable {
  /** Connections that the kernel remembers: conntrack(8), table "conntrack". */
  readonly flows: FlowMethods;
  /** Connections that are expected to follow from others: conntrack(8), table "expect". */
  readonly expectations: ExpectationMethods;
  /** Timeout policies, and the defaults of the namespace: nfct(8), "timeout". */
  readonly timeouts: TimeoutMethods;
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
}

/** A client whose methods return values, and wait in place. */
export interface ConntrackClientSync extends Disposable {
  /** Connections that the kernel remembers: conntrack(8), table "conntrack". */
  readonly flows: FlowMethodsSync;
  /** Connections that are expected to follow from others: conntrack(8), table "expect". */
  readonly expectations: ExpectationMethodsSync;
  /** Timeout policies, and the defaults of the namespace: nfct(8), "timeout". */
  readonly timeouts: TimeoutMethodsSync;
  /** Closes the client. Idempotent. */
  close(): void;
}

/**
 * Opens a client.
 *
 *     await using ct = await conntrack.open({ netns: 'red' });
 *     for (const flow of await ct.flows.list({ protocol: 'tcp' })) console.log(flow.original);
 *
 * @throws InputError, NotFoundError, SystemError for `netns`
 */
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

/**
 * Opens a client that works in place.
 *
 * @throws InputError, NotFoundError, SystemError for `netns`
 */
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
