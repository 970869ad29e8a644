/** Ranges of small integers as a person writes them: `80`, `'1000-2000'`. */
import { type Codec, codec } from '../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../netlink/errors.ts';
import { checkInteger, show } from '../netlink/scalar.ts';
import type { Struct } from '../netlink/struct.ts';

/** One number, or the first and the last of several: `'1000-2000'`. */
export type Range = number | `${number}-${number}`;

/** The ends of a range. @throws InputError unless both are within `minimum` and `maximum`, the first not after the last */
export function parseRange(value: unknown, minimum: number, maximum: number): { start: number; end: number } {
  if (typeof value === 'number') {
    checkInteger(value, minimum, maximum);
    return { start: value, end: value };
  }
  const ends = typeof value === 'string' ? /^(\d{1,10})-(\d{1,10})$/.exec(value) : null;
  if (ends === null)
    throw new InputError('', `expected a number or a range such as "1000-2000", got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
  const [start, end] = [Number(ends[1]), Number(ends[2])];
  checkInteger(start, minimum, maximum);
  checkInteger(end, minimum, maximum);
  if (start > end) throw new InputError('', `${show(value)} ends before it starts`, 'ERR_OUT_OF_RANGE');
  return { start, end };
}

/** As a listing has it: a range of one is a number. */
function toRange(start: number, end: number): Range {
  return start === end ? start : `${start}-${end}`;
}

/** A range as a listing has it, so that the two can be compared: `5` for `"5-5"`. @throws InputError */
export function normalRange(value: unknown, minimum: number, maximum: number): Range {
  const { start, end } = parseRange(value, minimum, maximum);
  return toRange(start, end);
}

/** A struct of a start and an end, both in host order. */
export function rangeCodec(of: Struct<{ start: number; end: number }>, minimum: number, maximum: number): Codec<Range> {
  return codec<Range>(of.name, {
    decode(bytes, offset, length) {
      if (length < of.size) throw new MalformedMessageError(`struct ${of.name}`, offset, `${of.size} bytes, found ${length}`);
      const { start, end } = of.read(bytes, offset);
      return toRange(start, end);
    },
    encode(writer, value) {
      const range = parseRange(value, minimum, maximum);
      const at = writer.reserve(of.size);
      of.write(writer.bytes, at, range);
    },
  });
}
