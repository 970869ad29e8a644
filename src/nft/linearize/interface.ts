/** `iifname "eth0"`, `oifname != "veth*"`. Source: nft(8), META EXPRESSIONS. */
import { InputError } from '../../netlink/errors.ts';
import { checkInterfaceName, maxInterfaceNameLength } from '../../netlink/text.ts';
import { compare, type MatchOperator } from './operator.ts';
import type { RuleBuilder } from './rule-builder.ts';

/**
 * Matches the name of the interface a packet came in by or goes out by. A `*` at the end stands for any rest. The
 * interface need not exist.
 *
 * @throws InputError when `name` cannot be one
 */
export function matchInterface(rule: RuleBuilder, key: 'iifname' | 'oifname', name: string, op: MatchOperator = 'eq'): void {
  const data = interfacePattern(name);
  rule.emit({ kind: 'meta', data: { key, dreg: 1 } });
  compare(rule, op, data);
}

/** What is compared: the name and zeros up to 16 bytes, or what stands before a `*`. @throws InputError */
export function interfacePattern(name: unknown): Uint8Array {
  checkInterfaceName(name);
  if (name === '*') throw new InputError('', '"*" matches every interface; leave it out for that');
  if (name.endsWith('*')) return Uint8Array.from(Buffer.from(name.slice(0, -1)));
  const data = new Uint8Array(maxInterfaceNameLength + 1);
  data.set(Buffer.from(name));
  return data;
}
