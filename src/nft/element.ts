/** Elements of sets on the wire. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_SET_ELEM_*). */
import { attr, attributes, listOf } from '../netlink/attributes.ts';
import type { Codec, Infer } from '../netlink/codec.ts';
import { flags } from '../netlink/enumeration.ts';
import type { Message } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { be32, be64n } from '../netlink/scalar.ts';
import { string } from '../netlink/text.ts';
import { data } from './data.ts';
import { expression, expressionList } from './expressions/expression.ts';
import { destroyNeeds, type NfGenMsg, nftMessage, nftOperation, nftReading } from './nfnetlink.ts';
import { userData } from './userdata.ts';

const element_ = attributes('NFTA_SET_ELEM', () => ({
  key: attr('NFTA_SET_ELEM_KEY', 1, data),
  /** What a map gives for the key. */
  data: attr('NFTA_SET_ELEM_DATA', 2, data),
  /** `interval-end`: the first key after an interval. `catchall`: any key. */
  flags: attr('NFTA_SET_ELEM_FLAGS', 3, flags(be32, { 'interval-end': 1, catchall: 2 })),
  /** Milliseconds it lives. */
  timeout: attr('NFTA_SET_ELEM_TIMEOUT', 4, be64n),
  /** Milliseconds it has left. */
  expiration: attr('NFTA_SET_ELEM_EXPIRATION', 5, be64n),
  userdata: attr('NFTA_SET_ELEM_USERDATA', 6, userData),
  expression: attr('NFTA_SET_ELEM_EXPR', 7, expression),
  /** Object that an object map gives for the key. */
  object: attr('NFTA_SET_ELEM_OBJREF', 9, string(255)),
  /** Last key of an interval of concatenations. */
  keyEnd: attr('NFTA_SET_ELEM_KEY_END', 10, data),
  expressions: attr('NFTA_SET_ELEM_EXPRESSIONS', 11, expressionList),
}));
/** One element of a set or map. */
export interface SetElement extends Infer<typeof element_> {}
export const setElement: Codec<SetElement> = element_;

const elementList_ = attributes('NFTA_SET_ELEM_LIST', () => ({
  table: attr('NFTA_SET_ELEM_LIST_TABLE', 1, string(255)),
  set: attr('NFTA_SET_ELEM_LIST_SET', 2, string(255)),
  elements: attr('NFTA_SET_ELEM_LIST_ELEMENTS', 3, listOf('NFTA_LIST_ELEM', 1, setElement)),
  setId: attr('NFTA_SET_ELEM_LIST_SET_ID', 4, be32),
}));
interface ElementList extends Infer<typeof elementList_> {}
export type ElementMessage = NfGenMsg & ElementList;
export type ElementRequest = Partial<NfGenMsg> & ElementList;
const message: Message<NfGenMsg & ElementList, ElementRequest> = nftMessage('NFTA_SET_ELEM_LIST', elementList_);

export const newElements: Operation<ElementRequest, ElementMessage> = nftOperation('NFT_MSG_NEWSETELEM', 12, message);
export const getElements: Operation<ElementRequest, ElementMessage> = nftReading('NFT_MSG_GETSETELEM', 13, message);
export const deleteElements: Operation<ElementRequest, ElementMessage> = nftOperation('NFT_MSG_DELSETELEM', 14, message);
export const destroyElements: Operation<ElementRequest, ElementMessage> = nftOperation('NFT_MSG_DESTROYSETELEM', 30, message, destroyNeeds);
export const resetElements: Operation<ElementRequest, ElementMessage> = nftOperation('NFT_MSG_GETSETELEM_RESET', 33, message, 'Linux 6.5');
