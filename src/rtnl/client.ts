/** Clients: the programs of this folder as methods, on sockets that stay open. */

import { type ClientOptions, closeOnce, hostOptions as hostOptionsOf } from '../netlink/client-options.ts';
import { ClosedError } from '../netlink/errors.ts';
import { asyncMethods, Host, type HostOptions } from '../netlink/host.ts';
import { SyncHost, syncMethods } from '../netlink/host-sync.ts';
import { checkOptions, memberNames } from '../netlink/input.ts';
import type { CallOptions, ProgramTable } from '../netlink/program.ts';
import { waitForLink } from './link/wait.ts';
import { registerRtnlMessages } from './messages.ts';
import type { LinkMethods, RtnlMethods, RtnlMethodsSync } from './methods.ts';
import { type MonitorOptions, openMonitor, type RtnlKind, type RtnlMonitor } from './monitor/monitor.ts';
import { rtnlPrograms } from './programs.ts';

registerRtnlMessages();

/** Where a client acts, how it reaches the kernel, and how long its calls wait. */
export interface RtnlOptions extends ClientOptions {}

/** A client whose methods return promises. After `close` they reject with ClosedError. */
export interface RtnlClient extends RtnlMethods, AsyncDisposable {
  /**
   * Tells what changes, from now on: it listens when this returns, so that what happens before the first event is asked for is not missed.
   *
   *     for await (const event of rt.monitor(['link', 'route'])) console.log(event.kind, 'action' in event ? event.action : '');
   *
   * Each has a socket of its own. See docs/monitors.md.
   *
   * @throws InputError naming `kinds` or an option
   * @throws NotFoundError for `netns`
   * @throws SystemError `EPERM` for `allNamespaces` without the privilege, `EINVAL` for a kind that this kernel does not have
   * @throws ClosedError when the client is closed
   */
  monitor<K extends RtnlKind>(kinds: readonly K[], options?: MonitorOptions): RtnlMonitor<K>;
  /** Closes the client; what is pending rejects with ClosedError, and monitors end. Idempotent. */
  close(): void;
}

/** A client whose methods return values, and wait in place. After `close` they throw ClosedError. */
export interface RtnlClientSync extends RtnlMethodsSync, Disposable {
  /** Closes the client. Idempotent. */
  close(): void;
}

/**
 * Opens a client.
 *
 *     await using rt = await rtnl.open({ netns: 'red' });
 *     await rt.addresses.create('eth0', '10.0.0.1/24');
 *
 * @throws InputError, NotFoundError, SystemError for `netns`
 */
export async function open(options: RtnlOptions = {}): Promise<RtnlClient> {
  const hostOptions = prepare(options);
  const host = new Host(hostOptions);
  const close = closeOnce(host, hostOptions);
  const methods = {} as { -readonly [K in keyof RtnlMethods]: unknown };
  for (const name of objectNames) methods[name] = asyncMethods<ProgramTable>(rtnlPrograms[name], () => host);
  const monitors = new Set<{ close(): void }>();
  let closed = false;
  const monitor: RtnlClient['monitor'] = (kinds, monitorOptions = {}) => {
    if (closed) throw new ClosedError('the client');
    const opened = openMonitor(host, hostOptions, kinds, monitorOptions, () => monitors.delete(opened));
    monitors.add(opened);
    return opened;
  };
  const links: LinkMethods = {
    ...(methods.links as LinkMethods),
    waitUntil: async (link, condition, waitOptions) =>
      await waitForLink(
        { get: links.get, monitor: () => monitor(['link'], { receiveBuffer: waitBuffer }), options: hostOptions },
        link,
        condition,
        waitOptions,
      ),
  };
  const closeAll = (): void => {
    closed = true;
    for (const opened of monitors) opened.close();
    close();
  };
  return { ...(methods as RtnlMethods), links, monitor, close: closeAll, [Symbol.asyncDispose]: async () => closeAll() };
}

/**
 * Opens a client that works in place.
 *
 * @throws InputError, NotFoundError, SystemError for `netns`
 */
export function openSync(options: RtnlOptions = {}): RtnlClientSync {
  const hostOptions = prepare(options);
  const host = new SyncHost(hostOptions);
  const close = closeOnce(host, hostOptions);
  const methods = {} as { -readonly [K in keyof RtnlMethodsSync]: unknown };
  for (const name of objectNames) methods[name] = syncMethods<ProgramTable>(rtnlPrograms[name], () => host);
  return { ...(methods as RtnlMethodsSync), close, [Symbol.dispose]: close };
}

/** Bytes: an overrun only means that the link is looked at again. */
const waitBuffer = 256 * 1024;

const objectNames = Object.keys(rtnlPrograms) as (keyof typeof rtnlPrograms)[];
const members = memberNames<Omit<RtnlOptions, keyof CallOptions>>({ netns: true, transport: true });

function prepare(options: RtnlOptions): HostOptions {
  checkOptions(options, 'options', members);
  return hostOptionsOf(options);
}
