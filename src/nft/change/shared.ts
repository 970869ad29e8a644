/** What the makers of changes have in common. */
import { InputError } from '../../netlink/errors.ts';
import type { Operation, Request } from '../../netlink/operation.ts';
import { show } from '../../netlink/scalar.ts';
import type { KnownSets } from '../linearize/scope.ts';
import type { SetRef } from '../set-definition.ts';

/** One change. Made by `change`; given to a transaction. */
export interface Change {
  /** What is sent for it, in order. */
  readonly requests: readonly Request[];
  /** What the requests depend on beyond what was given. Absent: nothing. */
  readonly pending?: PendingChange;
}

/** A change that depends on sets of the table: the transaction finds out about them, and takes what `settle` makes of that in place of `requests`. */
export interface PendingChange {
  readonly sets: readonly SetRef[];
  readonly settle: (known: KnownSets) => readonly Request[];
}

// ids are the transaction's own affair: that they differ within one is all the kernel asks for
let lastId = 0;

/** A number by which a transaction refers to what is made in it. */
export function nextId(): number {
  lastId = lastId === 0xffffffff ? 1 : lastId + 1;
  return lastId;
}

/** @throws InputError unless `value` is an object; `what` says which, with its article */
export function checkObject(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) throw new InputError('', `expected ${what}, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
}

/** A change that is one request, answered by an ack. */
export function plain<I extends object>(operation: Operation<I, unknown>, value: I, subject: string, flags = 0): Change {
  return { requests: [{ operation, flags, value, expects: 'ack', subject }] };
}

/** A change that is one request whose result the kernel tells. */
export function echoed<I extends object>(operation: Operation<I, unknown>, value: I, subject: string, flags: number): Change {
  return { requests: [{ operation, flags, value, expects: 'echo', subject }] };
}
