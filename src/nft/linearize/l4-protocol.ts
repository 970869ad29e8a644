/** `meta l4proto tcp`, `meta l4proto { tcp, udp }`. Sources: nft(8), META EXPRESSIONS; include/uapi/linux/in.h (IPPROTO_*). */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { keyTypes, lookUp } from './lookup.ts';
import { compare, type MatchOperator } from './operator.ts';
import type { RuleBuilder } from './rule-builder.ts';

/** IPPROTO_* of the transport protocols. */
export const l4Protocols = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
} as const;

/** Name or number of a transport protocol. */
export type L4Protocol = keyof typeof l4Protocols | number;

/** Matches the transport protocol: one, or any of several. @throws InputError */
export function matchL4Protocol(rule: RuleBuilder, protocols: L4Protocol | readonly L4Protocol[], op: MatchOperator = 'eq'): void {
  const numbers = [...new Set((Array.isArray(protocols) ? protocols : [protocols]).map(protocolNumber))];
  const [number] = numbers;
  if (number === undefined) throw new InputError('', 'expected at least one protocol');
  rule.emit({ kind: 'meta', data: { key: 'l4proto', dreg: 1 } });
  if (numbers.length === 1) compare(rule, op, Uint8Array.of(number));
  else lookUp(rule, op, { ...keyTypes.l4Protocol, elements: numbers.map((value) => ({ key: Uint8Array.of(value) })) });
}

function protocolNumber(protocol: unknown): number {
  if (typeof protocol === 'string' && Object.hasOwn(l4Protocols, protocol)) return l4Protocols[protocol as keyof typeof l4Protocols];
  if (typeof protocol === 'number' && Number.isInteger(protocol) && protocol >= 0 && protocol <= 255) return protocol;
  throw new InputError('', `${show(protocol)} is no number from 0 to 255 and none of ${Object.keys(l4Protocols).join(', ')}`);
}
