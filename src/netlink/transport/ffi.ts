/** The default transport: a netlink socket through libc, which koffi calls. */
import type { OpenTransport } from '../host.ts';
import { ffiLibc } from '../sys/libc-ffi.ts';
import { openSocketTransport } from './socket.ts';

/** Opens a netlink socket in `namespace`; undefined: where the calling thread is. @throws SystemError, NetloomError `ERR_FFI_UNAVAILABLE` */
export const openFfiTransport: OpenTransport = (protocol, namespace) => openSocketTransport(protocol, namespace, ffiLibc());
/** How libc is called: sockets opened by it and the rest of the library go the same way. */
openFfiTransport.binding = 'ffi';
