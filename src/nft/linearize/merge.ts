/** Matches of neighboring fields, which are compared at once. Source: nft(8) and what it makes of rules. */
import { InputError } from '../../netlink/errors.ts';
import type { Expression } from '../expressions/expression.ts';
import type { HeaderBase } from '../protocol/headers.ts';

/** A match of whole bytes of a header with constants: neighbors become one. */
export interface PayloadMatch {
  readonly base: HeaderBase;
  /** Bytes. */
  readonly offset: number;
  readonly value: Uint8Array;
  /** `true`: with the one before it; `false`: with none. Default: as nft(8) does it. */
  readonly merge?: boolean;
}

/** What a statement adds to a rule. */
export type Step = { readonly payload: PayloadMatch } | { readonly expressions: readonly Expression[]; readonly match: boolean };

/** Bytes of a register, and those that the kernel compares at once (nft_cmp_fast). */
const mostMerged = 16;
const fastest = 4;

/** A match that is compared at once with the one before it. @throws InputError when it cannot be */
export function withNext(before: Step | undefined, next: PayloadMatch): PayloadMatch {
  if (before === undefined || !('payload' in before) || !areNeighbors(before.payload, next))
    throw new InputError('merge', 'the match before it is of no neighbor in the header');
  const length = before.payload.value.length + next.value.length;
  if (length > mostMerged)
    throw new InputError('merge', `at most ${mostMerged} bytes are compared at once, not ${length}`, 'ERR_OUT_OF_RANGE');
  return { ...before.payload, value: joined(before.payload, next) };
}

/**
 * Matches of neighbors in one header become one comparison, in place of the first of them in the packet. As with nft(8), two that the kernel compares
 * by its fast way (4 bytes at most) are left so when together they are more than that.
 */
export function merged(steps: readonly Step[]): readonly Step[] {
  const candidates: { readonly index: number; readonly payload: PayloadMatch }[] = [];
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index]!;
    if ('payload' in step && step.payload.merge !== false) candidates.push({ index, payload: step.payload });
  }
  if (candidates.length < 2) return steps;
  // most rules have them in their order as they are
  if (candidates.some((candidate, i) => i > 0 && inPacket(candidates[i - 1]!.payload, candidate.payload) > 0))
    candidates.sort((a, b) => inPacket(a.payload, b.payload));
  let result: (Step | undefined)[] | undefined;
  let last = candidates[0]!;
  for (let i = 1; i < candidates.length; i++) {
    const next = candidates[i]!;
    if (!canMerge(last.payload, next.payload)) {
      last = next;
      continue;
    }
    const { base, offset } = last.payload;
    last = { index: last.index, payload: { base, offset, value: joined(last.payload, next.payload) } };
    result ??= [...steps];
    result[last.index] = last;
    result[next.index] = undefined;
  }
  return result === undefined ? steps : result.filter((step) => step !== undefined);
}

const bases: readonly HeaderBase[] = ['link', 'network', 'transport', 'tunnel'];

function inPacket(a: PayloadMatch, b: PayloadMatch): number {
  return bases.indexOf(a.base) - bases.indexOf(b.base) || a.offset - b.offset;
}

function areNeighbors(a: PayloadMatch, b: PayloadMatch): boolean {
  return a.base === b.base && a.offset + a.value.length === b.offset;
}

function joined(a: PayloadMatch, b: PayloadMatch): Uint8Array {
  const value = new Uint8Array(a.value.length + b.value.length);
  value.set(a.value);
  value.set(b.value, a.value.length);
  return value;
}

function canMerge(a: PayloadMatch, b: PayloadMatch): boolean {
  if (!areNeighbors(a, b)) return false;
  const total = a.value.length + b.value.length;
  const fast = a.value.length <= fastest && b.value.length <= fastest;
  return total <= (fast ? fastest : mostMerged);
}
