/**
 * A set whose size nobody said is a hash table that the kernel makes larger in the background as elements come (nft_set_hash.c). A dump that is under way then begins
 * anew in the larger table and passes over as many elements as it has shown, which are others: some come twice, others are missing, and no flag says so.
 */
import type { TypedSet } from './change/elements.ts';
import type { Element } from './set-elements.ts';

/** What the smallest answer holds surely came at once, while nothing could move. */
const fewest = 64;

/** Whether the elements may have moved while they were listed. */
export function mayMove({ flags }: TypedSet, elements: readonly Element[]): boolean {
  return elements.length >= fewest && flags?.includes('interval') !== true;
}

/** Whether a key comes twice. */
export function hasTwice(elements: readonly Element[]): boolean {
  const seen = new Set<unknown>();
  for (const { key } of elements) seen.add(identity(key));
  return seen.size < elements.length;
}

function identity(key: Element['key']): unknown {
  if (typeof key !== 'object') return key;
  if (key instanceof Uint8Array) return Buffer.from(key).toString('latin1');
  return JSON.stringify(key);
}
