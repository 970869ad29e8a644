/** Sets and maps on the wire. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_SET_*). */
import { attr, attributes, listOf } from '../netlink/attributes.ts';
import type { Infer } from '../netlink/codec.ts';
import { enumeration, flags } from '../netlink/enumeration.ts';
import type { Message } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { be32, be64, be64n } from '../netlink/scalar.ts';
import { string } from '../netlink/text.ts';
import { expression, expressionList } from './expressions/expression.ts';
import { destroyNeeds, type NfGenMsg, nftMessage, nftOperation } from './nfnetlink.ts';
import { objectType } from './object-type.ts';
import { userData } from './userdata.ts';

/** NFT_SET_*, as nft(8) names them: `dynamic` is NFT_SET_EVAL. */
export const setFlags = flags(be32, {
  anonymous: 0x1,
  constant: 0x2,
  interval: 0x4,
  map: 0x8,
  timeout: 0x10,
  dynamic: 0x20,
  object: 0x40,
  concat: 0x80,
  expr: 0x100,
});

/** NFT_DATA_VERDICT: the type of data of a verdict map. */
export const verdictType = 0xffffff00;
/** Bytes of a verdict in a map, as nft(8) says; the kernel knows by itself. */
export const verdictLength = 16;

/** NFT_SET_POL_*: what to choose the data structure by. */
export const setPolicy = enumeration(be32, { performance: 0, memory: 1 });

const field_ = attributes('NFTA_SET_FIELD', () => ({
  /** Bytes. */
  length: attr('NFTA_SET_FIELD_LEN', 1, be32),
}));
interface SetField extends Infer<typeof field_> {}

const description_ = attributes('NFTA_SET_DESC', () => ({
  /** Elements at most. */
  size: attr('NFTA_SET_DESC_SIZE', 1, be32),
  /** Fields of a concatenation. */
  concat: attr<SetField[]>('NFTA_SET_DESC_CONCAT', 2, listOf('NFTA_LIST_ELEM', 1, field_)),
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
  policy: attr('NFTA_SET_POLICY', 8, setPolicy),
  description: attr<Description>('NFTA_SET_DESC', 9, description_),
  id: attr('NFTA_SET_ID', 10, be32),
  /** Milliseconds. */
  timeout: attr('NFTA_SET_TIMEOUT', 11, be64n),
  /** Milliseconds. */
  gcInterval: attr('NFTA_SET_GC_INTERVAL', 12, be32),
  userdata: attr('NFTA_SET_USERDATA', 13, userData),
  objectType: attr('NFTA_SET_OBJ_TYPE', 15, objectType),
  handle: attr('NFTA_SET_HANDLE', 16, be64),
  expression: attr('NFTA_SET_EXPR', 17, expression),
  expressions: attr('NFTA_SET_EXPRESSIONS', 18, expressionList),
  /** The data structure that the kernel chose, by its symbol or address (Linux 6.16). */
  backend: attr('NFTA_SET_TYPE', 19, string()),
  /** Elements, those that have expired included (Linux 6.16). */
  count: attr('NFTA_SET_COUNT', 20, be32),
}));
interface SetAttributes extends Infer<typeof setAttributes_> {}
/** A set on the wire. */
export type SetMessage = NfGenMsg & SetAttributes;
/** A set to be made, on the wire. */
export type SetRequest = Partial<NfGenMsg> & SetAttributes;
const message: Message<SetMessage, SetRequest> = nftMessage('NFTA_SET', setAttributes_);

export const newSet: Operation<SetRequest, SetMessage> = nftOperation('NFT_MSG_NEWSET', 9, message);
export const getSet: Operation<SetRequest, SetMessage> = nftOperation('NFT_MSG_GETSET', 10, message);
export const deleteSet: Operation<SetRequest, SetMessage> = nftOperation('NFT_MSG_DELSET', 11, message);
export const destroySet: Operation<SetRequest, SetMessage> = nftOperation('NFT_MSG_DESTROYSET', 29, message, destroyNeeds);
