/** VLANs and VNIs as people say them: one, or the first and the last of several. */
import { InputError } from '../../netlink/errors.ts';
import { inArgument } from '../../netlink/input.ts';
import { checkInteger } from '../../netlink/scalar.ts';

/** The first and the last number. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** @throws InputError naming `argument` or `end` unless both are within the limits and in order */
export function rangeOf(first: unknown, end: unknown, argument: string, minimum: number, maximum: number): Range {
  inArgument(argument, () => checkInteger(first, minimum, maximum));
  if (end === undefined) return { first: first as number, last: first as number };
  inArgument('end', () => checkInteger(end, minimum, maximum));
  if ((end as number) < (first as number)) throw new InputError('end', `${end} comes before \`${argument}\`, ${first}`, 'ERR_OUT_OF_RANGE');
  return { first: first as number, last: end as number };
}

/** The VLANs that frames can have, first to last. */
export function vlansOf(spec: { vlan: unknown; end?: unknown }): Range {
  return rangeOf(spec.vlan, spec.end, 'vlan', 1, 4094);
}

/** `10` or `10-20`, as errors and bridge(8) write it. */
export function describeRange({ first, last }: Range): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

/** Numbers in ascending order as ranges; `same` tells whether a number goes on with what the one before it started. */
export function ranges(numbers: readonly number[], same: (before: number, next: number) => boolean = () => true): Range[] {
  const found: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const current = found.at(-1);
    if (current !== undefined && current.last + 1 === number && same(current.last, number)) current.last = number;
    else found.push({ first: number, last: number });
  }
  return found;
}

/** Every number of a range. */
export function numbersOf({ first, last }: Range): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
