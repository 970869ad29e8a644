/**
 * What is not the same on every processor in what netloom tells libc and the kernel. All else that these files write down is: held against the headers
 * of each in test/unit/architecture.test.ts. Sources: the kernel's arch/ARCH/include/uapi/asm, asm-generic/ioctl.h.
 */
import { NetloomError } from '../errors.ts';

/** Architectures, as Node.js calls them, whose numbers netloom knows. On MIPS and SPARC those of sockets, flags and errors are others. */
const known: ReadonlySet<string> = new Set(['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 'x64']);

/** @throws NetloomError `ERR_FFI_UNAVAILABLE` on an architecture whose numbers may be others */
export function checkArchitecture(architecture: string = process.arch): void {
  if (known.has(architecture)) return;
  throw new NetloomError(
    `netloom does not know the numbers of system calls' options on ${architecture}: it runs on ${[...known].join(', ')}`,
    'ERR_FFI_UNAVAILABLE',
  );
}

const narrow: ReadonlySet<string> = new Set(['arm', 'ia32']);

/** Bytes of an address, a size_t and a long. */
export function wordBytes(architecture: string = process.arch): 4 | 8 {
  return narrow.has(architecture) ? 4 : 8;
}

/**
 * The number of a request of ioctl(2), as the macros _IO and _IOW make it.
 *
 * @param size bytes of what the argument points at; undefined: there is none (_IO)
 */
export function ioctlNumber(type: number, number: number, size?: number, architecture: string = process.arch): number {
  // POWER took its directions, in three bits in place of two, from older systems
  const [none, write, shift] = architecture === 'ppc64' ? [1, 4, 29] : [0, 1, 30];
  // no shift: it would make the highest bit a sign
  return (size === undefined ? none : write) * 2 ** shift + ((size ?? 0) << 16) + (type << 8) + number;
}
