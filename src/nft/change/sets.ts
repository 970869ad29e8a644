/** Changes of sets and maps. */
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { deleteSet, destroySet, newSet } from '../set.ts';
import { describeSet, type NftSet, type SetRef, setKey, setToWire } from '../set-definition.ts';
import type { ElementInput } from '../set-elements.ts';
import { elements } from './elements.ts';
import { type Change, checkObject, nextId, plain } from './shared.ts';

/** A set to be made, with what it is to hold. */
export interface SetInput extends NftSet {
  /** What it is to hold. Default: nothing. */
  elements?: Iterable<ElementInput>;
}

function newSetChange(set: SetInput, flags: number, expects: 'ack' | 'echo'): Change {
  checkObject(set, 'a set');
  const value = { ...setToWire(set), id: nextId() };
  const made: Change = { requests: [{ operation: newSet, flags, value, expects, subject: describeSet(set) }] };
  if (set.elements === undefined) return made;
  return { requests: [...made.requests, ...elements.add(set, set.elements).requests] };
}

function ensure(set: SetInput): Change {
  return newSetChange(set, NLM_F_CREATE, 'ack');
}

export const sets = {
  /** A new set or map with its elements; the transaction fails with EEXIST if there is one of the name. */
  create: (set: SetInput): Change => newSetChange(set, NLM_F_CREATE | NLM_F_EXCL, 'echo'),
  /** A set or map, unless there is one, which gets the elements too; EEXIST if that is of another type. */
  ensure,
  /** The same, by the name it has in nft(8). */
  add: ensure,
  /** Deletes a set with its elements; ENOENT if there is none, EBUSY if a rule looks into it. */
  delete: (set: SetRef): Change => {
    checkObject(set, 'a set');
    return plain(deleteSet, setKey(set), describeSet(set));
  },
  /** Deletes a set with its elements, if there is one in the table, which must exist; needs Linux 6.3. */
  destroy: (set: SetRef): Change => {
    checkObject(set, 'a set');
    return plain(destroySet, setKey(set), describeSet(set));
  },
  /** Deletes all elements of a set. */
  flush: (set: SetRef): Change => elements.flush(set),
};
