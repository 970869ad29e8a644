/** `ip saddr 10.0.0.0/24`, `ip6 daddr != fd00::/8`, `ip saddr { … }`. Source: nft(8), IPV4 HEADER EXPRESSION and IPV6 HEADER EXPRESSION. */
import { addressBits, maskByte, networkOf, type Prefix } from '../../netlink/address.ts';
import { InputError } from '../../netlink/errors.ts';
import { prefixElements } from './intervals.ts';
import { keyTypes, lookUp } from './lookup.ts';
import { requireNetwork } from './network.ts';
import { compare, type MatchOperator } from './operator.ts';
import type { RuleBuilder } from './rule-builder.ts';

/** Bytes from the start of the network header. */
const offsets = { inet: { saddr: 12, daddr: 16 }, inet6: { saddr: 8, daddr: 24 } } as const;

/**
 * Matches the source or destination address against a prefix, or against any of several. Host bits are ignored.
 *
 * @throws InputError when there is no prefix, or they are of different families, or the rule cannot see that family
 */
export function matchAddress(
  rule: RuleBuilder,
  side: 'saddr' | 'daddr',
  prefixes: Prefix | readonly Prefix[],
  op: MatchOperator = 'eq',
): void {
  const list = (Array.isArray(prefixes) ? prefixes : [prefixes]).map(networkOf);
  const [prefix] = list;
  if (prefix === undefined) throw new InputError('', 'expected at least one prefix');
  if (list.some((other) => other.family !== prefix.family)) throw new InputError('', 'the prefixes are of different families');
  requireNetwork(rule, prefix.family === 'inet' ? 'ip' : 'ip6');
  const offset = offsets[prefix.family][side];
  const size = addressBits(prefix.family) / 8;
  const load = (len: number): void => rule.emit({ kind: 'payload', data: { dreg: 1, base: 'network', offset, len } });

  if (list.length > 1) {
    load(size);
    const interval = list.some((other) => other.length < 8 * size);
    const elements = interval ? prefixElements(list) : distinct(list).map((other) => ({ key: other.bytes }));
    lookUp(rule, op, { ...(prefix.family === 'inet' ? keyTypes.address4 : keyTypes.address6), interval, elements });
  } else if (prefix.length > 0 && prefix.length % 8 === 0) {
    // a prefix that ends with a byte is so many bytes to compare
    const bytes = prefix.length / 8;
    load(bytes);
    compare(rule, op, prefix.bytes.subarray(0, bytes));
  } else {
    load(size);
    const mask = Uint8Array.from({ length: size }, (_, i) => maskByte(prefix.length, i));
    rule.emit({ kind: 'bitwise', data: { sreg: 1, dreg: 1, len: size, mask, xor: new Uint8Array(size) } });
    compare(rule, op, prefix.bytes);
  }
}

function distinct(prefixes: readonly Prefix[]): Prefix[] {
  return [...new Map(prefixes.map((prefix) => [prefix.address, prefix])).values()];
}
