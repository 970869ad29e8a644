/**
 * What all messages of nf_tables have in common: struct nfgenmsg, message types, families.
 * Sources: include/uapi/linux/netfilter/nfnetlink.h, nf_tables.h, include/uapi/linux/netfilter.h (NFPROTO_*).
 */

import type { AttributeSet, WithUnknown } from '../netlink/attributes.ts';
import { noneOf } from '../netlink/choices.ts';
import { InputError, MalformedMessageError } from '../netlink/errors.ts';
import { type Message, message, NETLINK_NETFILTER } from '../netlink/message.ts';
import { type NfGenMsg, nfgenmsg } from '../netlink/nfgenmsg.ts';
import type { Operation } from '../netlink/operation.ts';

/** Number of nf_tables among the subsystems of nfnetlink. */
export const NFNL_SUBSYS_NFTABLES = 10;

export { type NfGenMsg, nfgenmsg };

/** Families of tables and their NFPROTO_* numbers. */
export const families = { inet: 1, ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 } as const;

/** Family of a table: which packets its chains see. `inet` sees IPv4 and IPv6. Source: nft(8), ADDRESS FAMILIES. */
export type Family = keyof typeof families;

const familyNames = new Map<number, Family>(Object.entries(families).map(([name, number]) => [number, name as Family]));

/** NFPROTO_* of a family. @throws InputError naming `family` */
export function familyNumber(family: unknown): number {
  if (typeof family !== 'string' || !Object.hasOwn(families, family)) {
    throw new InputError('family', noneOf(family, Object.keys(families)));
  }
  return families[family as Family];
}

/** Name of a NFPROTO_* number. @throws MalformedMessageError for a number that is no family of tables */
export function familyName(number: number): Family {
  const name = familyNames.get(number);
  if (name === undefined) throw new MalformedMessageError('struct nfgenmsg', 0, `a family of tables, found ${number}`);
  return name;
}

/** Declares a message of nf_tables. */
export function nftMessage<A extends WithUnknown>(label: string, set: AttributeSet<A>): Message<NfGenMsg & A, Partial<NfGenMsg> & A> {
  return message(label, nfgenmsg, set);
}

/** nft_table_lookup() in net/netfilter/nf_tables_api.c. */
const forbidden = {
  EPERM: 'the table belongs to the socket that made it with the flag `owner`: nobody else changes it, and it goes with that socket',
};

/** What NFT_MSG_DESTROY* needs. */
export const destroyNeeds = 'Linux 6.3';

/**
 * Declares one message type of nf_tables: `nftOperation('NFT_MSG_NEWTABLE', 0, table)`; its answers have the shape of the request. `needs`: what
 * the kernel must have, if it knows nf_tables at all.
 */
export function nftOperation<O, I>(name: string, type: number, body: Message<O, I>, needs = 'CONFIG_NF_TABLES'): Operation<I, O> {
  return {
    name,
    protocol: NETLINK_NETFILTER,
    type: (NFNL_SUBSYS_NFTABLES << 8) | type,
    body,
    reply: body,
    needs: () => needs,
    forbidden,
  };
}

/** {@link nftOperation} for what reads one object: the kernel looks it up under RCU alone (`NFNL_CB_RCU` in net/netfilter/nf_tables_api.c). */
export function nftReading<O, I>(name: string, type: number, body: Message<O, I>): Operation<I, O> {
  return { ...nftOperation(name, type, body), lockless: true };
}
