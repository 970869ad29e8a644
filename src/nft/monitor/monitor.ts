/** Monitors of nf_tables: what {@link NftClient.monitor} makes. Source: nft(8), MONITOR. */
import type { Host, HostOptions } from '../../netlink/host.ts';
import { checkBoolean, checkOptions, memberNames } from '../../netlink/input.ts';
import { type ListenOptions, listen } from '../../netlink/listen.ts';
import { NETLINK_NETFILTER } from '../../netlink/message.ts';
import type { Monitor } from '../../netlink/monitor.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { type NftEvent, NftFeed } from './feed.ts';

/** Source: include/uapi/linux/netfilter/nfnetlink.h (enum nfnetlink_groups). */
const NFNLGRP_NFTABLES = 7;

/** A stream of events. Listens from the moment it is made; `break`, `close()` and the end of its client end it. */
export interface NftMonitor extends Monitor<NftEvent> {}

export interface NftMonitorOptions extends ListenOptions {
  /** Begin with all there is: `{ kind: 'ruleset' }`, and then `{ kind: 'synced', reason: 'initial' }`. Default: false. */
  initial?: boolean;
  /** After an overrun, in which transactions were lost, tell all there is, as `initial` does, and then `{ kind: 'synced', reason: 'overrun' }`. Default: false. */
  resync?: boolean;
  /** Whether rules have `statements` too: what they say. The sets and the rules that rules brought along are read for that in the beginning. Default: false. */
  statements?: boolean;
}

const members = memberNames<Omit<NftMonitorOptions, keyof CallOptions>>({
  netns: true,
  initial: true,
  resync: true,
  statements: true,
  receiveBuffer: true,
  ref: true,
});

/** @throws InputError, NotFoundError for `netns` */
export function openMonitor(host: Host, hostOptions: HostOptions, options: NftMonitorOptions, onClose: () => void): NftMonitor {
  checkOptions(options, 'options', members);
  for (const member of ['initial', 'resync', 'statements'] as const) checkBoolean(options[member], member);
  const { initial = false, resync = false, statements = false } = options;
  return listen(
    { host, hostOptions, onClose },
    { protocol: NETLINK_NETFILTER, groups: [NFNLGRP_NFTABLES] },
    options,
    (run) => new NftFeed({ initial, resync, statements, run }),
  );
}
