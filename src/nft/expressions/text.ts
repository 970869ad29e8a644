/** How values are printed by {@link explain}: the notation of `nft --debug=netlink`. */
import { type Data, isVerdict, verdictCode } from '../data.ts';

/** Bytes as 32-bit words in host order, the last one padded with zeros. */
export function words(bytes: Uint8Array): string {
  const list: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    let word = 0;
    for (let i = 3; i >= 0; i--) word = word * 256 + (bytes[at + i] ?? 0);
    list.push(`0x${word.toString(16).padStart(8, '0')}`);
  }
  return list.join(' ');
}

/** Content of a register: words, or a verdict such as `jump -> web`. */
export function content(data: Data | undefined): string {
  if (data === undefined) return '';
  if (!isVerdict(data)) return words(data);
  const name = verdictCode.nameOf(verdictCode.valueOf(data.code ?? 'continue'));
  return data.chain === undefined ? String(name) : `${name} -> ${data.chain}`;
}

/** Lower-case hexadecimal with its mark. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** The parts that are there, separated by blanks. */
export function line(...parts: (string | number | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== '').join(' ');
}
