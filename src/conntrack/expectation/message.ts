/** Messages of expectations. Source: include/uapi/linux/netfilter/nfnetlink_conntrack.h (enum ctnl_exp_msg_types, CTA_EXPECT_*). */
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration, flags } from '../../netlink/enumeration.ts';
import type { Message } from '../../netlink/message.ts';
import type { NfGenMsg } from '../../netlink/nfgenmsg.ts';
import type { Operation } from '../../netlink/operation.ts';
import { be16, be32 } from '../../netlink/scalar.ts';
import { string } from '../../netlink/text.ts';
import { conntrackMessage, conntrackOperation, NFNL_SUBSYS_CTNETLINK_EXP } from '../nfnetlink.ts';
import { wireTuple } from '../tuple.ts';

/** NF_CT_EXPECT_*. */
export const expectationFlags = flags(be32, {
  /** It is met by any number of connections, and not by one alone. */
  permanent: 0x1,
  /** It is not met by anything yet. */
  inactive: 0x2,
  /** It was made from here, and not by a helper of the kernel. */
  userspace: 0x4,
});

const nat_ = attributes('CTA_EXPECT_NAT', () => ({
  direction: attr('CTA_EXPECT_NAT_DIR', 1, enumeration(be32, { original: 0, reply: 1 })),
  tuple: attr('CTA_EXPECT_NAT_TUPLE', 2, wireTuple),
}));
const nat: Codec<Infer<typeof nat_>> = nat_;

const expectation_ = attributes('CTA_EXPECT', () => ({
  master: attr('CTA_EXPECT_MASTER', 1, wireTuple),
  tuple: attr('CTA_EXPECT_TUPLE', 2, wireTuple),
  mask: attr('CTA_EXPECT_MASK', 3, wireTuple),
  timeout: attr('CTA_EXPECT_TIMEOUT', 4, be32),
  id: attr('CTA_EXPECT_ID', 5, be32),
  helper: attr('CTA_EXPECT_HELP_NAME', 6, string(15)),
  zone: attr('CTA_EXPECT_ZONE', 7, be16),
  flags: attr('CTA_EXPECT_FLAGS', 8, expectationFlags),
  class: attr('CTA_EXPECT_CLASS', 9, be32),
  nat: attr('CTA_EXPECT_NAT', 10, nat),
  fn: attr('CTA_EXPECT_FN', 11, string()),
}));
interface ExpectationAttributes extends Infer<typeof expectation_> {}
export const expectationAttributes: AttributeSet<ExpectationAttributes> = expectation_;
/** An expectation on the wire. */
export type ExpectationMessage = NfGenMsg & ExpectationAttributes;
export type ExpectationRequest = Partial<NfGenMsg> & ExpectationAttributes;
export const expectationMessage: Message<ExpectationMessage, ExpectationRequest> = conntrackMessage('CTA_EXPECT', expectation_);

type ExpectationOperation = Operation<ExpectationRequest, ExpectationMessage>;

function operation(name: string, type: number): ExpectationOperation {
  return conntrackOperation(name, (NFNL_SUBSYS_CTNETLINK_EXP << 8) | type, expectationMessage);
}

export const newExpectation: ExpectationOperation = operation('IPCTNL_MSG_EXP_NEW', 0);
export const getExpectation: ExpectationOperation = operation('IPCTNL_MSG_EXP_GET', 1);
export const deleteExpectation: ExpectationOperation = operation('IPCTNL_MSG_EXP_DELETE', 2);

const statistics_ = attributes('CTA_STATS_EXP', () => ({
  /** Expectations that packets have met. */
  new: attr('CTA_STATS_EXP_NEW', 1, be32),
  create: attr('CTA_STATS_EXP_CREATE', 2, be32),
  delete: attr('CTA_STATS_EXP_DELETE', 3, be32),
}));
export interface ExpectationCounts extends Infer<typeof statistics_> {}
const statisticsMessage: Message<NfGenMsg & ExpectationCounts, Partial<NfGenMsg> & ExpectationCounts> = conntrackMessage(
  'CTA_STATS_EXP',
  statistics_,
);
export const getExpectationStatistics: Operation<Partial<NfGenMsg> & ExpectationCounts, NfGenMsg & ExpectationCounts> = conntrackOperation(
  'IPCTNL_MSG_EXP_GET_STATS_CPU',
  (NFNL_SUBSYS_CTNETLINK_EXP << 8) | 3,
  statisticsMessage,
);
