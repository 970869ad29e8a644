/** What can be done with named objects. Every method that changes something is a transaction of its own. */
import type { Operation } from '../netlink/operation.ts';
import { type AsyncMethods, ask, type CallOptions, type Program, type SyncMethods } from '../netlink/program.ts';
import { ensureAbsent } from './absent.ts';
import { change } from './change/change.ts';
import type { Family, NfGenMsg } from './nfnetlink.ts';
import {
  describeObject,
  getObject,
  type NftObject,
  type ObjectMessage,
  type ObjectOf,
  type ObjectRef,
  objectFromWire,
  objectKey,
  resetObject,
} from './object.ts';
import type { ObjectType } from './object-type.ts';
import { checkCallOptions, checkOptions } from './options.ts';
import { listInTable } from './table-filter.ts';
import { transaction } from './transaction.ts';

export interface ObjectFilter extends CallOptions {
  /** Default: all. */
  family?: Family;
  /** Name of the table. Default: all. */
  table?: string;
  /** Default: all. */
  type?: ObjectType;
}

/** The object of the type that was asked for. */
export type NftObjectOf<T extends ObjectType> = ObjectOf<T>;

/** Methods of objects that return promises. What comes back is of the type that was asked for. */
export interface ObjectMethods extends Omit<AsyncMethods<typeof objectPrograms>, 'get' | 'reset'> {
  /** One object. @throws NetlinkError `ENOENT` when there is none */
  get<T extends ObjectType>(object: ObjectRef & { readonly type: T }, options?: CallOptions): Promise<NftObjectOf<T>>;
  /** Sets the counter or quota of one object back to zero. @returns what it was @throws NetlinkError `ENOENT` when there is none */
  reset<T extends ObjectType>(object: ObjectRef & { readonly type: T }, options?: CallOptions): Promise<NftObjectOf<T>>;
}

/** The same, in place. */
export interface ObjectMethodsSync extends Omit<SyncMethods<typeof objectPrograms>, 'get' | 'reset'> {
  /** One object. @throws NetlinkError `ENOENT` when there is none */
  get<T extends ObjectType>(object: ObjectRef & { readonly type: T }, options?: CallOptions): NftObjectOf<T>;
  /** Sets the counter or quota of one object back to zero. @returns what it was @throws NetlinkError `ENOENT` when there is none */
  reset<T extends ObjectType>(object: ObjectRef & { readonly type: T }, options?: CallOptions): NftObjectOf<T>;
}

function* ensure(object: NftObject, options?: CallOptions): Program<void> {
  checkCallOptions(options);
  yield* transaction([change.objects.ensure(object)]);
}

function* listed(operation: typeof getObject, filter: ObjectFilter): Program<NftObject[]> {
  checkOptions(filter, ['family', 'table', 'type']);
  const { type } = filter;
  const typed: Operation<Partial<NfGenMsg> & { table?: string }, ObjectMessage> = operation;
  const found = yield* listInTable(
    type === undefined ? typed : ofType(operation, type),
    filter,
    type === undefined ? 'objects' : `${type} objects`,
  );
  return found.filter((wire) => type === undefined || wire.type === type).map(objectFromWire);
}

/** The operation with the type in every request: the kernel filters by it, and with a reset resets no others. */
function ofType(operation: typeof getObject, type: ObjectType): typeof getObject {
  const { body } = operation;
  return {
    ...operation,
    body: {
      ...body,
      encode: (writer, value) => body.encode(writer, { ...value, type }),
      bytes: (value) => body.bytes({ ...value, type }),
    },
  };
}

/** The programs of {@link NftClient.objects}. */
export const objectPrograms = {
  /** All objects, or those of a family, table or type. A table that does not exist has none. */
  *list(filter: ObjectFilter = {}): Program<NftObject[]> {
    return yield* listed(getObject, filter);
  },

  /** One object. @throws NetlinkError `ENOENT` when there is none */
  *get<R extends ObjectRef>(object: R, options?: CallOptions): Program<ObjectOf<R['type']>> {
    checkCallOptions(options);
    const reply = yield* ask({
      operation: getObject,
      flags: 0,
      value: objectKey(object),
      expects: 'reply',
      subject: describeObject(object),
    });
    return objectFromWire(reply) as ObjectOf<R['type']>;
  },

  /** Creates an object. @throws NetlinkError `EEXIST` when there is one of the name and type */
  *create(object: NftObject, options?: CallOptions): Program<NftObject> {
    checkCallOptions(options);
    const { objects } = yield* transaction([change.objects.create(object)]);
    return objects[0] ?? object;
  },

  /** Creates an object unless there is one of the name and type; quotas, limits and SYN proxies take the new settings. */
  ensure,
  /** The same, by the name it has in nft(8). */
  add: ensure,

  /** Deletes an object. @throws NetlinkError `ENOENT` when there is none, `EBUSY` when a rule or element refers to it */
  *delete(object: ObjectRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.objects.delete(object)]);
  },

  /** Deletes an object, if there is one. @throws NetlinkError `EBUSY` when a rule or element refers to it */
  *ensureAbsent(object: ObjectRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.objects.delete(object));
  },

  /** The same, by the name it has in nft(8). */
  *destroy(object: ObjectRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.objects.delete(object));
  },

  /** Sets counters and quotas back to zero: that of one object. @returns what it was @throws NetlinkError `ENOENT` when there is none */
  *reset<R extends ObjectRef>(object: R, options?: CallOptions): Program<ObjectOf<R['type']>> {
    checkCallOptions(options);
    const reply = yield* ask({
      operation: resetObject,
      flags: 0,
      value: objectKey(object),
      expects: 'reply',
      subject: describeObject(object),
    });
    return objectFromWire(reply) as ObjectOf<R['type']>;
  },

  /** Sets counters and quotas back to zero, those of a family, table or type. @returns what they were */
  *resetAll(filter: ObjectFilter = {}): Program<NftObject[]> {
    return yield* listed(resetObject, filter);
  },
};
