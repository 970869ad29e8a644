/** Intervals as the kernel's interval sets hold them: the first key of each, then the first key after it, marked as an end. */
import { addressBits, maskByte, type Prefix } from '../../netlink/address.ts';
import type { SetElement } from '../element.ts';

interface Interval {
  first: bigint;
  last: bigint;
}

/** The elements for some prefixes of one family; those that overlap or touch become one interval. */
export function prefixElements(prefixes: readonly Prefix[]): SetElement[] {
  const bits = addressBits(prefixes[0]?.family ?? 'inet');
  const top = (1n << BigInt(bits)) - 1n;
  const elements: SetElement[] = [];
  const add = (value: bigint, end: boolean): void => {
    const key = toBytes(value, bits / 8);
    elements.push(end ? { key, flags: ['interval-end'] } : { key });
  };
  const intervals = merge(prefixes.map(toInterval));
  // the tree-shaped sets want to be told where nothing begins
  if (intervals[0] !== undefined && intervals[0].first !== 0n) add(0n, true);
  for (const { first, last } of intervals) {
    add(first, false);
    if (last !== top) add(last + 1n, true);
  }
  return elements;
}

function toInterval(prefix: Prefix): Interval {
  let first = 0n;
  let last = 0n;
  prefix.bytes.forEach((byte, i) => {
    const mask = maskByte(prefix.length, i);
    first = (first << 8n) | BigInt(byte & mask);
    last = (last << 8n) | BigInt((byte & mask) | (~mask & 0xff));
  });
  return { first, last };
}

function merge(intervals: Interval[]): Interval[] {
  intervals.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const merged: Interval[] = [];
  for (const interval of intervals) {
    const previous = merged.at(-1);
    if (previous === undefined || interval.first > previous.last + 1n) merged.push({ ...interval });
    else if (interval.last > previous.last) previous.last = interval.last;
  }
  return merged;
}

function toBytes(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = size - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}
