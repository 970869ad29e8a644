/** `queue`: hands a packet to a program of user space (nfnetlink_queue). Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_QUEUE_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { flags } from '../../netlink/enumeration.ts';
import { be16, be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_QUEUE_FLAG_*: let by if nobody listens (`bypass`), choose by CPU (`fanout`). */
export const queueFlags = flags(be16, { bypass: 1, fanout: 2 });

const queue_ = attributes('NFTA_QUEUE', () => ({
  /** The first queue. */
  num: attr('NFTA_QUEUE_NUM', 1, be16),
  /** How many queues to spread over. */
  total: attr('NFTA_QUEUE_TOTAL', 2, be16),
  flags: attr('NFTA_QUEUE_FLAGS', 3, queueFlags),
  /** Register with the number of the queue. */
  sregQnum: attr('NFTA_QUEUE_SREG_QNUM', 4, be32),
}));
export interface Queue extends Infer<typeof queue_> {}
export const queue: Codec<Queue> = queue_;

export function explainQueue(of: Queue): string {
  const { num = 0, total = 1 } = of;
  const where = of.sregQnum !== undefined ? `sreg_qnum ${of.sregQnum}` : total > 1 ? `num ${num}-${num + total - 1}` : `num ${num}`;
  return line(where, ...(of.flags ?? []));
}
