/** Mounts. Sources: mount(2), umount(2), include/uapi/linux/mount.h. */
import { lastError, libc } from './libc.ts';

export const MS_BIND = 0x1000;
export const MS_REC = 0x4000;
export const MS_SHARED = 0x100000;
export const MNT_DETACH = 2;

/** mount(2) without a file system type and data: binds and changes of propagation. @throws SystemError */
export function mount(source: string | null, target: string, flags: number): void {
  if (libc().mount(source, target, null, flags, null) < 0) throw lastError('mount', { path: target });
}

/** umount2(2). @throws SystemError `EINVAL` when `target` is no mount point */
export function umount(target: string, flags = 0): void {
  if (libc().umount2(target, flags) < 0) throw lastError('umount2', { path: target });
}
