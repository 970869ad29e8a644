/**
 * The transport over the npm package `node-netlink`, an optional peer: the same netlink socket as the default one's, whose system calls that package's
 * parts make. What it lacks beside the default one, and costs, is in docs/node-netlink.md.
 */
import type { OpenTransport } from '../host.ts';
import { nodeNetlinkLibc } from '../sys/libc-node-netlink.ts';
import { openNamespace } from '../sys/namespace.ts';
import { closeFd } from '../sys/socket.ts';
import { openSocketTransport } from './socket.ts';

/**
 * Opens a netlink socket in `namespace` through the package `node-netlink`, which has to be installed beside netloom, and loads no FFI; undefined: where the
 * calling thread is. For `transport` of a client, or for {@link setDefaultTransport}: then namespaces, mounts and tun devices go the same way.
 *
 * @throws SystemError
 * @throws NetloomError `ERR_NODE_NETLINK_UNAVAILABLE` where the package is not installed, was not compiled, or does not run; it says which
 */
export const openNodeNetlinkTransport: OpenTransport = (protocol, namespace) => openSocketTransport(protocol, namespace, nodeNetlinkLibc());
/** How libc is called: sockets opened by it and the rest of the library go the same way. */
openNodeNetlinkTransport.binding = 'node-netlink';
/** Namespaces and sysctls, by the same system calls. */
openNodeNetlinkTransport.surroundings = {
  openNamespace: (reference, argument) => openNamespace(reference, argument, nodeNetlinkLibc()),
  closeNamespace: ({ fd }) => closeFd(fd, nodeNetlinkLibc()),
};
