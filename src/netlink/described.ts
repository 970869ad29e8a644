/**
 * What a payload says, to a person. A codec that knows more than its value (the constants of a set, the parts of a list) has a
 * `describe`; of any other the decoded value is shown. What cannot be read is shown as bytes: describing never fails.
 */
import { type Codec, enter, leave } from './codec.ts';
import { MalformedMessageError } from './errors.ts';
import { type Described, type Detail, hexadecimal, shown } from './shown.ts';

/** Describes a payload by its codec; without one, as bytes. */
export function describePayload(
  of: Codec<unknown> | undefined,
  bytes: Uint8Array,
  offset: number,
  length: number,
  detail: Detail,
): Described {
  if (of === undefined) return hexadecimal(bytes, offset, length, detail);
  try {
    enter(of.label, offset);
    try {
      return of.describe === undefined ? shown(of.decode(bytes, offset, length), detail) : of.describe(bytes, offset, length, detail);
    } finally {
      leave();
    }
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    return `${hexadecimal(bytes, offset, length, detail)} (expected ${error.expected})`;
  }
}

/** Marks a payload as a key: traces and descriptions tell its length and nothing else, unless they are asked for `secrets`. */
export function secret<T>(of: Codec<T>): Codec<T> {
  return {
    ...of,
    describe: (bytes, offset, length, detail) =>
      detail.secrets ? describePayload(of, bytes, offset, length, detail) : `(hidden, ${length} bytes)`,
  };
}
