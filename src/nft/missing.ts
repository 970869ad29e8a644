/** What is not there. */
import { NetlinkError } from '../netlink/errors.ts';

/** Whether the kernel refused because something does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof NetlinkError && error.code === 'ENOENT';
}
