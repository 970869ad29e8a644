/** Mounts. Sources: mount(2), umount(2), flock(2), include/uapi/linux/mount.h. */
import { closeSync, openSync } from 'node:fs';
import { NetloomError } from '../errors.ts';
import { lastError, libc } from './libc.ts';

export const MS_BIND = 0x1000;
export const MS_REC = 0x4000;
export const MS_SHARED = 0x100000;
export const MNT_DETACH = 2;
export const UMOUNT_NOFOLLOW = 8;

const LOCK_EX = 2;
const LOCK_NB = 4;
const EAGAIN = 11;

/** mount(2) without a file system type and data: binds and changes of propagation. @throws SystemError */
export function mount(source: string | null, target: string, flags: number): void {
  if (libc().mount(source, target, null, flags, null) < 0) throw lastError('mount', { path: target });
}

/** umount2(2). @throws SystemError `EINVAL` when `target` is no mount point */
export function umount(target: string, flags = 0): void {
  if (libc().umount2(target, flags) < 0) throw lastError('umount2', { path: target });
}

/**
 * Runs `section` holding the flock(2) of a directory; closing it frees the lock. Tries for a second: whoever holds it is about to let go.
 *
 * @throws NetloomError `EBUSY` when another process keeps it
 */
export function withLock<T>(directory: string, section: () => T): T {
  const fd = openSync(directory, 'r');
  try {
    for (let attempt = 0; libc().flock(fd, LOCK_EX | LOCK_NB) < 0; attempt++) {
      const error = lastError('flock', { path: directory });
      if (error.errno !== EAGAIN) throw error;
      if (attempt === 200) throw new NetloomError(`another process keeps ${directory} locked`, 'EBUSY', { cause: error });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
    return section();
  } finally {
    closeSync(fd);
  }
}
