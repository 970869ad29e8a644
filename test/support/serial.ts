/** A CAN controller at the end of a serial line, as slcand(1) makes it: of a pseudo-terminal, so that there need not be hardware. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { lastError, libc } from '../../src/netlink/sys/libc.ts';

const [TIOCSPTLCK, TIOCGPTN, TIOCSETD] = [0x4004_5431, 0x8004_5430, 0x5423];
const N_SLCAN = 17;

/** Makes one, in the namespace that the machine started with. It goes with the descriptors. @returns its name, and what closes it */
export function serialCan(): { name: string; close: () => void } {
  const before = new Set(links());
  const descriptors = [openSync('/dev/ptmx', 'r+')];
  const close = (): void => {
    for (const fd of descriptors.splice(0)) closeSync(fd);
  };
  try {
    control(descriptors[0]!, TIOCSPTLCK, 0);
    descriptors.push(openSync(`/dev/pts/${control(descriptors[0]!, TIOCGPTN, 0)}`, 'r+'));
    control(descriptors[1]!, TIOCSETD, N_SLCAN);
    const name = links().find((link) => !before.has(link));
    if (name === undefined) throw new Error('the line discipline made no link');
    return { name, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** ioctl(2) with an integer by address. @returns the integer afterwards */
function control(fd: number, request: number, value: number): number {
  const argument = Int32Array.of(value);
  if (libc().ioctlMemory(fd, request, argument) < 0) throw lastError('ioctl');
  return argument[0]!;
}

/** Of the namespace that the machine started with: /proc/1/net belongs to it. */
function links(): string[] {
  return [...readFileSync('/proc/1/net/dev', 'utf8').matchAll(/^ *(\S+):/gm)].map(([, name]) => name!);
}
