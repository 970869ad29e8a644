/** What sets without a name hold: the elements of a rule's own sets and maps, as first and last keys. */
import type { AnonymousSet } from '../anonymous-set.ts';
import type { Data } from '../data.ts';
import { type Bound, fromBounds } from '../datatype/interval.ts';
import { compareBytes } from '../datatype/key.ts';
import type { SetElement } from '../element.ts';
import type { Expression } from '../expressions/expression.ts';
import { isInterval, isObjectMap, type NftSet, setToWire } from '../set-definition.ts';
import { type Element, elementLayout, elementsToWire } from '../set-elements.ts';
import { annotations } from '../userdata.ts';

/** A set as it is listed, with its elements: what `ruleset().sets` has. */
export type FilledSet = NftSet & { readonly elements?: readonly Element[] };

/** Whether a rule brought it along. */
export function isAnonymous({ flags }: Pick<NftSet, 'flags'>): boolean {
  return flags?.includes('anonymous') === true;
}

/** One element: the keys from `from` to `to`. */
export interface Held {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** For any key that no other element is for. */
  readonly catchAll: boolean;
  readonly data?: Data | undefined;
  readonly object?: string | undefined;
  readonly comment?: string | undefined;
  /** Counters, limits, quotas of its own. */
  readonly expressions: readonly Expression[];
  /** There is nothing more to it than the tree can hold. */
  readonly plain: boolean;
}

/** A listed set as one that a rule brings along. @throws InputError when its type is none that netloom can write */
export function anonymousFrom(set: FilledSet, id: number): AnonymousSet {
  const wire = setToWire(set);
  const layout = elementLayout(set);
  const { key, data } = layout;
  return {
    id,
    keyType: wire.keyType ?? 0,
    keyLength: wire.keyLength ?? 0,
    keyByteOrder: key.concatenated ? 'network' : (key.fields[0]!.noted ?? key.fields[0]!.order),
    ...(isInterval(set) ? { interval: true } : {}),
    ...(wire.description?.concat === undefined ? {} : { fieldLengths: wire.description.concat.map(({ length }) => length ?? 0) }),
    ...(set.map === undefined ? {} : { map: mapOf(set, wire, data?.concatenated === true ? undefined : data?.fields[0]?.noted) }),
    ...(set.userdata === undefined ? {} : { userdata: set.userdata }),
    elements: elementsToWire(layout, set.elements ?? []),
  };
}

function mapOf(
  { map, mapInterval }: NftSet,
  { dataType, dataLength }: ReturnType<typeof setToWire>,
  order: 'host' | 'network' | undefined,
): NonNullable<AnonymousSet['map']> {
  if (map === 'verdict') return 'verdict';
  if (isObjectMap(map)) return { objectType: map.object };
  return {
    dataType: dataType ?? 0,
    dataLength: dataLength ?? 0,
    ...(order === undefined ? {} : { dataByteOrder: order }),
    ...(mapInterval === true ? { interval: true } : {}),
  };
}

/** The elements in order of their keys; those of intervals put together from their bounds. */
export function heldBy({ interval, fieldLengths, keyLength, elements }: Omit<AnonymousSet, 'id'>): Held[] {
  const paired = interval === true && fieldLengths === undefined;
  if (!paired) return elements.map(single).sort((a, b) => compareBytes(a.from, b.from) || compareBytes(a.to, b.to));
  const catchAll = elements.filter(({ key }) => !(key instanceof Uint8Array)).map(single);
  const bounds = elements.flatMap((element): Bound<SetElement>[] =>
    element.key instanceof Uint8Array ? [{ key: element.key, end: element.flags?.includes('interval-end') === true, with: element }] : [],
  );
  return [...fromBounds(bounds, keyLength).map(({ from, to, with: of }) => ({ ...restOf(of), from, to })), ...catchAll];
}

const none = new Uint8Array(0);

function single(of: SetElement): Held {
  const from = of.key instanceof Uint8Array ? of.key : none;
  return { ...restOf(of), from, to: of.keyEnd instanceof Uint8Array ? of.keyEnd : from };
}

function restOf(of: SetElement): Omit<Held, 'from' | 'to'> {
  const { key, data, object, timeout, expiration, unknown } = of;
  const catchAll = of.flags?.includes('catchall') === true;
  const { comment, userdata = [] } = annotations(of.userdata);
  const more = [timeout, expiration, unknown].some((member) => member !== undefined);
  // an entry of type 1 says that the interval has no end
  const plain = !more && (key !== undefined || catchAll) && userdata.every(({ type }) => type === 1);
  const expressions = of.expressions ?? (of.expression === undefined ? [] : [of.expression]);
  return { catchAll, data, object, comment, expressions, plain };
}
