/** Clients: the methods of this folder on sockets that stay open. */
import { asyncMethods, Host, type HostOptions, type OpenTransport } from '../netlink/host.ts';
import { SyncHost, syncMethods } from '../netlink/host-sync.ts';
import type { AsyncMethods, SyncMethods } from '../netlink/program.ts';
import { closeNamespace, type NamespaceRef, type OpenNamespace, openNamespace } from '../netlink/sys/namespace.ts';
import { openFfiTransport } from '../netlink/transport/ffi.ts';
import { chainPrograms } from './chains.ts';
import { generation } from './generation.ts';
import { checkOptions } from './options.ts';
import { rulePrograms } from './rules.ts';
import { ruleset } from './ruleset.ts';
import { tablePrograms } from './tables.ts';
import { transaction } from './transaction.ts';

export interface OpenOptions {
  /** The network namespace to act in. Default: that of the process. */
  netns?: NamespaceRef;
  /** What carries messages to the kernel. Default: a socket of the process's own. */
  transport?: OpenTransport;
}

const rootPrograms = { transaction, ruleset, generation };

/** A client whose methods return promises. */
export interface NftClient extends AsyncMethods<typeof rootPrograms> {
  readonly tables: AsyncMethods<typeof tablePrograms>;
  readonly chains: AsyncMethods<typeof chainPrograms>;
  readonly rules: AsyncMethods<typeof rulePrograms>;
  /** Closes the client; what is pending fails with ClosedError. Idempotent. */
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A client whose methods return values, and wait in place. */
export interface NftClientSync extends SyncMethods<typeof rootPrograms> {
  readonly tables: SyncMethods<typeof tablePrograms>;
  readonly chains: SyncMethods<typeof chainPrograms>;
  readonly rules: SyncMethods<typeof rulePrograms>;
  /** Closes the client. Idempotent. */
  close(): void;
  [Symbol.dispose](): void;
}

/** @throws InputError, NotFoundError, SystemError for `netns` */
export async function open(options: OpenOptions = {}): Promise<NftClient> {
  const { namespace, hostOptions } = prepare(options);
  const host = new Host(hostOptions);
  const close = closeOnce(host, namespace);
  return {
    ...asyncMethods(rootPrograms, () => host),
    tables: asyncMethods(tablePrograms, () => host),
    chains: asyncMethods(chainPrograms, () => host),
    rules: asyncMethods(rulePrograms, () => host),
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}

/** @throws InputError, NotFoundError, SystemError for `netns` */
export function openSync(options: OpenOptions = {}): NftClientSync {
  const { namespace, hostOptions } = prepare(options);
  const host = new SyncHost(hostOptions);
  const close = closeOnce(host, namespace);
  return {
    ...syncMethods(rootPrograms, () => host),
    tables: syncMethods(tablePrograms, () => host),
    chains: syncMethods(chainPrograms, () => host),
    rules: syncMethods(rulePrograms, () => host),
    close,
    [Symbol.dispose]: close,
  };
}

function prepare(options: OpenOptions): { namespace: OpenNamespace | undefined; hostOptions: HostOptions } {
  checkOptions(options, ['transport']);
  const namespace = options.netns === undefined ? undefined : openNamespace(options.netns, 'netns');
  const openTransport = options.transport ?? openFfiTransport;
  return { namespace, hostOptions: { openTransport, keepOpen: true, ...(namespace === undefined ? {} : { namespace }) } };
}

function closeOnce(host: { close(): void }, namespace: OpenNamespace | undefined): () => void {
  let closed = false;
  return () => {
    if (closed) return;
    closed = true;
    host.close();
    if (namespace !== undefined) closeNamespace(namespace);
  };
}
