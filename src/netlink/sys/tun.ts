/** The device that tun and tap links are made with. Sources: include/uapi/linux/if_tun.h, the kernel's Documentation/networking/tuntap.rst. */
import { ioctlNumber } from './architecture.ts';
import { lastError, libc } from './libc.ts';

const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const path = '/dev/net/tun';

export const IFF_TUN = 0x0001;
export const IFF_TAP = 0x0002;
export const IFF_MULTI_QUEUE = 0x0100;
export const IFF_NO_PI = 0x1000;
export const IFF_VNET_HDR = 0x4000;
export const IFF_TUN_EXCL = 0x8000;

const iow = (number: number, name: string): readonly [number, string] => [ioctlNumber(0x54, number, 4), name];

export const TUNSETIFF = iow(202, 'TUNSETIFF');
export const TUNSETPERSIST = iow(203, 'TUNSETPERSIST');
export const TUNSETOWNER = iow(204, 'TUNSETOWNER');
export const TUNSETGROUP = iow(206, 'TUNSETGROUP');
export const TUNSETIFINDEX = iow(218, 'TUNSETIFINDEX');

const IFNAMSIZ = 16;
/** sizeof(struct ifreq), on 64-bit machines; on others it is 32. */
const sizeofIfreq = 40;

/**
 * Opens the device. It belongs to the network namespace of the calling thread from then on.
 *
 * @param nonBlocking whether reading fails with EAGAIN, and does not wait, when there is no packet
 * @returns a descriptor @throws SystemError
 */
export function openTunDevice(nonBlocking = false): number {
  const fd = libc().open(path, O_RDWR | O_CLOEXEC | (nonBlocking ? O_NONBLOCK : 0));
  if (fd < 0) throw lastError('open', { path });
  return fd;
}

/** struct ifreq with a name, for the kernel to complete, and IFF_* flags. */
export function tunRequest(name: string, flags: number): Buffer {
  // an ArrayBuffer of its own, as for `words`: a thread of the pool works on it
  const request = Buffer.from(new ArrayBuffer(sizeofIfreq));
  request.write(name, 0, IFNAMSIZ - 1);
  request.writeUInt16LE(flags, IFNAMSIZ);
  return request;
}
