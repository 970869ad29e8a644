/** `counter`: counts the packets that come by. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_COUNTER_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { be64n } from '../../netlink/scalar.ts';
import { line } from './text.ts';

const counter_ = attributes('NFTA_COUNTER', () => ({
  bytes: attr('NFTA_COUNTER_BYTES', 1, be64n),
  packets: attr('NFTA_COUNTER_PACKETS', 2, be64n),
}));
/** What was counted so far; in a new rule, where to start (default 0). */
export interface Counter extends Infer<typeof counter_> {}
export const counter: Codec<Counter> = counter_;

export function explainCounter(of: Counter): string {
  return line('pkts', of.packets ?? 0, 'bytes', of.bytes ?? 0);
}
