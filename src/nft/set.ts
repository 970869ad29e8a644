/** Sets and maps. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_SET_*). */
import { attr, attributes } from '../netlink/attributes.ts';
import type { Infer } from '../netlink/codec.ts';
import { flags } from '../netlink/enumeration.ts';
import type { Message } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { be32, be64, be64n } from '../netlink/scalar.ts';
import { bytes, string } from '../netlink/text.ts';
import { expression, expressionList } from './expressions/expression.ts';
import { type NfGenMsg, nftMessage, nftOperation } from './nfnetlink.ts';
import { userData } from './userdata.ts';

/** NFT_SET_*. */
export const setFlags = flags(be32, {
  anonymous: 0x1,
  constant: 0x2,
  interval: 0x4,
  map: 0x8,
  timeout: 0x10,
  eval: 0x20,
  object: 0x40,
  concat: 0x80,
  expr: 0x100,
});

const description_ = attributes('NFTA_SET_DESC', () => ({
  /** Elements at most. */
  size: attr('NFTA_SET_DESC_SIZE', 1, be32),
  /** Fields of a concatenation, as they came. */
  concat: attr('NFTA_SET_DESC_CONCAT', 2, bytes),
}));
interface Description extends Infer<typeof description_> {}

const setAttributes_ = attributes('NFTA_SET', () => ({
  table: attr('NFTA_SET_TABLE', 1, string(255)),
  name: attr('NFTA_SET_NAME', 2, string(255)),
  flags: attr('NFTA_SET_FLAGS', 3, setFlags),
  keyType: attr('NFTA_SET_KEY_TYPE', 4, be32),
  keyLength: attr('NFTA_SET_KEY_LEN', 5, be32),
  dataType: attr('NFTA_SET_DATA_TYPE', 6, be32),
  dataLength: attr('NFTA_SET_DATA_LEN', 7, be32),
  policy: attr('NFTA_SET_POLICY', 8, be32),
  description: attr<Description>('NFTA_SET_DESC', 9, description_),
  id: attr('NFTA_SET_ID', 10, be32),
  timeout: attr('NFTA_SET_TIMEOUT', 11, be64n),
  gcInterval: attr('NFTA_SET_GC_INTERVAL', 12, be32),
  userdata: attr('NFTA_SET_USERDATA', 13, userData),
  objectType: attr('NFTA_SET_OBJ_TYPE', 15, be32),
  handle: attr('NFTA_SET_HANDLE', 16, be64),
  expression: attr('NFTA_SET_EXPR', 17, expression),
  expressions: attr('NFTA_SET_EXPRESSIONS', 18, expressionList),
}));
interface SetAttributes extends Infer<typeof setAttributes_> {}
/** A set on the wire. */
export type SetMessage = NfGenMsg & SetAttributes;
type SetRequest = Partial<NfGenMsg> & SetAttributes;
const message: Message<SetMessage, SetRequest> = nftMessage('NFTA_SET', setAttributes_);

export const newSet: Operation<SetRequest, SetMessage> = nftOperation('NFT_MSG_NEWSET', 9, message);
export const getSet: Operation<SetRequest, SetMessage> = nftOperation('NFT_MSG_GETSET', 10, message);
