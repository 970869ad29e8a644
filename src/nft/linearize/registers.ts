/** Registers. 64 bytes: 1 to 4 hold 16 each; 8 to 23 are the same memory in words. Source: include/uapi/linux/netfilter/nf_tables.h (enum nft_registers). */
import { InputError } from '../../netlink/errors.ts';

/** Words of a register that is named by a number from 1 to 4. */
export const fullRegister = 4;
const words = 16;

/** The name of the register that starts with a word, as nft(8) chooses it. @throws InputError when there is none */
export function registerAt(word: number): number {
  if (word >= words) throw new InputError('', `takes more than the ${4 * words} bytes that registers hold`, 'ERR_OUT_OF_RANGE');
  return word % fullRegister === 0 ? 1 + word / fullRegister : 8 + word;
}

/** Words that bytes take. */
export function wordsOf(bytes: number): number {
  return (bytes + 3) >>> 2;
}
