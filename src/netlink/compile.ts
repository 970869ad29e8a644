/**
 * Whether code may be generated from strings here. Compiled decoders are about three times faster than walking a table;
 * where `--disallow-code-generation-from-strings` forbids them, the table is walked instead, with the same results.
 */
let allowed: boolean | undefined;

export function mayCompile(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function('return true')() === true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}

/** Tests compare both ways of decoding; nothing else calls this. */
export function forceInterpreted(interpreted: boolean): void {
  allowed = interpreted ? false : undefined;
}
