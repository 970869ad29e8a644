/**
 * A name that says how to read the data beside it: IFLA_INFO_KIND and IFLA_INFO_DATA, NFTA_EXPR_NAME and NFTA_EXPR_DATA.
 * A discriminated union in the type, open to names it does not know, and to ones a user registers.
 */

import {
  attr,
  attributeSize,
  describeAttributes,
  encodeAttribute,
  encodeUnknown,
  type RawAttribute,
  type WithUnknown,
  walk,
} from './attributes.ts';
import { noneOf, withChoices } from './choices.ts';
import { type Codec, codec, joinPath, NLA_F_NESTED, NLA_TYPE_MASK } from './codec.ts';
import { InputError, MalformedMessageError } from './errors.ts';
import { show } from './scalar.ts';
import { bytes as rawBytes, string } from './text.ts';
import type { Writer } from './writer.ts';

/** A known kind with its data. */
export interface Variant<K extends string, T> extends WithUnknown {
  /** The kind's name. */
  kind: K;
  /** Its data; absent when there was none. */
  data?: T;
}

/**
 * A kind netloom has no schema for. `kind` is the literal `'other'` and not a string: a string would stop
 * `kind === 'bridge'` from narrowing the union.
 */
export interface OtherVariant extends WithUnknown {
  /** One without a schema. */
  kind: 'other';
  /** The kind's name. */
  name: string;
  /** Payload of the data attribute, byte for byte. */
  data?: Uint8Array;
}

/** The schemas of the data, by kind. */
// biome-ignore lint/suspicious/noExplicitAny: a record of codecs of any type; the types are kept by inference
export type Variants = Readonly<Record<string, Codec<any>>>;

/** A known kind with its data, or another one with bytes. */
export type TaggedValue<M extends Variants> = { [K in keyof M & string]: Variant<K, M[K]['~t']> }[keyof M & string] | OtherVariant;

/** A codec whose schema one attribute selects for another: IFLA_INFO_KIND that of IFLA_INFO_DATA. */
export interface TaggedCodec<T> extends Codec<T> {
  /** Adds a kind, or replaces one. @throws InputError when `name` is empty. */
  register(name: string, of: Codec<object>): void;
  /** The codec of a kind, if there is one. */
  variant(name: string): Codec<unknown> | undefined;
  /** The kinds that there is a codec for. */
  names(): string[];
}

/** The attributes of a pair, one of which selects the schema of the other. */
export interface Pair {
  /** The attribute that names the kind. */
  readonly kind: readonly [constant: string, type: number];
  /** The attribute that holds its data. */
  readonly data: readonly [constant: string, type: number];
}

const name = string(256);

/** `tagged('IFLA_INFO', { kind: ['IFLA_INFO_KIND', 1], data: ['IFLA_INFO_DATA', 2] }, { veth, bridge })` */
export function tagged<const M extends Variants>(label: string, pair: Pair, variants: M): TaggedCodec<TaggedValue<M>> {
  type Value = TaggedValue<M>;
  const table = new Map<string, Codec<unknown>>(Object.entries(variants));
  const [kindConstant, kindType] = pair.kind;
  const [dataConstant, dataType] = pair.data;
  const kindAttribute = attr(kindConstant, kindType, name);
  const opaque = attr<unknown>(dataConstant, dataType, { ...rawBytes, typeFlags: NLA_F_NESTED } as Codec<unknown>);
  const dataAttributes = new Map<Codec<unknown>, typeof opaque>();
  const dataAttribute = (of: Codec<unknown>): typeof opaque => {
    const known = dataAttributes.get(of) ?? attr(dataConstant, dataType, of);
    dataAttributes.set(of, known);
    return known;
  };

  const base = codec<Value>(label, {
    typeFlags: NLA_F_NESTED,
    decode(bytes, offset, length) {
      // the order of the two is not promised: find both, then read
      let kind: string | undefined;
      let dataOffset = -1;
      let dataLength = 0;
      let unknown: RawAttribute[] | undefined;
      // rules are lists of these: a generator would cost more than all the rest
      const end = offset + length;
      for (let at = offset; end - at >= 4; ) {
        const size = attributeSize(bytes, at, end);
        const rawType = bytes[at + 2]! | (bytes[at + 3]! << 8);
        const type = rawType & NLA_TYPE_MASK;
        if (type === kindType) kind = name.decode(bytes, at + 4, size - 4);
        else if (type === dataType) {
          dataOffset = at + 4;
          dataLength = size - 4;
        } else {
          unknown ??= [];
          unknown.push({ type: rawType, data: rawBytes.decode(bytes, at + 4, size - 4) });
        }
        at += (size + 3) & ~3;
      }
      if (kind === undefined) throw new MalformedMessageError(label, offset, `a ${kindConstant} attribute`);
      const of = table.get(kind);
      let value: Record<string, unknown> = of === undefined ? { kind: 'other', name: kind } : { kind };
      if (dataOffset >= 0) {
        try {
          value['data'] = (of ?? rawBytes).decode(bytes, dataOffset, dataLength);
        } catch (error) {
          // data of another shape than declared must not cost the reader the kind and everything around it
          if (!(error instanceof MalformedMessageError)) throw error;
          value = { kind: 'other', name: kind, data: rawBytes.decode(bytes, dataOffset, dataLength) };
        }
      }
      if (unknown !== undefined) value['unknown'] = unknown;
      return value as unknown as Value;
    },
    encode(writer: Writer, value) {
      if (typeof value !== 'object' || value === null)
        throw new InputError('', `expected an object, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
      for (const key in value) {
        if (key !== 'kind' && key !== 'data' && key !== 'unknown' && !(key === 'name' && value.kind === 'other')) {
          throw new InputError(key, withChoices(`${label} has no such member`, key, ['kind', 'data', 'unknown']), 'ERR_UNKNOWN_OPTION');
        }
      }
      const kind: unknown = value.kind === 'other' ? (value as OtherVariant).name : value.kind;
      encodeAttribute(writer, 'kind', kindAttribute, kind);
      const of = table.get(kind as string);
      if (value.kind !== 'other' && of === undefined) {
        throw new InputError(
          'kind',
          `${noneOf(kind, table.keys())}; say { kind: 'other', name: ${show(kind)} } for a kind without a schema`,
        );
      }
      if (value.data !== undefined)
        encodeAttribute(writer, 'data', value.data instanceof Uint8Array || of === undefined ? opaque : dataAttribute(of), value.data);
      if (value.unknown !== undefined) encodeUnknown(writer, value.unknown);
    },
    locate(bytes, offset, length, target) {
      let of: Codec<unknown> | undefined;
      for (const found of walk(bytes, offset, length))
        if (found.type === kindType) of = table.get(name.decode(bytes, found.offset, found.length));
      for (const found of walk(bytes, offset, length)) {
        if (target < found.start || target >= found.end) continue;
        if (found.type === kindType) return 'kind';
        if (found.type !== dataType) return `attribute ${found.type}`;
        const inner = target < found.offset ? undefined : of?.locate?.(bytes, found.offset, found.length, target);
        return joinPath('data', inner);
      }
      return undefined;
    },
    describe(bytes, offset, length, detail) {
      let of: Codec<unknown> | undefined;
      for (const found of walk(bytes, offset, length))
        if (found.type === kindType) of = table.get(name.decode(bytes, found.offset, found.length));
      return describeAttributes(label, bytes, offset, length, detail, (type) => {
        if (type === kindType) return kindAttribute;
        return type === dataType ? { constant: dataConstant, codec: of } : undefined;
      });
    },
  });
  return {
    ...base,
    register(kind, of) {
      if (typeof kind !== 'string' || kind === '') throw new InputError('name', 'expected the name of a kind');
      table.set(kind, of);
    },
    variant: (kind) => table.get(kind),
    names: () => [...table.keys()],
  };
}
