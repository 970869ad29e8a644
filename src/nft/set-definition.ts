/** Sets and maps as objects. Sources: include/uapi/linux/netfilter/nf_tables.h (NFTA_SET_*), nft(8), SETS and MAPS. */

import type { RawAttribute } from '../netlink/attributes.ts';
import { noneOf } from '../netlink/choices.ts';
import { InputError } from '../netlink/errors.ts';
import { checkBoolean, checkMembers, memberNames } from '../netlink/input.ts';
import { checkInteger, show } from '../netlink/scalar.ts';
import type { ByteOrder } from './datatype/data-type.ts';
import { type KeyType, type Layout, layoutId, layoutOf, notedOrder, typeFromWire } from './datatype/layout.ts';
import type { Expression } from './expressions/expression.ts';
import { checkName } from './name.ts';
import { type Family, familyName, familyNumber } from './nfnetlink.ts';
import { type ObjectType, objectType } from './object-type.ts';
import { checking } from './options.ts';
import { type SetMessage, type SetRequest, verdictLength, verdictType } from './set.ts';
import { type Annotated, annotations, numberEntry, numberOf, type UserDataEntry, userDataOf } from './userdata.ts';

/** What names a set. */
export interface SetRef {
  /** Family of the table. */
  readonly family: Family;
  /** Name of the table. */
  readonly table: string;
  /** Name of the set or map. */
  readonly name: string;
}

/** What a map holds for a key: a value of a type, a verdict, or an object. */
export type MapType = KeyType | 'verdict' | { readonly object: ObjectType };

/** What tells how elements of a set are written. */
export interface SetType {
  /** Type of the keys: `'ipv4_addr'`; of a concatenation `['ipv4_addr', 'inet_service']`. */
  readonly type: KeyType;
  /** What a map holds for a key. Absent: a set. */
  readonly map?: MapType;
  /**
   * - `interval`: keys may be prefixes and ranges.
   * - `timeout`: elements may have a lifetime.
   * - `dynamic`: rules may add elements.
   * - `constant`: no elements can be added once it is bound to a rule.
   * - `anonymous`: it goes with the rule that looks it up.
   */
  readonly flags?: readonly ('constant' | 'interval' | 'timeout' | 'dynamic' | 'anonymous' | number)[];
  /** Adding an element that overlaps or adjoins others makes one of them, and deleting a part leaves the rest. Default: such elements are refused. */
  readonly autoMerge?: boolean;
  /** Values that a map holds may be ranges (nft: `ipv4_addr : interval ipv4_addr`). */
  readonly mapInterval?: boolean;
}

/** A set or map. What a list returns, a create accepts: what the kernel assigns (`handle`, `count`, `backend`) is left out then. */
export interface NftSet extends Annotated, SetType {
  /** Family of the table. */
  family: Family;
  /** Name of the table. */
  table: string;
  /** Name of the set or map. */
  name: string;
  /** Assigned by the kernel, for as long as the set exists. */
  handle?: bigint;
  /** Milliseconds that elements live unless they say otherwise. */
  timeout?: number;
  /** Milliseconds between collections of what has expired. */
  gcInterval?: number;
  /** Elements at most. A set that is told its size takes elements faster, and refuses one too many (ENFILE). Default: no limit. */
  size?: number;
  /** What to choose the data structure by. Default: performance. */
  policy?: 'performance' | 'memory';
  /** What every element comes with: counters, limits, quotas. */
  expressions?: Expression[];
  /** Elements it holds, expired ones included (Linux 6.16). */
  count?: number;
  /** The data structure that the kernel chose, as the kernel tells it (Linux 6.16). */
  backend?: string;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** Entries of a set's user data (libnftnl: NFTNL_UDATA_SET_*). */
const keyOrder = 0;
const dataOrder = 1;
const mergeElements = 2;
const dataInterval = 6;
const setComment = 7;
const orders: Readonly<Record<ByteOrder, number>> = { host: 1, network: 2 };

/** `set ip filter blocked` */
export function describeSet({ family, table, name }: SetRef): string {
  return `set ${family} ${table} ${name}`;
}

/** What requests about a set name it by. @throws InputError naming `family`, `table` or `name` */
export function setKey({ family, table, name }: SetRef): SetRequest {
  return { family: familyNumber(family), table: checkName(table, 'table'), name: checkName(name, 'name') };
}

export function isInterval({ flags }: SetType): boolean {
  return flags?.includes('interval') === true;
}

/** How keys of the set lie in memory. @throws InputError naming `type` */
export function keyLayout(set: SetType): Layout {
  return checking('type', () => layoutOf(set.type, isInterval(set)));
}

/** How the values that a map holds lie in memory; undefined: it is no map, or one of verdicts or objects. @throws InputError naming `map` */
export function mapLayout({ map }: SetType): Layout | undefined {
  return map === undefined || map === 'verdict' || isObjectMap(map) ? undefined : checking('map', () => layoutOf(map, false));
}

export function isObjectMap(map: MapType | undefined): map is { readonly object: ObjectType } {
  return typeof map === 'object' && map !== null && 'object' in map;
}

/** `elements`: what comes with a set from `ruleset()`. */
const members = memberNames<NftSet & { elements: unknown }>({
  family: true,
  table: true,
  name: true,
  type: true,
  map: true,
  flags: true,
  autoMerge: true,
  mapInterval: true,
  handle: true,
  timeout: true,
  gcInterval: true,
  size: true,
  policy: true,
  expressions: true,
  count: true,
  backend: true,
  comment: true,
  userdata: true,
  unknown: true,
  elements: true,
});

/** @throws InputError naming the member that is wrong */
export function setToWire(set: NftSet): SetRequest {
  checkMembers(set, 'set', members);
  checkBoolean(set.autoMerge, 'autoMerge');
  checkBoolean(set.mapInterval, 'mapInterval');
  const key = keyLayout(set);
  const data = mapLayout(set);
  if (set.mapInterval === true && data === undefined) throw new InputError('mapInterval', 'is for a map of values');
  const flags = [...flagsOf(set)] as NonNullable<SetRequest['flags']>;
  const wire: SetRequest = { ...setKey(set), keyType: layoutId(key), keyLength: key.length };
  const description: NonNullable<SetRequest['description']> = {};
  if (set.size !== undefined) {
    checking('size', () => checkInteger(set.size, 1, 0xffffffff));
    description.size = set.size;
  }
  if (key.concatenated && isInterval(set)) {
    flags.push('concat');
    description.concat = key.fields.map(({ length }) => ({ length }));
  }
  if (set.map === 'verdict') Object.assign(wire, { dataType: verdictType, dataLength: verdictLength });
  else if (isObjectMap(set.map)) wire.objectType = checking('map', () => objectNumber((set.map as { object: ObjectType }).object));
  else if (data !== undefined) {
    wire.dataType = layoutId(data);
    wire.dataLength = set.mapInterval === true ? 2 * data.length : data.length;
  }
  if (flags.length > 0) wire.flags = flags;
  if (Object.keys(description).length > 0) wire.description = description;
  for (const member of ['policy', 'timeout', 'gcInterval'] as const)
    if (set[member] !== undefined) Object.assign(wire, { [member]: set[member] });
  if (set.expressions !== undefined) {
    if (!Array.isArray(set.expressions))
      throw new InputError('expressions', `expected an array, got ${show(set.expressions)}`, 'ERR_INVALID_ARG_TYPE');
    if (set.expressions.length === 1) wire.expression = set.expressions[0]!;
    else if (set.expressions.length > 1) wire.expressions = set.expressions;
  }
  wire.userdata = userDataToWire(set, key, data);
  if (set.unknown !== undefined) wire.unknown = set.unknown;
  return wire;
}

function objectNumber(type: unknown): ObjectType {
  if (typeof type !== 'string' || !Object.hasOwn(objectType.values, type))
    throw new InputError('object', noneOf(type, Object.keys(objectType.values)));
  return type as ObjectType;
}

function flagsOf({ flags, map, timeout, expressions }: NftSet): Set<string | number> {
  if (flags !== undefined && !Array.isArray(flags))
    throw new InputError('flags', `expected an array, got ${show(flags)}`, 'ERR_INVALID_ARG_TYPE');
  const all = new Set<string | number>(flags);
  if (isObjectMap(map)) all.add('object');
  else if (map !== undefined) all.add('map');
  if (timeout !== undefined) all.add('timeout');
  if (expressions !== undefined && expressions.length > 1) all.add('expr');
  return all;
}

function userDataToWire(set: NftSet, key: Layout, data: Layout | undefined): UserDataEntry[] {
  const order = notedOrder(key);
  const entries = [numberEntry(keyOrder, order === undefined ? 0 : orders[order])];
  if (set.map !== undefined) {
    // nft(8) turns what is in host order around, and aborts when that is a verdict
    const held = data === undefined ? undefined : notedOrder(data);
    if (!isObjectMap(set.map)) entries.push(numberEntry(dataOrder, held === undefined ? 0 : orders[held]));
    entries.push(numberEntry(dataInterval, Number(set.mapInterval === true)));
  }
  if (set.autoMerge === true) entries.push(numberEntry(mergeElements, 1));
  // entries of a listed set that are made anew here must not be sent twice
  const made = new Set(entries.map(({ type }) => type));
  for (const entry of userDataOf(set, setComment) ?? []) if (!made.has(entry.type)) entries.push(entry);
  return entries;
}

/** A set as the kernel told it. @throws MalformedMessageError */
export function setFromWire(wire: SetMessage): NftSet {
  const { flags: wireFlags = [], userdata, description } = wire;
  const { comment, userdata: entries = [] } = annotations(userdata, setComment);
  const order = (type: number): ByteOrder | undefined =>
    numberOf(entries, type) === 1 ? 'host' : numberOf(entries, type) === 2 ? 'network' : undefined;
  const set: NftSet = {
    family: familyName(wire.family),
    table: wire.table ?? '',
    name: wire.name ?? '',
    type: typeFromWire({
      id: wire.keyType ?? 0,
      length: wire.keyLength ?? 0,
      order: order(keyOrder),
      fieldLengths: description?.concat?.map(({ length }) => length ?? 0),
    }),
  };
  if (wire.handle !== undefined) set.handle = wire.handle;
  const mapInterval = numberOf(entries, dataInterval) === 1;
  const map = mapFromWire(wire, mapInterval, order(dataOrder));
  const flags = wireFlags.filter((flag) => !impliedFlags.has(flag)) as NonNullable<NftSet['flags']>;
  Object.assign(set, {
    ...(map === undefined ? {} : { map }),
    ...(map !== undefined && mapInterval ? { mapInterval } : {}),
    ...(flags.length > 0 ? { flags } : {}),
    ...(numberOf(entries, mergeElements) === 1 ? { autoMerge: true } : {}),
  });
  if (wire.timeout !== undefined) set.timeout = wire.timeout;
  if (wire.gcInterval !== undefined) set.gcInterval = wire.gcInterval;
  if (description?.size !== undefined) set.size = description.size;
  if (wire.policy !== undefined) set.policy = wire.policy as 'performance' | 'memory';
  const expressions = wire.expressions ?? (wire.expression === undefined ? undefined : [wire.expression]);
  if (expressions !== undefined) set.expressions = expressions;
  if (wire.count !== undefined) set.count = wire.count;
  if (wire.backend !== undefined) set.backend = wire.backend;
  if (comment !== undefined) set.comment = comment;
  const rest = entries.filter(({ type }) => type !== keyOrder && type !== dataOrder && type !== mergeElements && type !== dataInterval);
  if (rest.length > 0) set.userdata = rest;
  if (wire.unknown !== undefined) set.unknown = wire.unknown;
  return set;
}

/** What other members say. */
const impliedFlags: ReadonlySet<string | number> = new Set(['map', 'object', 'concat', 'expr']);

function mapFromWire(
  { flags, dataType, dataLength, objectType: object }: SetMessage,
  interval: boolean,
  order: ByteOrder | undefined,
): MapType | undefined {
  if (flags?.includes('object') === true) return { object: (object ?? 0) as ObjectType };
  if (flags?.includes('map') !== true) return undefined;
  if (dataType === verdictType) return 'verdict';
  const length = dataLength ?? 0;
  return typeFromWire({ id: dataType ?? 0, length: interval ? length / 2 : length, order });
}
