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

/** Where a client acts, how it reaches the kernel, and how long its calls wait. */
export interface OpenOptions extends ClientOptions {}

const rootPrograms = {
  /**
   * Carries changes out as one transaction: all of them, or none. One without changes sends nothing.
   *
   *     await nf.transaction((tx) => {
   *       tx.tables.ensure({ family: 'inet', name: 'filter' });
   *       tx.chains.ensure({ family: 'inet', table: 'filter', name: 'input', type: 'filter', hook: 'input', priority: 'filter' });
   *     });
   *
   * @throws InputError before anything is sent
   * @throws TransactionTooLargeError when it does not fit a datagram; nothing was sent then
   * @throws NetlinkError the first change that was refused, by name; `ERESTART` when the ruleset is not of `options.generation`
   * @throws TransactionOutcomeError when the kernel's answer was lost, with `confirm` or `generation`; OutcomeUnknownError or TimeoutError otherwise
   */
  transaction,
  /**
   * Reads the ruleset, lets `plan` say what to change, and does so in one transaction, provided that the ruleset is still the one that was read.
   * If somebody else has changed it meanwhile, it begins anew: `plan` is called again, with what there is then.
   *
   *     await nf.update(({ rules }) => rules.filter(({ comment }) => comment === 'old').map((rule) => change.rules.delete(rule)));
   *
   * @throws InputError before anything is sent
   * @throws NetlinkError the first change that was refused; `ERESTART` when it was overtaken each time
   */
  update,
  /** Everything there is, all of one generation. @throws DumpInterruptedError when it changed during each of ten readings */
  ruleset,
  /** Deletes all tables with all they hold, or those of one family. Tables of other owners stay. */
  flush,
  /** The generation of the ruleset, which every transaction raises. One that is given it fails with ERESTART when the ruleset has changed since. */
  generation,
};

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

/** Tables, which hold chains, sets and objects. */
export interface TableMethods extends AsyncMethods<Programs['tables']> {}
/** The same, in place. */
export interface TableMethodsSync extends SyncMethods<Programs['tables']> {}
/** Chains of rules. */
export interface ChainMethods extends AsyncMethods<Programs['chains']> {}
/** The same, in place. */
export interface ChainMethodsSync extends SyncMethods<Programs['chains']> {}
/** Rules of chains. */
export interface RuleMethods extends AsyncMethods<Programs['rules']> {}
/** The same, in place. */
export interface RuleMethodsSync extends SyncMethods<Programs['rules']> {}
/** Sets and maps, without their elements. */
export interface SetMethods extends AsyncMethods<Programs['sets']> {}
/** The same, in place. */
export interface SetMethodsSync extends SyncMethods<Programs['sets']> {}
/** Elements of sets and maps. */
export interface ElementMethods extends AsyncMethods<Programs['elements']> {}
/** The same, in place. */
export interface ElementMethodsSync extends SyncMethods<Programs['elements']> {}
/** Flowtables: connections that go past the rules. */
export interface FlowtableMethods extends AsyncMethods<Programs['flowtables']> {}
/** The same, in place. */
export interface FlowtableMethodsSync extends SyncMethods<Programs['flowtables']> {}
/** What packets are handed to at each hook, by nf_tables or others: nft(8), "list hooks". */
export interface HookMethods extends AsyncMethods<Programs['hooks']> {}
/** The same, in place. */
export interface HookMethodsSync extends SyncMethods<Programs['hooks']> {}

/** A client whose methods return promises. */
export interface NftClient extends AsyncMethods<typeof rootPrograms>, AsyncDisposable {
  /** Tables. */
  readonly tables: TableMethods;
  /** Chains of rules. */
  readonly chains: ChainMethods;
  /** Rules of chains. */
  readonly rules: RuleMethods;
  /** Sets and maps, without their elements. */
  readonly sets: SetMethods;
  /** Elements of sets and maps. */
  readonly elements: ElementMethods;
  /** Named counters, quotas, limits and other objects that rules refer to. */
  readonly objects: ObjectMethods;
  /** Flowtables: connections that go past the rules. */
  readonly flowtables: FlowtableMethods;
  /** What packets are handed to at each hook, by nf_tables or others: nft(8), "list hooks". */
  readonly hooks: HookMethods;
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
}

/** A client whose methods return values, and wait in place. */
export interface NftClientSync extends SyncMethods<typeof rootPrograms>, Disposable {
  /** Tables. */
  readonly tables: TableMethodsSync;
  /** Chains of rules. */
  readonly chains: ChainMethodsSync;
  /** Rules of chains. */
  readonly rules: RuleMethodsSync;
  /** Sets and maps, without their elements. */
  readonly sets: SetMethodsSync;
  /** Elements of sets and maps. */
  readonly elements: ElementMethodsSync;
  /** Named counters, quotas, limits and other objects that rules refer to. */
  readonly objects: ObjectMethodsSync;
  /** Flowtables: connections that go past the rules. */
  readonly flowtables: FlowtableMethodsSync;
  /** What packets are handed to at each hook, by nf_tables or others: nft(8), "list hooks". */
  readonly hooks: HookMethodsSync;
  /** Closes the client. Idempotent. */
  close(): void;
}

/**
 * Opens a client.
 *
 *     await using nf = await nft.open({ netns: 'red' });
 *     console.log(await nf.ruleset());
 *
 * @throws InputError, NotFoundError, SystemError for `netns`
 */
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

/**
 * Opens a client that works in place.
 *
 * @throws InputError, NotFoundError, SystemError for `netns`
 */
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
  checkOptions(options, ['netns', 'transport']);
  return hostOptionsOf(options);
}
