/** What changes depend on that only the kernel, or the rest of their transaction, can tell: the types of sets that rules refer to by name. */
import type { Request } from '../../netlink/operation.ts';
import { askEach, type Program } from '../../netlink/program.ts';
import { isMissing } from '../missing.ts';
import { getSet, newSet, type SetMessage } from '../set.ts';
import { describeSet, type NftSet, type SetRef, setFromWire, setKey } from '../set-definition.ts';
import type { Change } from './shared.ts';

/** The requests of changes, in order. Asks the kernel for sets that no change before makes; one that does not exist is left for it to refuse. */
export function* settled(changes: readonly Change[]): Program<Request[]> {
  if (changes.every(({ pending }) => pending === undefined)) return changes.flatMap(({ requests }) => requests);
  const known = yield* setsThere(changes.flatMap(({ pending }) => pending?.sets ?? []));
  const all: Request[] = [];
  for (const { requests, pending } of changes) {
    for (const { operation, value } of requests) {
      if (operation !== newSet || (value as SetMessage).name?.includes('%') === true) continue;
      const made = setFromWire(value as SetMessage);
      known.set(describeSet(made), made);
    }
    const found = (pending?.sets ?? []).flatMap((ref) => known.get(describeSet(ref)) ?? []);
    all.push(...(pending === undefined ? requests : pending.settle(Object.fromEntries(found.map((set) => [set.name, set])))));
  }
  return all;
}

/** The sets that there are, by {@link describeSet}. */
export function* setsThere(refs: readonly SetRef[]): Program<Map<string, NftSet>> {
  const wanted = new Map(refs.map((ref) => [describeSet(ref), ref]));
  const answers = yield* askEach(
    [...wanted.values()].map((ref) => ({
      operation: getSet,
      flags: 0,
      value: setKey(ref),
      expects: 'reply' as const,
      subject: describeSet(ref),
    })),
  );
  const known = new Map<string, NftSet>();
  [...wanted.keys()].forEach((name, i) => {
    const answer = answers[i]!;
    if (answer.ok) known.set(name, setFromWire(answer.value));
    else if (!isMissing(answer.error)) throw answer.error;
  });
  return known;
}
