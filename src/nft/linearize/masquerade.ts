/** `masquerade to :1024-65535 random`. Source: nft(8), NAT STATEMENTS. */
import type { Masq } from '../expressions/masq.ts';
import type { RuleBuilder } from './rule-builder.ts';

export interface MasqueradeStatement {
  /** First and last port to use. The rule must match a transport protocol with ports then. */
  readonly ports?: readonly [first: number, last: number];
  /** Choose ports at random, by a hash. */
  readonly random?: boolean;
  /** Choose ports at random. */
  readonly fullyRandom?: boolean;
  /** Give a client the same address for each connection. */
  readonly persistent?: boolean;
}

/** Replaces the source address by that of the interface the packet leaves by. */
export function masquerade(rule: RuleBuilder, { ports, random, fullyRandom, persistent }: MasqueradeStatement = {}): void {
  const data: Masq = {};
  const flags: NonNullable<Masq['flags']> = [];
  if (ports !== undefined) {
    const [first, last] = ports;
    flags.push('proto-specified');
    rule.emit({ kind: 'immediate', data: { dreg: 1, data: portBytes(first) } });
    if (last !== first) rule.emit({ kind: 'immediate', data: { dreg: 2, data: portBytes(last) } });
  }
  if (random === true) flags.push('random');
  if (persistent === true) flags.push('persistent');
  if (fullyRandom === true) flags.push('fully-random');
  if (flags.length > 0) data.flags = flags;
  if (ports !== undefined) {
    data.regProtoMin = 1;
    if (ports[1] !== ports[0]) data.regProtoMax = 2;
  }
  rule.emit({ kind: 'masq', data });
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >>> 8, port & 0xff);
}
