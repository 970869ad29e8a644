/** Verdicts of the statement tree as the kernel's. Source: nft(8), VERDICT STATEMENT. */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import type { Verdict } from '../data.ts';
import { checkName } from '../name.ts';

const plain: ReadonlySet<string> = new Set(['accept', 'drop', 'continue', 'return']);

/** `{ accept: null }`, `{ jump: { target: 'web' } }`. @throws InputError */
export function verdictOf(of: unknown): Verdict {
  if (typeof of === 'object' && of !== null) {
    const [code, value] = Object.entries(of)[0] ?? [''];
    if (plain.has(code)) return { code: code as 'accept' };
    if (code === 'jump' || code === 'goto') return { code, chain: checkName((value as { target?: unknown } | null)?.target, 'target') };
  }
  throw new InputError('', `${show(of)} is no verdict`);
}

export function isVerdictName(name: string): boolean {
  return plain.has(name) || name === 'jump' || name === 'goto';
}
