/** Changes of the elements of sets. */
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import type { Request } from '../../netlink/operation.ts';
import { deleteElements, destroyElements, newElements, type SetElement } from '../element.ts';
import { chunked } from '../element-size.ts';
import { describeSet, type SetRef, type SetType, setKey } from '../set-definition.ts';
import { type ElementInput, elementLayout, elementName, elementsToWire } from '../set-elements.ts';
import { type Change, checkObject } from './shared.ts';

/** A set, and how its elements are written: an {@link NftSet} as a list gives it, or what is needed of one. */
export type TypedSet = SetRef & SetType;

function elementsChange(set: TypedSet, given: Iterable<ElementInput>, operation: typeof newElements, flags: number): Change {
  checkObject(set, 'a set');
  const layout = elementLayout(set);
  const wire = elementsToWire(layout, given);
  return { requests: elementRequests(set, wire, operation, flags, (element) => elementName(layout, element)) };
}

/** The requests that carry elements, as many to each as fit. `nameOf`: what an element is called in errors. */
export function elementRequests(
  set: SetRef,
  wire: readonly SetElement[],
  operation: typeof newElements,
  flags: number,
  nameOf: (element: SetElement) => string,
): Request[] {
  const { family, table, name } = setKey(set);
  const subject = `elements of ${describeSet(set)}`;
  return chunked(wire).map((elements) => ({
    operation,
    flags,
    value: { family: family!, table: table!, set: name!, elements },
    expects: 'ack',
    subject,
    rename: (path) => path.replace(/^elements\[(\d+)\]/, (_, index: string) => nameOf(elements[Number(index)]!)),
  }));
}

function add(set: TypedSet, given: Iterable<ElementInput>): Change {
  return elementsChange(set, given, newElements, NLM_F_CREATE);
}

export const elements = {
  /** Adds elements, unless they are there; EEXIST if a map holds something else for one, or if an interval overlaps another that the set holds. */
  add,
  /** The same: elements are there afterwards. */
  ensure: add,
  /** Adds elements; EEXIST if one of them is there. */
  create: (set: TypedSet, given: Iterable<ElementInput>): Change => elementsChange(set, given, newElements, NLM_F_CREATE | NLM_F_EXCL),
  /** Deletes elements; ENOENT if one of them is not there. Intervals must be those that the set holds. */
  delete: (set: TypedSet, given: Iterable<ElementInput>): Change => elementsChange(set, given, deleteElements, 0),
  /** Deletes elements that are there; needs Linux 6.3. */
  destroy: (set: TypedSet, given: Iterable<ElementInput>): Change => elementsChange(set, given, destroyElements, 0),
  /** Deletes all elements of a set. */
  flush: (set: SetRef): Change => {
    checkObject(set, 'a set');
    const { family, table, name } = setKey(set);
    const value = { family: family!, table: table!, set: name! };
    return { requests: [{ operation: deleteElements, flags: 0, value, expects: 'ack', subject: `elements of ${describeSet(set)}` }] };
  },
};
