/** The transport of whoever names none: a netlink socket, unless the application has chosen another. */
import { InputError } from '../errors.ts';
import type { OpenTransport } from '../host.ts';
import { type Binding, chooseBinding, environmentBinding } from '../sys/libc.ts';
import { openFfiTransport } from './ffi.ts';
import { openNodeNetlinkTransport } from './node-netlink.ts';

const builtIn: Readonly<Record<Binding, OpenTransport>> = { ffi: openFfiTransport, 'node-netlink': openNodeNetlinkTransport };

let chosen: OpenTransport | undefined;

/** That of the environment variable `NETLOOM_TRANSPORT`: `ffi`, or if it is not set, and `node-netlink`. @throws InputError when it says anything else */
export function builtInTransport(): OpenTransport {
  return builtIn[environmentBinding()];
}

/**
 * Chooses the transport of the builders and of every client that is opened from now on without `transport`: a fake kernel in tests, or
 * {@link openNodeNetlinkTransport}. Builders go over to it with their next call. One to the kernel also decides how the other system calls
 * of this thread are made, which namespaces, mounts and tun devices need.
 *
 * @param open undefined: the built-in one again, which the environment variable `NETLOOM_TRANSPORT` names: `ffi` (default) or `node-netlink`
 * @returns the one before
 * @throws InputError
 */
export function setDefaultTransport(open: OpenTransport | undefined): OpenTransport {
  if (open !== undefined && typeof open !== 'function')
    throw new InputError('open', 'expected a function that opens a transport', 'ERR_INVALID_ARG_TYPE');
  const before = defaultTransport();
  chosen = open;
  if (open === undefined || open.binding !== undefined) chooseBinding(open?.binding);
  return before;
}

/** The one chosen at present: for clients, which keep to it. */
export function defaultTransport(): OpenTransport {
  return chosen ?? builtInTransport();
}

/**
 * Keeps what is made for the transport chosen at the time, and makes it anew when another has been chosen: what is open to the one before is of no use then.
 */
export function perTransport<T>(make: (openTransport: OpenTransport) => T): () => T {
  let made: { readonly transport: OpenTransport; readonly value: T } | undefined;
  return () => {
    const transport = defaultTransport();
    if (made?.transport !== transport) made = { transport, value: make(transport) };
    return made.value;
  };
}
