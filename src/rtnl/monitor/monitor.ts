/** Monitors of rtnetlink: what {@link RtnlClient.monitor} makes. Source: rtnetlink(7), ip-monitor(8). */
import { noneOf } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import type { Host, HostOptions } from '../../netlink/host.ts';
import { checkBoolean, checkOptions, memberNames } from '../../netlink/input.ts';
import { type ListenOptions, listen } from '../../netlink/listen.ts';
import { NETLINK_ROUTE } from '../../netlink/message.ts';
import type { ControlEvent, Monitor } from '../../netlink/monitor.ts';
import { KindFeed } from '../../netlink/monitor-feed.ts';
import type { ChangeEvent, MonitorKind } from '../../netlink/monitor-kind.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { RTNLGRP_LINK } from './groups.ts';
import { rtnlKinds } from './kinds.ts';
import { LinkNames } from './names.ts';

/** What a monitor can tell of. */
export type RtnlKind = keyof typeof rtnlKinds;

/** The object of a kind. */
export type RtnlObject<K extends RtnlKind> = (typeof rtnlKinds)[K] extends MonitorKind<infer T, LinkNames> ? T : never;

/** A change of an object of one of the kinds `K`; `kind` and `action` tell which. */
export type RtnlChange<K extends RtnlKind = RtnlKind> = { [P in K]: ChangeEvent<P, RtnlObject<P>> }[K];

/** What a monitor of the kinds `K` yields. */
export type RtnlEvent<K extends RtnlKind = RtnlKind> = RtnlChange<K> | ControlEvent;

/** A stream of events. Listens from the moment it is made; `break`, `close()` and the end of its client end it. */
export interface RtnlMonitor<K extends RtnlKind = RtnlKind> extends Monitor<RtnlChange<K>> {}

export interface MonitorOptions extends ListenOptions {
  /** Begin with the objects that exist, each as an event with `action: 'new'`; then comes `{ kind: 'synced', reason: 'initial' }`. Default: false. */
  initial?: boolean;
  /**
   * Keep a picture of the objects, in memory. After an overrun list them again and yield what has changed; then comes
   * `{ kind: 'synced', reason: 'overrun' }`. Events know what was there before: `old`, and `new` from `change`. What the kernel removes
   * without a word (IPv4 routes of a link that goes down) is noticed too. Default: false.
   */
  resync?: boolean;
  /**
   * Listen in all namespaces that have an id in this one (ip-netns(8) "list-id"); events from there have `nsid`. Needs CAP_NET_BROADCAST
   * here and there. Not together with `initial` or `resync`. Default: false.
   */
  allNamespaces?: boolean;
}

const members = memberNames<Omit<MonitorOptions, keyof CallOptions>>({
  netns: true,
  initial: true,
  resync: true,
  allNamespaces: true,
  receiveBuffer: true,
  ref: true,
});

/** @throws InputError, NotFoundError for `netns`, SystemError `EPERM` for `allNamespaces` */
export function openMonitor<K extends RtnlKind>(
  host: Host,
  hostOptions: HostOptions,
  kinds: readonly K[],
  options: MonitorOptions,
  onClose: () => void,
): RtnlMonitor<K> {
  const chosen = checkKinds(kinds);
  checkOptions(options, 'options', members);
  for (const member of ['initial', 'resync', 'allNamespaces'] as const) checkBoolean(options[member], member);
  const { initial = false, resync = false, allNamespaces = false } = options;
  if (allNamespaces && (initial || resync))
    throw new InputError(initial ? 'initial' : 'resync', 'describes one namespace: it does not go with allNamespaces');
  const groups = new Set([RTNLGRP_LINK]);
  for (const kind of Object.values(chosen)) {
    for (const group of kind.groups) groups.add(group);
    if (resync) for (const group of kind.listing?.groups ?? []) groups.add(group);
  }
  // the feed makes events of the chosen kinds and no others
  return listen(
    { host, hostOptions, onClose },
    { protocol: NETLINK_ROUTE, groups: [...groups], allNamespaces },
    options,
    (run) => new KindFeed({ kinds: chosen, context: new LinkNames(allNamespaces), run, initial, resync }),
  ) as unknown as RtnlMonitor<K>;
}

// biome-ignore lint/suspicious/noExplicitAny: kinds of different objects share one table
type ChosenKinds = Record<string, MonitorKind<any, LinkNames>>;

function checkKinds(kinds: readonly string[]): ChosenKinds {
  if (!Array.isArray(kinds)) throw new InputError('kinds', `expected an array, got ${show(kinds)}`, 'ERR_INVALID_ARG_TYPE');
  if (kinds.length === 0) throw new InputError('kinds', 'expected at least one');
  const chosen: ChosenKinds = {};
  kinds.forEach((kind: unknown, i) => {
    if (typeof kind !== 'string' || !Object.hasOwn(rtnlKinds, kind))
      throw new InputError(`kinds[${i}]`, noneOf(kind, Object.keys(rtnlKinds)));
    chosen[kind] = rtnlKinds[kind as RtnlKind];
  });
  return chosen;
}
