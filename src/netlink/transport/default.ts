/** The transport of whoever names none: a netlink socket through libc, unless the application has chosen another. */
import { InputError } from '../errors.ts';
import type { OpenTransport } from '../host.ts';
import { openFfiTransport } from './ffi.ts';
import { realSurroundings } from './surroundings.ts';

let chosen: OpenTransport = openFfiTransport;

/**
 * Chooses the transport of the builders and of every client that is opened from now on without `transport`: a fake kernel in tests, or
 * `node-netlink`. Builders go over to it with their next call.
 *
 * @param open undefined: the built-in one again
 * @returns the one before
 * @throws InputError
 */
export function setDefaultTransport(open: OpenTransport | undefined): OpenTransport {
  if (open !== undefined && typeof open !== 'function')
    throw new InputError('open', 'expected a function that opens a transport', 'ERR_INVALID_ARG_TYPE');
  const before = chosen;
  chosen = open ?? openFfiTransport;
  return before;
}

/** The one chosen at present: for clients, which keep to it. */
export function defaultTransport(): OpenTransport {
  return chosen;
}

/** Opens a transport of the kind chosen at the time: for builders, which have nothing open between calls. */
export const openDefaultTransport: OpenTransport = (protocol, namespace) => chosen(protocol, namespace);
openDefaultTransport.surroundings = {
  openNamespace: (reference, argument) => (chosen.surroundings ?? realSurroundings).openNamespace(reference, argument),
  closeNamespace: (namespace) => (chosen.surroundings ?? realSurroundings).closeNamespace(namespace),
  get sysctl() {
    return chosen.surroundings?.sysctl;
  },
};
