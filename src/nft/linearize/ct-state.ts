/** `ct state established,related`. Sources: nft(8), CONNTRACK EXPRESSIONS; include/uapi/linux/netfilter/nf_conntrack_common.h (NF_CT_STATE_*). */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { compare } from './operator.ts';
import type { RuleBuilder } from './rule-builder.ts';

const stateBits = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const;

/** What a packet is to its connection. */
export type CtState = keyof typeof stateBits;

/** Matches packets in any of the states. @throws InputError */
export function matchCtState(rule: RuleBuilder, states: CtState | readonly CtState[]): void {
  let mask = 0;
  for (const state of typeof states === 'string' ? [states] : states) {
    if (!Object.hasOwn(stateBits, state)) throw new InputError('', `${show(state)} is none of ${Object.keys(stateBits).join(', ')}`);
    mask |= stateBits[state];
  }
  if (mask === 0) throw new InputError('', 'expected at least one state');
  rule.emit({ kind: 'ct', data: { key: 'state', dreg: 1 } });
  // the state is a number of the kernel's own, and so in host order
  rule.emit({ kind: 'bitwise', data: { sreg: 1, dreg: 1, len: 4, mask: Uint8Array.of(mask, 0, 0, 0), xor: new Uint8Array(4) } });
  compare(rule, 'neq', new Uint8Array(4));
}
