/** What all clients have in common: what they are opened with, and how they close. */
import { InputError } from './errors.ts';
import type { HostOptions, OpenTransport } from './host.ts';
import { inArgument } from './input.ts';
import { checkInteger } from './scalar.ts';
import type { NamespaceRef } from './sys/namespace.ts';
import { traced } from './trace.ts';
import { defaultTransport } from './transport/default.ts';
import { realSurroundings } from './transport/surroundings.ts';

export interface ClientOptions {
  /** The network namespace to act in. Default: that of the process when a method is first called. */
  netns?: NamespaceRef;
  /** Milliseconds to wait for the kernel's answer, for calls that do not say. Default: 30,000. */
  timeout?: number;
  /** What carries messages to the kernel. Default: a netlink socket. */
  transport?: OpenTransport;
}

/** The options of a client's host. Opens the namespace, which {@link closeOnce} closes. @throws InputError, NotFoundError, SystemError for `netns` */
export function hostOptions({ netns, timeout, transport = defaultTransport() }: ClientOptions): HostOptions {
  if (timeout !== undefined) inArgument('timeout', () => checkInteger(timeout, 1, 2 ** 31 - 1));
  if (typeof transport !== 'function')
    throw new InputError('transport', 'expected a function that opens a transport', 'ERR_INVALID_ARG_TYPE');
  const namespace = netns === undefined ? undefined : (transport.surroundings ?? realSurroundings).openNamespace(netns, 'netns');
  return {
    openTransport: traced(transport),
    keepOpen: true,
    ...(namespace === undefined ? {} : { namespace }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

/** Closes a host and the namespace that {@link hostOptions} opened for it; from the second call on does nothing. */
export function closeOnce(host: { close(): void }, { namespace, openTransport }: HostOptions): () => void {
  let closed = false;
  return () => {
    if (closed) return;
    closed = true;
    host.close();
    if (namespace !== undefined) (openTransport.surroundings ?? realSurroundings).closeNamespace(namespace);
  };
}
