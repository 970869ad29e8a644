/** Monitors of nf_tables: what {@link NftClient.monitor} makes. Source: nft(8), MONITOR. */
import { type Host, type HostOptions, surroundingsOf, withDefaults } from '../../netlink/host.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NETLINK_NETFILTER } from '../../netlink/message.ts';
import { Monitor } from '../../netlink/monitor.ts';
import { type CallOptions, type Program, scoped } from '../../netlink/program.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import type { NamespaceRef } from '../../netlink/sys/namespace.ts';
import { type NftEvent, NftFeed } from './feed.ts';

/** Source: include/uapi/linux/netfilter/nfnetlink.h (enum nfnetlink_groups). */
const NFNLGRP_NFTABLES = 7;

/** A stream of events. Listens from the moment it is made; `break`, `close()` and the end of its client end it. */
export interface NftMonitor extends Monitor<NftEvent> {}

export interface NftMonitorOptions extends CallOptions {
  /** The network namespace to listen in. Default: that of the client. */
  netns?: NamespaceRef;
  /** Begin with all there is: `{ kind: 'ruleset' }`, and then `{ kind: 'synced', reason: 'initial' }`. Default: false. */
  initial?: boolean;
  /** After an overrun, in which transactions were lost, tell all there is, as `initial` does, and then `{ kind: 'synced', reason: 'overrun' }`. Default: false. */
  resync?: boolean;
  /** Whether rules have `statements` too: what they say. The sets that rules brought along are read for that in the beginning. Default: false. */
  statements?: boolean;
  /** Bytes to ask for to hold events that are not taken yet. Default: 32 MiB. Without CAP_NET_ADMIN the kernel grants net.core.rmem_max at most. */
  receiveBuffer?: number;
  /** Whether waiting for an event keeps the process alive. Default: true. */
  ref?: boolean;
}

const members = memberNames<Omit<NftMonitorOptions, keyof CallOptions>>({
  netns: true,
  initial: true,
  resync: true,
  statements: true,
  receiveBuffer: true,
  ref: true,
});

const defaultReceiveBuffer = 32 * 1024 * 1024;

/** @throws InputError, NotFoundError for `netns` */
export function openMonitor(host: Host, hostOptions: HostOptions, options: NftMonitorOptions, onClose: () => void): NftMonitor {
  checkOptions(options, 'options', members);
  for (const member of ['initial', 'resync', 'statements', 'ref'] as const) checkBoolean(options[member], member);
  const { netns, initial = false, resync = false, statements = false, receiveBuffer = defaultReceiveBuffer, ref, signal } = options;
  inArgument('receiveBuffer', () => checkInteger(receiveBuffer, 1, 0x3fffffff));
  const { timeout } = withDefaults(options, hostOptions);
  const surroundings = surroundingsOf(hostOptions);
  const namespace = netns === undefined ? undefined : surroundings.openNamespace(netns, 'netns');
  const close = (): void => {
    if (namespace !== undefined) surroundings.closeNamespace(namespace);
  };
  try {
    const transport = hostOptions.openTransport(NETLINK_NETFILTER, namespace ?? hostOptions.namespace);
    try {
      transport.subscribe({ groups: [NFNLGRP_NFTABLES], receiveBuffer, allNamespaces: false });
    } catch (error) {
      transport.close();
      throw error;
    }
    const run = <T>(program: Program<T>, stopped: AbortSignal): Promise<T> =>
      host.run(scoped(namespace, program), timeout === undefined ? { signal: stopped } : { signal: stopped, timeout });
    const feed = new NftFeed({ initial, resync, statements, run });
    const whenClosed = (): void => {
      close();
      onClose();
    };
    return new Monitor<NftEvent>(transport, feed, { signal, ref, onClose: whenClosed });
  } catch (error) {
    close();
    throw error;
  }
}
