/** Intervals as the kernel's interval sets hold them: the first key of each, then the first key after it, marked as an end. */
import { addressBits, maskByte, type Prefix } from '../../netlink/address.ts';
import type { SetElement } from '../element.ts';
import { numberEntry, type UserDataEntry } from '../userdata.ts';

/** What nft(8) reads in the user data of an interval that has no end because it reaches the last key: flags (type 1), the first of them. */
const openInterval: UserDataEntry[] = [numberEntry(1, 1)];

interface Interval {
  first: bigint;
  last: bigint;
}

/** The elements for some prefixes of one family; those that overlap or touch become one interval. */
export function prefixElements(prefixes: readonly Prefix[]): SetElement[] {
  const bits = addressBits(prefixes[0]?.family ?? 'inet');
  const top = (1n << BigInt(bits)) - 1n;
  const elements: SetElement[] = [];
  const key = (value: bigint): Uint8Array => toBytes(value, bits / 8);
  const intervals = merge(prefixes.map(toInterval));
  // the tree-shaped sets want to be told where nothing begins
  if (intervals[0] !== undefined && intervals[0].first !== 0n) elements.push({ key: key(0n), flags: ['interval-end'] });
  for (const { first, last } of intervals) {
    if (last === top) elements.push({ key: key(first), userdata: openInterval });
    else elements.push({ key: key(first) }, { key: key(last + 1n), flags: ['interval-end'] });
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
