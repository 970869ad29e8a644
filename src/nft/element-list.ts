/**
 * Reading the elements that a set holds, of which there may be millions: those that are a key, or a key and a value, are read where they lie; only
 * the others are decoded as attributes.
 */
import { attr, attributes } from '../netlink/attributes.ts';
import { MalformedMessageError } from '../netlink/errors.ts';
import type { Message } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { bytes, string } from '../netlink/text.ts';
import { type Bound, fromBounds } from './datatype/interval.ts';
import { readKey, readRange } from './datatype/key.ts';
import { type ElementRequest, type getElements, type SetElement, setElement } from './element.ts';
import { type NfGenMsg, nftMessage } from './nfnetlink.ts';
import { type Element, type ElementLayout, elementFromWire, readData, restFromWire } from './set-elements.ts';

const list_ = attributes('NFTA_SET_ELEM_LIST', () => ({
  table: attr('NFTA_SET_ELEM_LIST_TABLE', 1, string(255)),
  set: attr('NFTA_SET_ELEM_LIST_SET', 2, string(255)),
  elements: attr('NFTA_SET_ELEM_LIST_ELEMENTS', 3, bytes),
}));
interface ElementBytes {
  table?: string;
  set?: string;
  /** The list as it came. */
  elements?: Uint8Array;
}
const message: Message<NfGenMsg & ElementBytes> = nftMessage('NFTA_SET_ELEM_LIST', list_);

/** The operation with its answers left as bytes, for {@link readElements}. */
export function withBytes(operation: typeof getElements): Operation<ElementRequest, NfGenMsg & ElementBytes> {
  return { ...operation, reply: message };
}

const NFTA_SET_ELEM_KEY = 1;
const NFTA_SET_ELEM_DATA = 2;
const NFTA_SET_ELEM_FLAGS = 3;
const NFTA_DATA_VALUE = 1;
const NFT_SET_ELEM_INTERVAL_END = 1;

/** One element, where it lies; made once and filled for each. */
interface Place {
  /** Where the value of the key starts. */
  key: number;
  /** Where the value that a map holds starts; 0: there is none. */
  data: number;
  end: boolean;
  /** There is more to it. */
  rich: boolean;
}

/** Finds the parts of the element whose attributes lie from `at` to `end`. */
function locate(source: Uint8Array, at: number, end: number, keyLength: number, dataLength: number, place: Place): void {
  place.key = 0;
  place.data = 0;
  place.end = false;
  place.rich = false;
  for (let p = at; end - p >= 4; ) {
    const length = source[p]! | (source[p + 1]! << 8);
    if (length < 4 || p + length > end) throw new MalformedMessageError('set element', p, `a length from 4 to ${end - p}, found ${length}`);
    const type = source[p + 2]! | ((source[p + 3]! & 0x3f) << 8);
    if (type === NFTA_SET_ELEM_KEY && isValue(source, p, length, keyLength)) place.key = p + 8;
    else if (type === NFTA_SET_ELEM_DATA && dataLength > 0 && isValue(source, p, length, dataLength)) place.data = p + 8;
    // big-endian, and no other bit set
    else if (
      type === NFTA_SET_ELEM_FLAGS &&
      length === 8 &&
      source[p + 7] === NFT_SET_ELEM_INTERVAL_END &&
      source[p + 4]! + source[p + 5]! + source[p + 6]! === 0
    )
      place.end = true;
    else place.rich = true;
    p += (length + 3) & ~3;
  }
  if (place.key === 0) place.rich = true;
}

/** Whether the nest at `p` is one value of as many bytes. */
function isValue(source: Uint8Array, p: number, length: number, expected: number): boolean {
  const inner = source[p + 4]! | (source[p + 5]! << 8);
  const type = source[p + 6]! | ((source[p + 7]! & 0x3f) << 8);
  return inner === expected + 4 && type === NFTA_DATA_VALUE && length === 4 + ((inner + 3) & ~3);
}

/** The elements in lists as the kernel gave them. Those of intervals are in order of their keys. @throws MalformedMessageError */
export function readElements(layout: ElementLayout, lists: readonly Uint8Array[]): Element[] {
  const elements: Element[] = [];
  const bounds: Bound<Omit<Element, 'key'>>[] = [];
  const paired = layout.interval && !layout.key.concatenated;
  const keyLength = layout.key.length;
  const dataLength = (layout.data?.length ?? 0) * (layout.set.mapInterval === true ? 2 : 1);
  const place: Place = { key: 0, data: 0, end: false, rich: false };
  for (const source of lists) {
    for (let at = 0; source.length - at >= 4; ) {
      const length = source[at]! | (source[at + 1]! << 8);
      if (length < 4 || at + length > source.length)
        throw new MalformedMessageError('list of elements', at, `a length from 4 to ${source.length - at}, found ${length}`);
      locate(source, at + 4, at + length, keyLength, dataLength, place);
      if (place.rich) readRich(layout, setElement.decode(source, at + 4, length - 4), paired, elements, bounds);
      else {
        const rest = place.data === 0 ? nothing : { data: readData(layout, source.subarray(place.data, place.data + dataLength)) };
        if (paired) bounds.push({ key: source.subarray(place.key, place.key + keyLength), end: place.end, with: rest });
        else if (place.data === 0) elements.push({ key: readKey(layout.key, source, place.key) });
        else elements.push({ key: readKey(layout.key, source, place.key), ...rest });
      }
      at += (length + 3) & ~3;
    }
  }
  if (!paired) return elements;
  const intervals = fromBounds(bounds, keyLength).map(
    ({ from, to, with: rest }): Element => ({ key: readRange(layout.key, from, to), ...rest }),
  );
  for (const catchAll of elements) intervals.push(catchAll);
  return intervals;
}

const nothing: Omit<Element, 'key'> = {};

function readRich(
  layout: ElementLayout,
  wire: SetElement,
  paired: boolean,
  elements: Element[],
  bounds: Bound<Omit<Element, 'key'>>[],
): void {
  if (!paired || wire.flags?.includes('catchall') === true || !(wire.key instanceof Uint8Array))
    elements.push(elementFromWire(layout, wire));
  else bounds.push({ key: wire.key, end: wire.flags?.includes('interval-end') === true, with: restFromWire(layout, wire) });
}
