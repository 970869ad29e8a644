/** Names for what a test makes: short enough for a link, and never the same twice, whichever test files run side by side. */

let count = 0;

/**
 * `prefix` and a suffix no other call has, in this process or another: `uniqueName('br')` gives `'br00j2k1'`.
 * @throws Error when it would be longer than the 15 bytes a link's name may have (IFNAMSIZ in include/uapi/linux/if.h)
 */
export function uniqueName(prefix: string): string {
  count += 1;
  // a process id has at most 22 bits: five digits in base 36
  const name = prefix + process.pid.toString(36).padStart(5, '0') + count.toString(36);
  if (Buffer.byteLength(name) > 15) throw new Error(`"${name}" is longer than a link's name may be: take a shorter prefix`);
  return name;
}
