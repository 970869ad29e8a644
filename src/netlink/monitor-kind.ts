/** What a monitor must know about one kind of object: where the kernel tells of it, how a message is read, and how objects are told apart. */
import { isDeepStrictEqual } from 'node:util';
import type { Notification } from './monitor-socket.ts';
import type { Program } from './program.ts';

/**
 * One kind of object.
 *
 * `T` is the object as callers see it, `C` what decoding needs beside the message, such as the names of links.
 */
export interface MonitorKind<T, C> {
  /** Multicast groups that tell of it. */
  readonly groups: readonly number[];
  /** What the message types say: nlmsg_type to action. */
  readonly types: Readonly<Record<number, 'new' | 'delete'>>;
  /** The object in a message, or the objects; undefined when it is about something else. @throws MalformedMessageError */
  decode(notification: Notification, context: C): T | readonly T[] | undefined;
  /** Whether a message of a `new` type says that the object was there before. Absent: the kernel does not say. */
  changes?(notification: Notification): boolean;
  /** How the objects that exist are listed. Absent: they cannot be, and so not be kept track of either. */
  readonly listing?: MonitorListing<T>;
}

/** How a picture of the objects of a kind is made and kept. */
export interface MonitorListing<T> {
  /** Lists all the objects that there are. */
  list(): Program<readonly T[]>;
  /** What identifies an object. Several may have one key where the kernel allows several that differ in other ways: see {@link apply}. */
  key(object: T): string;
  /** Whether two objects of a key are alike. Default: they are equal in depth. What changes by itself (ages, timers) must not count. */
  same?(a: T, b: T): boolean;
  /** What a message makes of the objects of a key. Default: there is one, which comes, is replaced, and goes. */
  apply?(group: readonly T[], action: 'new' | 'delete', object: T, flags: number): readonly T[];
  /** What is told of an object that is gone, made of it as it was last told and as its deletion tells it. Default: the former. */
  last?(known: T, told: T): T;
  /** Further groups to listen to, for {@link disturbed}. */
  readonly groups?: readonly number[];
  /** Whether a message, of whatever kind, means that objects of this one may be gone without a word. */
  disturbed?(notification: Notification): boolean;
}

/** A change of one object. */
export type ChangeEvent<K extends string, T> = NewEvent<K, T> | ChangedEvent<K, T> | DeleteEvent<K, T>;

interface EventBase<K extends string> {
  readonly kind: K;
  /** With `allNamespaces`: the id of the namespace it happened in, as the monitor's own namespace has it (ip-netns(8) "list-id"). Absent: in its own. */
  readonly nsid?: number;
}

/** An object is there. Without a picture (`resync`) it may have been there before: most messages do not say. */
export interface NewEvent<K extends string, T> extends EventBase<K> {
  /** There is one more. */
  readonly action: 'new';
  /** The object. */
  readonly new: T;
}

/** An object is there in place of another, or in another state. */
export interface ChangedEvent<K extends string, T> extends EventBase<K> {
  /** One is not as it was. */
  readonly action: 'change';
  /** As it was before; only with a picture. */
  readonly old?: T;
  /** The object as it is now. */
  readonly new: T;
}

/** An object is gone. */
export interface DeleteEvent<K extends string, T> extends EventBase<K> {
  /** One is gone. */
  readonly action: 'delete';
  /** As the kernel describes it, or with a picture as it was last told (see `last` of a listing). */
  readonly old: T;
}

/** The members of two objects that are compared, made from `a` and `b` by leaving some out. */
export function sameExcept<T extends object>(...members: readonly (keyof T)[]): (a: T, b: T) => boolean {
  const rest = (object: T): Partial<T> => {
    const copy: Partial<T> = { ...object };
    for (const member of members) delete copy[member];
    return copy;
  };
  return (a, b) => isDeepStrictEqual(rest(a), rest(b));
}
