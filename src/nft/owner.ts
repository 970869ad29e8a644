/** How netloom recognises what it has made: an entry of its own in the user data, which nft(8) passes over. */
import { readString } from '../netlink/text.ts';
import type { UserDataEntry } from './userdata.ts';

/** Type of the entry. nft(8) numbers its own from 0 up. */
const ownerType = 224;
const prefix = 'netloom:';

/** The entry that says "made for `key`". */
export function ownerEntry(key: string): UserDataEntry {
  return { type: ownerType, data: Uint8Array.from(Buffer.from(`${prefix}${key}\0`)) };
}

/** The key among the entries of an object; undefined: it is not netloom's. */
export function ownerKey(entries: readonly UserDataEntry[] | undefined): string | undefined {
  for (const { type, data } of entries ?? []) {
    const text = type === ownerType ? readString(data, 0, data.length) : '';
    if (text.startsWith(prefix)) return text.slice(prefix.length);
  }
  return undefined;
}

/** A key for a description of what is wanted: the same for the same description, in every process and version. */
export function keyFor(purpose: string, description: readonly unknown[]): string {
  return `${purpose}:${process.getBuiltinModule('node:crypto').createHash('sha256').update(JSON.stringify(description)).digest('hex').slice(0, 32)}`;
}
