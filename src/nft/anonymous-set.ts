/** Sets without a name, which live and die with the rule that looks them up: `tcp dport { 80, 443 }`. */
import { NLM_F_CREATE } from '../netlink/message.ts';
import type { Request } from '../netlink/operation.ts';
import { newElements, type SetElement } from './element.ts';
import { type Family, familyNumber } from './nfnetlink.ts';
import { newSet } from './set.ts';

/** The name a rule looks an anonymous set up by; the kernel puts a number for `%d`. */
export const anonymousSetName = '__set%d';

/** Type of the byte order of keys among the entries of a set's user data; nft(8) reads it to print the elements. */
const keyByteOrderType = 0;
const byteOrders = { host: 1, network: 2 } as const;

/** Elements in one message: NFTA_SET_ELEM_LIST_ELEMENTS is one attribute, of at most 65,535 bytes. */
const elementsPerMessage = 512;

/** A set that a rule brings along. */
export interface AnonymousSet {
  /** What `setId` of the rule's lookup refers to; any number that is the rule's only one. */
  readonly id: number;
  /** Number that nft(8) knows the type of the keys by; it prints the elements by it, the kernel does not look. */
  readonly keyType: number;
  /** Bytes. */
  readonly keyLength: number;
  readonly keyByteOrder: keyof typeof byteOrders;
  /** Elements are the ends of intervals. */
  readonly interval?: boolean;
  readonly elements: readonly SetElement[];
}

/** The requests that make the set, under the id `id` in its transaction. */
export function anonymousSetRequests(set: AnonymousSet, id: number, family: Family, table: string, subject: string): Request[] {
  const key = { family: familyNumber(family), table };
  const order = new Uint8Array(4);
  order[0] = byteOrders[set.keyByteOrder];
  const requests: Request[] = [
    {
      operation: newSet,
      flags: NLM_F_CREATE,
      value: {
        ...key,
        name: anonymousSetName,
        flags: set.interval === true ? ['anonymous', 'constant', 'interval'] : ['anonymous', 'constant'],
        keyType: set.keyType,
        keyLength: set.keyLength,
        id,
        description: { size: set.elements.length },
        userdata: [{ type: keyByteOrderType, data: order }],
      },
      expects: 'ack',
      subject,
    },
  ];
  for (let at = 0; at < set.elements.length; at += elementsPerMessage) {
    const elements = set.elements.slice(at, at + elementsPerMessage);
    requests.push({
      operation: newElements,
      flags: NLM_F_CREATE,
      value: { ...key, set: anonymousSetName, setId: id, elements },
      expects: 'ack',
      subject,
    });
  }
  return requests;
}
