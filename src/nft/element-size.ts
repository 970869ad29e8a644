/** How many elements go into one message: NFTA_SET_ELEM_LIST_ELEMENTS is one attribute, of at most 65,535 bytes. */

import { Writer } from '../netlink/writer.ts';
import type { Data } from './data.ts';
import { type SetElement, setElement } from './element.ts';

const maxListLength = 65_000;

/** The elements in runs that fit into one message each. */
export function chunked(elements: readonly SetElement[]): SetElement[][] {
  const runs: SetElement[][] = [];
  let start = 0;
  let length = 0;
  for (let i = 0; i < elements.length; i++) {
    const size = sizeOf(elements[i]!);
    if (length + size > maxListLength && i > start) {
      runs.push(elements.slice(start, i));
      start = i;
      length = 0;
    }
    length += size;
  }
  if (start < elements.length) runs.push(elements.slice(start));
  return runs;
}

let writer: Writer | undefined;

/** Bytes of an element in the list, at the most. Those that hold no more than bytes and numbers are not encoded to know. */
function sizeOf({ key, keyEnd, data, flags, timeout, expiration, ...rest }: SetElement): number {
  const plain =
    4 +
    bytesOf(key) +
    bytesOf(keyEnd) +
    (flags === undefined ? 0 : 8) +
    (timeout === undefined ? 0 : 12) +
    (expiration === undefined ? 0 : 12);
  if (data !== undefined && !(data instanceof Uint8Array)) Object.assign(rest, { data });
  const more = data instanceof Uint8Array ? bytesOf(data) : 0;
  for (const _ in rest) {
    writer ??= new Writer();
    writer.reset();
    setElement.encode(writer, rest);
    return plain + more + writer.position;
  }
  return plain + more;
}

/** A nest with one attribute, padding included. */
function bytesOf(data: Data | undefined): number {
  return data instanceof Uint8Array ? 8 + ((data.length + 3) & ~3) : 0;
}
