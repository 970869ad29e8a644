/** Numbers with names: a value of a set (`enumeration`) or bits of one (`flags`). Numbers a newer kernel adds come through as they are. */
import { noneOf } from './choices.ts';
import { type Codec, codec } from './codec.ts';
import { InputError } from './errors.ts';
import { checkInteger, show } from './scalar.ts';
import { bitNames } from './shown.ts';

/** A name from a table, or the number of one the table lacks. */
export type Enumerated<M> = (keyof M & string) | number;

/** An integer with names for its values; one without a name stays a number. */
export interface EnumerationCodec<M> extends Codec<Enumerated<M>> {
  /** The names and their numbers. */
  readonly values: M;
  /** Name of a number; the number itself when it has none. */
  nameOf(value: number): Enumerated<M>;
  /** Number of a name. @throws InputError for an unknown name. */
  valueOf(name: Enumerated<M>): number;
}

/**
 * One named value: `enumeration(u8, { unknown: 0, up: 6 })`.
 *
 * @param hint what the error for an unknown name says beside the names
 */
export function enumeration<const M extends Readonly<Record<string, number>>>(
  base: Codec<number>,
  values: M,
  hint = '',
): EnumerationCodec<M> {
  type Name = Enumerated<M>;
  let names: NamesByNumber<keyof M & string> | undefined;
  const nameOf = (value: number): Name => {
    names ??= namesByNumber(values);
    return (value >= 0 && value < names.list.length ? names.list[value] : names.all.get(value)) ?? value;
  };
  const numberOf = (name: Name): number => {
    if (typeof name === 'number') return name;
    const value = typeof name === 'string' && Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new InputError('', `${noneOf(name, Object.keys(values))}${hint}`);
    return value;
  };
  const parts = codec<Name>(`enumeration ${base.label}`, {
    typeFlags: base.typeFlags,
    decode: (bytes, offset, length) => nameOf(base.decode(bytes, offset, length)),
    encode: (writer, value) => base.encode(writer, numberOf(value)),
  });
  return Object.assign(parts, { values, nameOf, valueOf: numberOf });
}

/** Small numbers, which nearly all are, are found without a search. */
const listed = 256;

interface NamesByNumber<N> {
  /** Names of the numbers up to its length. */
  readonly list: readonly (N | undefined)[];
  /** Names of all. */
  readonly all: ReadonlyMap<number, N>;
}

/** The first name of a number wins, so that aliases can follow the canonical name. */
function namesByNumber<M extends Readonly<Record<string, number>>>(values: M): NamesByNumber<keyof M & string> {
  const names = new Map<number, keyof M & string>();
  for (const name of Object.keys(values)) if (!names.has(values[name]!)) names.set(values[name]!, name);
  const small = [...names.keys()].filter((value) => value >= 0 && value < listed);
  const list = Array.from({ length: Math.max(0, ...small.map((value) => value + 1)) }, (_, value) => names.get(value));
  return { list, all: names };
}

/** An integer as the list of its bits by name; bits without a name stay numbers. */
export interface FlagsCodec<M> extends Codec<Enumerated<M>[]> {
  /** The names and their bits. */
  readonly values: M;
  /** Names of the bits that are set, in the table's order; a bit without a name as its number. */
  namesOf(value: number): Enumerated<M>[];
  /** @throws InputError for an unknown name. */
  valueOf(names: readonly Enumerated<M>[]): number;
}

/** A set of bits as a list of names: `flags(u32, { up: 1, broadcast: 2 })`. */
export function flags<const M extends Readonly<Record<string, number>>>(base: Codec<number>, values: M): FlagsCodec<M> {
  type Name = Enumerated<M>;
  let table: [keyof M & string, number][] | undefined;
  const namesOf = (value: number): Name[] => {
    table ??= Object.entries(values) as [keyof M & string, number][];
    const set: Name[] = [];
    let rest = value;
    for (const [name, bit] of table) {
      if (bit !== 0 && (value & bit) >>> 0 === bit >>> 0 && (rest & bit) !== 0) {
        set.push(name);
        rest &= ~bit;
      }
    }
    for (let bit = 0; rest !== 0 && bit < 32; bit++)
      if ((rest & (1 << bit)) !== 0) {
        set.push((1 << bit) >>> 0);
        rest &= ~(1 << bit);
      }
    return set;
  };
  const numberOf = (names: readonly Name[]): number => {
    if (!Array.isArray(names)) throw new InputError('', `expected a list of names, got ${show(names)}`, 'ERR_INVALID_ARG_TYPE');
    let value = 0;
    for (const name of names as readonly Name[]) {
      const bit = typeof name === 'number' ? name : Object.hasOwn(values, name) ? values[name] : undefined;
      if (bit === undefined) throw new InputError('', noneOf(name, Object.keys(values)));
      checkInteger(bit, 0, 0xffffffff);
      value |= bit;
    }
    return value >>> 0;
  };
  const parts = codec<Name[]>(`flags ${base.label}`, {
    typeFlags: base.typeFlags,
    decode: (bytes, offset, length) => namesOf(base.decode(bytes, offset, length)),
    encode: (writer, value) => base.encode(writer, numberOf(value)),
    describe: (bytes, offset, length) => bitNames(namesOf(base.decode(bytes, offset, length))),
  });
  return Object.assign(parts, { values, namesOf, valueOf: numberOf });
}
