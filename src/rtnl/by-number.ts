/**
 * The names of /etc/iproute2 are not read: they belong to the machine, not to the network namespace, and what a program does must not depend on whether a
 * package is installed. The names that ip(8) has without those files are known.
 */
export function byNumber(file: string): string {
  return `, or a number; the names of /etc/iproute2/${file} are not read`;
}
