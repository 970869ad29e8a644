/** Monitors of conntrack: what {@link ConntrackClient.monitor} makes. Source: conntrack(8), --event. */
import { noneOf } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import type { Host, HostOptions } from '../../netlink/host.ts';
import { checkBoolean, checkOptions, memberNames } from '../../netlink/input.ts';
import { type ListenOptions, listen } from '../../netlink/listen.ts';
import { NETLINK_NETFILTER } from '../../netlink/message.ts';
import type { ControlEvent, Monitor } from '../../netlink/monitor.ts';
import { KindFeed, type MonitorContext } from '../../netlink/monitor-feed.ts';
import type { ChangeEvent, MonitorKind } from '../../netlink/monitor-kind.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { conntrackKinds, groupsOf } from './kinds.ts';

/** What a monitor can tell of. */
export type ConntrackKind = keyof typeof conntrackKinds;

/** The object of a kind. */
export type ConntrackObject<K extends ConntrackKind> = (typeof conntrackKinds)[K] extends MonitorKind<infer T, MonitorContext> ? T : never;

/** A change of an object of one of the kinds `K`; `kind` and `action` tell which. */
export type ConntrackChange<K extends ConntrackKind = ConntrackKind> = { [P in K]: ChangeEvent<P, ConntrackObject<P>> }[K];

/** What a monitor of the kinds `K` yields. */
export type ConntrackEvent<K extends ConntrackKind = ConntrackKind> = ConntrackChange<K> | ControlEvent;

/** A stream of events. Listens from the moment it is made; `break`, `close()` and the end of its client end it. */
export interface ConntrackMonitor<K extends ConntrackKind = ConntrackKind> extends Monitor<ConntrackChange<K>> {}

export interface MonitorOptions extends ListenOptions {
  /**
   * What to be told of: `delete` alone tells of every flow once, with what has gone through. Default: all three. Not together with `initial` or
   * `resync`, which need all.
   */
  actions?: readonly ('new' | 'change' | 'delete')[];
  /** Begin with the objects that exist, each as an event with `action: 'new'`; then comes `{ kind: 'synced', reason: 'initial' }`. Default: false. */
  initial?: boolean;
  /**
   * Keep a picture of the objects, in memory. After an overrun list them again and yield what has changed; then comes
   * `{ kind: 'synced', reason: 'overrun' }`. Events are whole: without it a message of a change holds what has changed and a part of the rest.
   * Default: false.
   */
  resync?: boolean;
}

const members = memberNames<Omit<MonitorOptions, keyof CallOptions>>({
  netns: true,
  actions: true,
  initial: true,
  resync: true,
  receiveBuffer: true,
  ref: true,
});

/** @throws InputError, NotFoundError for `netns` */
export function openMonitor<K extends ConntrackKind>(
  host: Host,
  hostOptions: HostOptions,
  kinds: readonly K[],
  options: MonitorOptions,
  onClose: () => void,
): ConntrackMonitor<K> {
  checkKinds(kinds);
  checkOptions(options, 'options', members);
  for (const member of ['initial', 'resync'] as const) checkBoolean(options[member], member);
  const { initial = false, resync = false } = options;
  const groups = groupsFor(kinds, options);
  const chosen = Object.fromEntries(kinds.map((kind) => [kind, conntrackKinds[kind]]));
  // the feed makes events of the chosen kinds and no others
  return listen(
    { host, hostOptions, onClose },
    { protocol: NETLINK_NETFILTER, groups },
    options,
    (run) => new KindFeed<MonitorContext>({ kinds: chosen, context: {}, run, initial, resync }),
  ) as unknown as ConntrackMonitor<K>;
}

function checkKinds(kinds: unknown): asserts kinds is readonly ConntrackKind[] {
  if (!Array.isArray(kinds)) throw new InputError('kinds', `expected an array, got ${show(kinds)}`, 'ERR_INVALID_ARG_TYPE');
  if (kinds.length === 0) throw new InputError('kinds', 'expected at least one');
  for (const [i, kind] of (kinds as unknown[]).entries())
    if (typeof kind !== 'string' || !Object.hasOwn(conntrackKinds, kind))
      throw new InputError(`kinds[${i}]`, noneOf(kind, Object.keys(conntrackKinds)));
}

const allActions = ['new', 'change', 'delete'] as const;

function groupsFor(kinds: readonly ConntrackKind[], { actions, initial, resync }: MonitorOptions): number[] {
  if (actions === undefined) return kinds.flatMap((kind) => Object.values(groupsOf[kind]));
  if (!Array.isArray(actions)) throw new InputError('actions', `expected an array, got ${show(actions)}`, 'ERR_INVALID_ARG_TYPE');
  if (actions.length === 0) throw new InputError('actions', 'expected at least one');
  for (const [i, action] of actions.entries())
    if (!allActions.includes(action)) throw new InputError(`actions[${i}]`, noneOf(action, allActions));
  if ((initial === true || resync === true) && !allActions.every((action) => actions.includes(action)))
    throw new InputError(initial === true ? 'initial' : 'resync', 'needs all actions');
  return kinds.flatMap((kind) => (actions as readonly (typeof allActions)[number][]).map((action) => groupsOf[kind][action]));
}
