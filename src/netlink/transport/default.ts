/** The transport of whoever names none: a netlink socket, unless the application has chosen another. */
import { InputError } from '../errors.ts';
import type { OpenTransport } from '../host.ts';
import { type Binding, chooseBinding, environmentBinding } from '../sys/libc.ts';
import { openFfiTransport } from './ffi.ts';
import { openNodeNetlinkTransport } from './node-netlink.ts';
import { realSurroundings } from './surroundings.ts';

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

/** Opens a transport of the kind chosen at the time: for builders, which have nothing open between calls. */
export const openDefaultTransport: OpenTransport = (protocol, namespace) => defaultTransport()(protocol, namespace);
openDefaultTransport.surroundings = {
  openNamespace: (reference, argument) => (defaultTransport().surroundings ?? realSurroundings).openNamespace(reference, argument),
  closeNamespace: (namespace) => (defaultTransport().surroundings ?? realSurroundings).closeNamespace(namespace),
  get sysctl() {
    return defaultTransport().surroundings?.sysctl;
  },
};
