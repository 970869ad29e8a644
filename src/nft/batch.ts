/** The brackets of a transaction: what lies between them is carried out as a whole or not at all. Source: include/uapi/linux/netfilter/nfnetlink.h. */
import { attr, attributes } from '../netlink/attributes.ts';
import type { Infer } from '../netlink/codec.ts';
import { type Message, message, NETLINK_NETFILTER } from '../netlink/message.ts';
import type { Operation, Request } from '../netlink/operation.ts';
import { be32 } from '../netlink/scalar.ts';
import { NFNL_SUBSYS_NFTABLES, type NfGenMsg, nfgenmsg } from './nfnetlink.ts';

const batch_ = attributes('NFNL_BATCH', () => ({
  /** The transaction fails with ERESTART unless the ruleset is of this generation. */
  generation: attr('NFNL_BATCH_GENID', 1, be32),
}));
interface Batch extends Infer<typeof batch_> {}
const body: Message<NfGenMsg & Batch, Partial<NfGenMsg> & Batch> = message('NFNL_BATCH', nfgenmsg, batch_);

type BatchOperation = Operation<Partial<NfGenMsg> & Batch, NfGenMsg & Batch>;

/** NFNL_MSG_BATCH_BEGIN. */
export const batchBegin: BatchOperation = {
  name: 'NFNL_MSG_BATCH_BEGIN',
  protocol: NETLINK_NETFILTER,
  type: 0x10,
  body,
  reply: body,
  needs: () => 'CONFIG_NF_TABLES',
};
/** NFNL_MSG_BATCH_END. */
export const batchEnd: BatchOperation = { name: 'NFNL_MSG_BATCH_END', protocol: NETLINK_NETFILTER, type: 0x11, body, reply: body };

/** Puts requests into brackets. */
export function bracketed(requests: readonly Request[], generation: number | undefined): Request[] {
  const value = { resId: NFNL_SUBSYS_NFTABLES };
  const begin: Request = {
    operation: batchBegin,
    flags: 0,
    value: generation === undefined ? value : { ...value, generation },
    expects: 'none',
    subject: 'transaction',
  };
  const end: Request = { operation: batchEnd, flags: 0, value, expects: 'none', subject: 'transaction' };
  return [begin, ...requests, end];
}
