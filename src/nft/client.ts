/** Clients: the methods of this folder on sockets that stay open. */
import { type ClientOptions, closeOnce, hostOptions as hostOptionsOf } from '../netlink/client-options.ts';
import { ClosedError } from '../netlink/errors.ts';
import { asyncMethods, Host, type HostOptions } from '../netlink/host.ts';
import { SyncHost, syncMethods } from '../netlink/host-sync.ts';
import type { AsyncMethods, SyncMethods } from '../netlink/program.ts';
import { chainPrograms } from './chains.ts';
import { elementPrograms } from './elements.ts';
import { flowtablePrograms } from './flowtables.ts';
import { generation } from './generation.ts';
import { hookPrograms } from './hooks.ts';
import { registerNftMessages } from './messages.ts';
import { type NftMonitor, type NftMonitorOptions, openMonitor } from './monitor/monitor.ts';
import { type NftTrace, type NftTraceOptions, openTrace } from './monitor/trace.ts';
import { type ObjectMethods, type ObjectMethodsSync, objectPrograms } from './objects.ts';
import { checkOptions } from './options.ts';
import { rulePrograms } from './rules.ts';
import { flush, ruleset } from './ruleset.ts';
import { setPrograms } from './sets.ts';
import { tablePrograms } from './tables.ts';
import { transaction } from './transaction.ts';
import { update } from './update.ts';

registerNftMessages();

export interface OpenOptions extends ClientOptions {}

const rootPrograms = { transaction, update, ruleset, flush, generation };

/** The programs of each kind of object. */
const programs = {
  tables: tablePrograms,
  chains: chainPrograms,
  rules: rulePrograms,
  sets: setPrograms,
  elements: elementPrograms,
  objects: objectPrograms,
  flowtables: flowtablePrograms,
  hooks: hookPrograms,
} as const;
type Programs = typeof programs;

/** A client whose methods return promises. */
export interface NftClient extends AsyncMethods<typeof rootPrograms> {
  readonly tables: AsyncMethods<Programs['tables']>;
  readonly chains: AsyncMethods<Programs['chains']>;
  readonly rules: AsyncMethods<Programs['rules']>;
  readonly sets: AsyncMethods<Programs['sets']>;
  readonly elements: AsyncMethods<Programs['elements']>;
  readonly objects: ObjectMethods;
  readonly flowtables: AsyncMethods<Programs['flowtables']>;
  readonly hooks: AsyncMethods<Programs['hooks']>;
  /**
   * What changes, transaction by transaction, with the name and id of the process that made it:
   *
   *     for await (const event of nf.monitor()) if (event.kind === 'transaction') console.log(event.process, event.changes);
   *
   * Each has a socket of its own.
   *
   * @throws InputError, NotFoundError for `netns`
   * @throws ClosedError when the client is closed
   */
  monitor(options?: NftMonitorOptions): NftMonitor;
  /**
   * What becomes of the packets that a rule marks with `meta.nftrace.set(true)`, step by step, as `nft monitor trace` shows it:
   *
   *     for await (const event of nf.trace()) if (event.kind === 'trace') console.log(event.id, event.chain, event.handle, event.verdict);
   *
   * Each has a socket of its own.
   *
   * @throws InputError, NotFoundError for `netns`
   * @throws ClosedError when the client is closed
   */
  trace(options?: NftTraceOptions): NftTrace;
  /** Closes the client; what is pending fails with ClosedError. Idempotent. */
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A client whose methods return values, and wait in place. */
export interface NftClientSync extends SyncMethods<typeof rootPrograms> {
  readonly tables: SyncMethods<Programs['tables']>;
  readonly chains: SyncMethods<Programs['chains']>;
  readonly rules: SyncMethods<Programs['rules']>;
  readonly sets: SyncMethods<Programs['sets']>;
  readonly elements: SyncMethods<Programs['elements']>;
  readonly objects: ObjectMethodsSync;
  readonly flowtables: SyncMethods<Programs['flowtables']>;
  readonly hooks: SyncMethods<Programs['hooks']>;
  /** Closes the client. Idempotent. */
  close(): void;
  [Symbol.dispose](): void;
}

/** @throws InputError, NotFoundError, SystemError for `netns` */
export async function open(options: OpenOptions = {}): Promise<NftClient> {
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
  const following =
    <O, M extends { close(): void }>(begin: (host: Host, hostOptions: HostOptions, options: O, onClose: () => void) => M) =>
    (listening: O): M => {
      if (closed) throw new ClosedError('the client');
      const opened = begin(host, hostOptions, listening, () => monitors.delete(opened));
      monitors.add(opened);
      return opened;
    };
  const [monitor, trace] = [following(openMonitor), following(openTrace)];
  return {
    ...asyncMethods(rootPrograms, () => host),
    tables: asyncMethods(programs.tables, () => host),
    chains: asyncMethods(programs.chains, () => host),
    rules: asyncMethods(programs.rules, () => host),
    sets: asyncMethods(programs.sets, () => host),
    elements: asyncMethods(programs.elements, () => host),
    objects: asyncMethods(programs.objects, () => host) as ObjectMethods,
    flowtables: asyncMethods(programs.flowtables, () => host),
    hooks: asyncMethods(programs.hooks, () => host),
    monitor: (monitorOptions = {}) => monitor(monitorOptions),
    trace: (traceOptions = {}) => trace(traceOptions),
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}

/** @throws InputError, NotFoundError, SystemError for `netns` */
export function openSync(options: OpenOptions = {}): NftClientSync {
  const hostOptions = prepare(options);
  const host = new SyncHost(hostOptions);
  const close = closeOnce(host, hostOptions);
  return {
    ...syncMethods(rootPrograms, () => host),
    tables: syncMethods(programs.tables, () => host),
    chains: syncMethods(programs.chains, () => host),
    rules: syncMethods(programs.rules, () => host),
    sets: syncMethods(programs.sets, () => host),
    elements: syncMethods(programs.elements, () => host),
    objects: syncMethods(programs.objects, () => host) as ObjectMethodsSync,
    flowtables: syncMethods(programs.flowtables, () => host),
    hooks: syncMethods(programs.hooks, () => host),
    close,
    [Symbol.dispose]: close,
  };
}

function prepare(options: OpenOptions): HostOptions {
  checkOptions(options, ['transport']);
  return hostOptionsOf(options);
}
