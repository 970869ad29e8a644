/** Named objects that keep state, or settings, for rules to refer to. Sources: include/uapi/linux/netfilter/nf_tables.h (NFTA_OBJ_*), nft(8), STATEFUL OBJECTS. */
import { type AttributeSet, attr, attributes, type RawAttribute, walk } from '../netlink/attributes.ts';
import type { Codec, Infer } from '../netlink/codec.ts';
import { checkOptions, memberNames } from '../netlink/input.ts';
import type { Message } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { be32, be64 } from '../netlink/scalar.ts';
import { bytes, string } from '../netlink/text.ts';
import { type Connlimit, connlimit } from './expressions/connlimit.ts';
import { type Counter, counter } from './expressions/counter.ts';
import { type Limit, limit } from './expressions/limit.ts';
import { type Quota, quota } from './expressions/quota.ts';
import { type Synproxy, synproxy } from './expressions/synproxy.ts';
import { checkName } from './name.ts';
import { destroyNeeds, type Family, familyName, familyNumber, type NfGenMsg, nfgenmsg, nftMessage, nftOperation } from './nfnetlink.ts';
import { type CtExpectation, ctExpectation } from './object/ct-expectation.ts';
import { type CtHelper, ctHelper } from './object/ct-helper.ts';
import { type CtTimeout, ctTimeout } from './object/ct-timeout.ts';
import { type Secmark, secmark } from './object/secmark.ts';
import { type TunnelKey, tunnelKey } from './object/tunnel.ts';
import { type ObjectType, objectType } from './object-type.ts';
import { type Annotated, annotations, userData, userDataOf } from './userdata.ts';

/** What objects of each type hold. */
export interface ObjectData {
  /** Counts packets and bytes. */
  counter: Counter;
  /** Matches up to so many bytes, or beyond. */
  quota: Quota;
  /** Looks into connections of one protocol. */
  'ct helper': CtHelper;
  /** Matches up to a rate, or beyond. */
  limit: Limit;
  /** Matches up to so many connections, or beyond. */
  connlimit: Connlimit;
  /** What a packet says to the tunnel that it goes into. */
  tunnel: TunnelKey;
  /** Timeouts for connections. */
  'ct timeout': CtTimeout;
  /** A security context for packets. */
  secmark: Secmark;
  /** Lets a further connection be expected. */
  'ct expectation': CtExpectation;
  /** Answers in the place of servers until clients have shown themselves. */
  synproxy: Synproxy;
}

const schemas: { readonly [K in ObjectType]: Codec<ObjectData[K]> } = {
  counter,
  quota,
  'ct helper': ctHelper,
  limit,
  connlimit,
  tunnel: tunnelKey,
  'ct timeout': ctTimeout,
  secmark,
  'ct expectation': ctExpectation,
  synproxy,
};

const declare = <T>(data: Codec<T>) =>
  attributes('NFTA_OBJ', () => ({
    table: attr('NFTA_OBJ_TABLE', 1, string(255)),
    name: attr('NFTA_OBJ_NAME', 2, string(255)),
    type: attr('NFTA_OBJ_TYPE', 3, objectType),
    data: attr('NFTA_OBJ_DATA', 4, data),
    use: attr('NFTA_OBJ_USE', 5, be32),
    handle: attr('NFTA_OBJ_HANDLE', 6, be64),
    userdata: attr('NFTA_OBJ_USERDATA', 8, userData),
  }));
const opaque_ = declare(bytes);
interface ObjectAttributes extends Omit<Infer<typeof opaque_>, 'data'> {
  data?: ObjectData[ObjectType] | Uint8Array;
}
/** An object on the wire. */
export type ObjectMessage = NfGenMsg & ObjectAttributes;
type ObjectRequest = Partial<NfGenMsg> & ObjectAttributes;

type Body = Message<ObjectMessage, ObjectRequest>;
const bodies = new Map<unknown, Body>();

/** The message whose data is of the schema that `type` selects; of a type without one, bytes. */
function bodyFor(type: unknown): Body {
  const known = bodies.get(type);
  if (known !== undefined) return known;
  const schema: Codec<unknown> = Object.hasOwn(schemas, String(type)) ? (schemas[type as ObjectType] as Codec<unknown>) : bytes;
  const made = nftMessage('NFTA_OBJ', declare(schema) as AttributeSet<ObjectAttributes>);
  bodies.set(type, made);
  return made;
}

const typeAttribute = 3;

function typeIn(source: Uint8Array, offset: number, length: number): unknown {
  for (const found of walk(source, offset + nfgenmsg.size, length - nfgenmsg.size))
    if (found.type === typeAttribute && found.length >= 4) return objectType.decode(source, found.offset, found.length);
  return undefined;
}

const message: Body = {
  ...bodyFor(undefined),
  decode: (source, offset, length) => bodyFor(typeIn(source, offset, length)).decode(source, offset, length),
  encode: (writer, value) => bodyFor(value.type).encode(writer, value),
  locate: (source, offset, length, target) => bodyFor(typeIn(source, offset, length)).locate?.(source, offset, length, target),
  describe: (source, offset, length, detail) => bodyFor(typeIn(source, offset, length)).describe?.(source, offset, length, detail) ?? [],
  bytes: (value) => bodyFor(value.type).bytes(value),
  parse: (source) => bodyFor(typeIn(source, 0, source.length)).parse(source),
};

export const newObject: Operation<ObjectRequest, ObjectMessage> = nftOperation('NFT_MSG_NEWOBJ', 18, message);
export const getObject: Operation<ObjectRequest, ObjectMessage> = nftOperation('NFT_MSG_GETOBJ', 19, message);
export const deleteObject: Operation<ObjectRequest, ObjectMessage> = nftOperation('NFT_MSG_DELOBJ', 20, message);
export const resetObject: Operation<ObjectRequest, ObjectMessage> = nftOperation('NFT_MSG_GETOBJ_RESET', 21, message);
export const destroyObject: Operation<ObjectRequest, ObjectMessage> = nftOperation('NFT_MSG_DESTROYOBJ', 31, message, destroyNeeds);

/** What names an object: objects of different types may have the same name. */
export interface ObjectRef {
  /** Family of the table. */
  readonly family: Family;
  /** Name of the table. */
  readonly table: string;
  /** Name of the object, once for each type in a table. */
  readonly name: string;
  /** `counter`, `quota`, `limit`, … */
  readonly type: ObjectType;
}

/** What named objects of all types have. */
export interface ObjectBase extends Annotated {
  /** The family of the table. */
  family: Family;
  /** The table that it is in, by name. */
  table: string;
  /** At most 127 bytes; unique among the objects of its type in the table. */
  name: string;
  /** Assigned by the kernel, for as long as the object exists. */
  handle?: bigint;
  /** Rules and elements that refer to it. */
  use?: number;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** A named object of a type. */
export interface ObjectOf<T extends ObjectType> extends ObjectBase {
  /** Says what the object is, and so what `data` is. */
  type: T;
  /** What it keeps, or its settings. */
  data?: ObjectData[T];
}

/** A named object. What a list returns, a create accepts: what the kernel assigns (`handle`, `use`) is left out then. */
export type NftObject =
  | { [T in ObjectType]: ObjectOf<T> }[ObjectType]
  /** One of a type that netloom has no schema for. */
  | (ObjectBase & {
      /** Number of the type: NFT_OBJECT_*. Source: linux/netfilter/nf_tables.h. */
      type: number;
      /** Payload of NFTA_OBJ_DATA, byte for byte. */
      data?: Uint8Array;
    });

/** `counter ip filter web` */
export function describeObject({ family, table, name, type }: Pick<NftObject, 'family' | 'table' | 'name' | 'type'>): string {
  return `${type} ${family} ${table} ${name}`;
}

/** What requests about an object name it by. @throws InputError naming `family`, `table`, `name` or `type` */
export function objectKey({ family, table, name, type }: Pick<NftObject, 'family' | 'table' | 'name' | 'type'>): ObjectRequest {
  return { family: familyNumber(family), table: checkName(table, 'table'), name: checkName(name, 'name'), type };
}

/** An object as the kernel told it. @throws MalformedMessageError */
export function objectFromWire(wire: ObjectMessage): NftObject {
  const { family, version: _version, resId: _resId, table, name, type, userdata, ...rest } = wire;
  return {
    family: familyName(family),
    table: table ?? '',
    name: name ?? '',
    type: type ?? 0,
    ...rest,
    ...annotations(userdata),
  } as NftObject;
}

const members = memberNames<NftObject>({
  family: true,
  table: true,
  name: true,
  type: true,
  data: true,
  handle: true,
  use: true,
  comment: true,
  userdata: true,
  unknown: true,
});

/** @throws InputError naming the member that is wrong */
export function objectToWire(object: NftObject): ObjectRequest {
  checkOptions(object, 'object', members);
  const wire: ObjectRequest = { ...objectKey(object), data: object.data ?? {} };
  const userdata = userDataOf(object);
  if (userdata !== undefined) wire.userdata = userdata;
  if (object.unknown !== undefined) wire.unknown = object.unknown;
  return wire;
}
