/** Sets without a name, which live and die with the rule that looks them up: `tcp dport { 80, 443 }`. */
import { NLM_F_CREATE } from '../netlink/message.ts';
import type { Request } from '../netlink/operation.ts';
import { newElements, type SetElement } from './element.ts';
import { chunked } from './element-size.ts';
import { type Family, familyNumber } from './nfnetlink.ts';
import type { ObjectType } from './object-type.ts';
import { newSet, type SetRequest, verdictLength, verdictType } from './set.ts';
import { numberEntry, type UserDataEntry } from './userdata.ts';

/** The name a rule looks an anonymous set up by; the kernel puts a number for `%d`. */
export const anonymousSetName = '__set%d';

/** The same of a map. */
export const anonymousMapName = '__map%d';

/** Types of the byte orders of keys and values among the entries of a set's user data; nft(8) reads them to print the elements. */
const keyByteOrderType = 0;
const dataByteOrderType = 1;
/** Type of the entry that says whether a map's values are ranges. */
const dataIntervalType = 6;
const byteOrders = { host: 1, network: 2 } as const;

/** Values that a map holds. */
export interface MapData {
  /** Number of the type of the values, as nft(8) has it: NFTA_SET_DATA_TYPE. */
  readonly dataType: number;
  /** Bytes of a value: NFTA_SET_DATA_LEN. */
  readonly dataLength: number;
  /** nft(8) prints the values by it. */
  readonly dataByteOrder?: keyof typeof byteOrders;
  /** Values are ranges: first and last, one after the other. Default: false. */
  readonly interval?: boolean;
}

/** A set that a rule brings along. */
export interface AnonymousSet {
  /** What `setId` of the rule's lookup refers to; any number that is the rule's only one. */
  readonly id: number;
  /** Number that nft(8) knows the type of the keys by; it prints the elements by it, the kernel does not look. */
  readonly keyType: number;
  /** Bytes. */
  readonly keyLength: number;
  /** Byte order of the keys, for nft(8) to show them. */
  readonly keyByteOrder: keyof typeof byteOrders;
  /** Bytes of each field of a concatenation, for a set of intervals of them. */
  readonly fieldLengths?: readonly number[];
  /** Of a map: what it holds. A number that nft knows the type by, with its length in bytes; a verdict; or objects of a type. */
  readonly map?: MapData | 'verdict' | { readonly objectType: ObjectType };
  /** What else nft(8) is to know. */
  readonly userdata?: readonly UserDataEntry[];
  /** Elements are the ends of intervals. */
  readonly interval?: boolean;
  /** What it holds. */
  readonly elements: readonly SetElement[];
}

/** The requests that make the set, under the id `id` in its transaction. */
export function anonymousSetRequests(set: AnonymousSet, id: number, family: Family, table: string, subject: string): Request[] {
  const key = { family: familyNumber(family), table };
  const name = set.map === undefined ? anonymousSetName : anonymousMapName;
  const flags: ('anonymous' | 'constant' | 'interval' | 'concat' | 'map' | 'object')[] = ['anonymous', 'constant'];
  if (set.interval === true) flags.push('interval');
  if (set.fieldLengths !== undefined) flags.push('concat');
  const made: SetRequest = {
    ...key,
    name,
    keyType: set.keyType,
    keyLength: set.keyLength,
    id,
    description: { size: set.elements.length },
    userdata: [numberEntry(keyByteOrderType, byteOrders[set.keyByteOrder]), ...(set.userdata ?? [])],
  };
  if (set.fieldLengths !== undefined) made.description!.concat = set.fieldLengths.map((length) => ({ length }));
  if (set.map === 'verdict') Object.assign(made, { dataType: verdictType, dataLength: verdictLength });
  else if (set.map !== undefined && 'objectType' in set.map) made.objectType = set.map.objectType;
  else if (set.map !== undefined) {
    const { dataByteOrder, interval: ranges, ...data } = set.map;
    Object.assign(made, data);
    const order = dataByteOrder === undefined ? 0 : byteOrders[dataByteOrder];
    made.userdata!.splice(1, 0, numberEntry(dataByteOrderType, order), numberEntry(dataIntervalType, Number(ranges === true)));
  }
  if (set.map !== undefined) flags.push(made.objectType === undefined ? 'map' : 'object');
  made.flags = flags;
  return [
    { operation: newSet, flags: NLM_F_CREATE, value: made, expects: 'ack', subject },
    ...chunked(set.elements).map(
      (elements): Request => ({
        operation: newElements,
        flags: NLM_F_CREATE,
        value: { ...key, set: name, setId: id, elements },
        expects: 'ack',
        subject,
      }),
    ),
  ];
}
