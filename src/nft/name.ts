/** Names of tables, chains and sets. Source: include/uapi/linux/netfilter/nf_tables.h (NFT_NAME_MAXLEN); nft(8). */
import { InputError } from '../netlink/errors.ts';
import { show } from '../netlink/scalar.ts';

/** NFT_NAME_MAXLEN without the NUL. */
const maxNameLength = 255;

/** @returns the name @throws InputError naming `argument` unless it is a string of 1 to 255 bytes without NUL */
export function checkName(name: unknown, argument: string): string {
  if (typeof name !== 'string') throw new InputError(argument, `expected a string, got ${show(name)}`, 'ERR_INVALID_ARG_TYPE');
  if (name === '') throw new InputError(argument, 'cannot be empty');
  if (name.includes('\0')) throw new InputError(argument, 'contains a NUL character');
  const length = Buffer.byteLength(name);
  if (length > maxNameLength) throw new InputError(argument, `is ${length} bytes long; at most ${maxNameLength} fit`, 'ERR_OUT_OF_RANGE');
  return name;
}
