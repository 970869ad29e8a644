/**
 * Attribute sets: one declaration is the decoder, the encoder and the TypeScript type.
 *
 *     const linkAttributes = attributes('IFLA', () => ({
 *       name: attr('IFLA_IFNAME', 3, interfaceName),
 *       mtu: attr('IFLA_MTU', 4, u32),
 *     }));
 *
 * The declaration is a function, called when the set is first used: a program pays for the sets it uses, and importing
 * the hundreds of others costs it next to nothing.
 *
 * The constant's name stands beside its number, so that a reader who knows `IFLA_MTU` finds it, errors and traces can
 * print it, and a checker can hold the pair against the kernel's headers.
 *
 * Nothing is lost: an attribute without a declaration, or whose payload does not fit its declaration, is kept in
 * `unknown` and encoded again byte for byte.
 */
import { withChoices } from './choices.ts';
import {
  type Codec,
  codec,
  copyBytes,
  enter,
  enterEncoding,
  joinPath,
  leave,
  NLA_F_NESTED,
  NLA_F_NET_BYTEORDER,
  NLA_TYPE_MASK,
  viewOf,
} from './codec.ts';
import { mayCompile } from './compile.ts';
import { describePayload } from './described.ts';
import { InputError, MalformedMessageError } from './errors.ts';
import { show } from './scalar.ts';
import { type Described, type Detail, hexadecimal, type Part } from './shown.ts';
import type { Writer } from './writer.ts';

/** An attribute kept as it came. */
export interface RawAttribute {
  /** nla_type, flag bits included. */
  readonly type: number;
  /** The payload, byte for byte. */
  readonly data: Uint8Array;
}

/** What every decoded attribute set may carry besides its declared attributes. */
export interface WithUnknown {
  /** Attributes netloom has no declaration for, or could not read, byte for byte. Encoded again as they are. */
  unknown?: RawAttribute[];
}

/** One declared attribute. */
export interface Attribute<T> {
  /** Name of the constant in the UAPI header. */
  readonly constant: string;
  /** nla_type, without flag bits. */
  readonly type: number;
  /** How its payload is read and written. */
  // biome-ignore lint/suspicious/noExplicitAny: the type is carried by '~t'; variance makes unknown unusable here
  readonly codec: Codec<any>;
  /** May occur several times; the value is an array. */
  readonly repeated: boolean;
  /** For descriptions: how to read the payload, where another attribute of the set says so. The bytes are those of the whole set. */
  readonly within?: (bytes: Uint8Array, offset: number, length: number) => Codec<unknown> | undefined;
  /** Carries the type; there is no such member at run time. */
  readonly '~t': T;
}

/** An attribute that occurs once. */
export function attr<T>(constant: string, type: number, of: Codec<T>): Attribute<T> {
  return { constant, type, codec: of, repeated: false, '~t': undefined as never };
}

/** An attribute that may be repeated; its value is an array. */
export function repeated<T>(constant: string, type: number, of: Codec<T>): Attribute<T[]> {
  return { constant, type, codec: of, repeated: true, '~t': undefined as never };
}

// biome-ignore lint/suspicious/noExplicitAny: a record of attributes of any type; the types are kept by inference
export type Declarations = Readonly<Record<string, Attribute<any>>>;

/** Homomorphic over the declaration: keeps docstrings, go-to-definition and key order. */
export type AttributeValues<D> = { -readonly [K in keyof D]?: D[K] extends { readonly '~t': infer T } ? T : never } & {};

/** The schema of a set of attributes: encodes and decodes its values, and finds the attribute at an offset. */
export interface AttributeSet<T> extends Codec<T> {
  /** The attributes by key. */
  readonly declarations: Declarations;
  /** Decodes into an object that already holds the fields of a header: no second copy. */
  decodeInto(target: object, bytes: Uint8Array, offset: number, length: number): T;
  /** Encodes what `value` holds, but the keys in `skip`, none of which is declared. */
  encodeExcept(writer: Writer, value: T, skip: ReadonlySet<string>): void;
}

type DecodeInto = (target: Record<string, unknown>, bytes: Uint8Array, offset: number, length: number) => unknown;

const nothing: ReadonlySet<string> = new Set();

/** What a declaration comes to, once it is needed. */
interface Declared<D> {
  readonly declarations: D;
  readonly members: readonly Member[];
  readonly byKey: ReadonlyMap<string, Member>;
}

function declared<D extends Declarations>(label: string, declarations: D): Declared<D> {
  const members = Object.entries(declarations).map(([key, attribute]) => ({ key, ...attribute }));
  const byKey = new Map(members.map((member) => [member.key, member]));
  if (byKey.has('unknown')) throw new TypeError(`${label}: "unknown" is taken for undeclared attributes`);
  return { declarations, members, byKey };
}

/**
 * Declares a set of attributes. `label` is the common prefix of its constants, for errors and traces; `declare` returns the
 * declarations by key, and is called when the set is first used.
 */
export function attributes<const D extends Declarations>(label: string, declare: () => D): AttributeSet<AttributeValues<D> & WithUnknown> {
  type Value = AttributeValues<D> & WithUnknown;
  let known: Declared<D> | undefined;
  const set = (): Declared<D> => {
    known ??= declared(label, declare());
    return known;
  };

  let decodeInto: DecodeInto = (target, bytes, offset, length) => {
    decodeInto = (mayCompile() ? compileDecoder : interpretDecoder)(label, set().members);
    return decodeInto(target, bytes, offset, length);
  };

  const encodeExcept = (writer: Writer, value: Value, skip: ReadonlySet<string>): void => {
    if (typeof value !== 'object' || value === null)
      throw new InputError('', `expected an object, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    const { byKey } = set();
    // for-in reads the shape's own list of keys; Object.keys would copy it for every message
    for (const key in value) {
      const member = (value as Record<string, unknown>)[key];
      if (member === undefined) continue;
      const declared = byKey.get(key);
      if (declared === undefined) {
        if (skip.has(key)) continue;
        if (key !== 'unknown')
          throw new InputError(key, withChoices(`${label} has no such attribute`, key, byKey.keys()), 'ERR_UNKNOWN_OPTION');
        encodeUnknown(writer, member as RawAttribute[]);
      } else if (!declared.repeated) encodeAttribute(writer, key, declared, member);
      else if (Array.isArray(member))
        for (const [i, element] of member.entries()) encodeAttribute(writer, `${key}[${i}]`, declared, element);
      else throw new InputError(key, `expected an array, got ${show(member)}`, 'ERR_INVALID_ARG_TYPE');
    }
  };

  const base = codec<Value>(label, {
    typeFlags: NLA_F_NESTED,
    // a set within a message comes this way, the message's own through decodeInto: only the former can be a set within itself
    decode(bytes, offset, length) {
      enter(label, offset);
      try {
        return decodeInto({}, bytes, offset, length) as Value;
      } finally {
        leave();
      }
    },
    encode(writer, value) {
      enterEncoding(label);
      try {
        encodeExcept(writer, value, nothing);
      } finally {
        leave();
      }
    },
    locate(bytes, offset, length, target) {
      for (const found of walk(bytes, offset, length)) {
        if (target < found.start || target >= found.end) continue;
        const member = set().members.find((candidate) => candidate.type === found.type);
        if (member === undefined) return `attribute ${found.type}`;
        const inner = target < found.offset ? undefined : member.codec.locate?.(bytes, found.offset, found.length, target);
        return joinPath(member.key, inner);
      }
      return undefined;
    },
    describe(bytes, offset, length, detail) {
      const byType = new Map(set().members.map((member) => [member.type, member]));
      return describeAttributes(label, bytes, offset, length, detail, (type) => {
        const member = byType.get(type);
        return member?.within === undefined ? member : { ...member, codec: member.within(bytes, offset, length) ?? member.codec };
      });
    },
  });
  return {
    ...base,
    get declarations() {
      return set().declarations;
    },
    decodeInto: (target, bytes, offset, length) => decodeInto(target as Record<string, unknown>, bytes, offset, length) as Value,
    encodeExcept,
  };
}

/** Writes one attribute, header and padding included; an error is given the attribute's name. */
export function encodeAttribute(writer: Writer, key: string, declared: Attribute<unknown>, value: unknown): void {
  try {
    writeAttribute(writer, declared, value);
  } catch (error) {
    throw error instanceof InputError ? error.within(key) : error;
  }
}

function writeAttribute(writer: Writer, declared: Attribute<unknown>, value: unknown): void {
  const at = writer.beginAttribute(declared.type | declared.codec.typeFlags);
  declared.codec.encode(writer, value);
  writer.endAttribute(at);
}

export function encodeUnknown(writer: Writer, unknown: readonly RawAttribute[]): void {
  if (!Array.isArray(unknown)) throw new InputError('unknown', `expected an array, got ${show(unknown)}`, 'ERR_INVALID_ARG_TYPE');
  for (const [i, raw] of (unknown as readonly RawAttribute[]).entries()) {
    const { type, data } = checkedRaw(raw, `unknown[${i}]`);
    const at = writer.beginAttribute(type);
    writer.append(data);
    writer.endAttribute(at);
  }
}

function checkedRaw(raw: unknown, argument: string): RawAttribute {
  const { type, data } = (typeof raw === 'object' && raw !== null ? raw : {}) as Partial<RawAttribute>;
  if (typeof type !== 'number' || !Number.isInteger(type) || type < 0 || type > 0xffff || !(data instanceof Uint8Array))
    throw new InputError(argument, 'expected an attribute: { type, data }, a number of 16 bits and bytes', 'ERR_INVALID_ARG_TYPE');
  return { type, data };
}

/** Where one attribute lies. */
export interface Found {
  /** Type without flag bits. */
  readonly type: number;
  /** nla_type as it is. */
  readonly rawType: number;
  /** Where the attribute's header starts. */
  readonly start: number;
  /** Where it ends, padding not counted. */
  readonly end: number;
  /** Where its payload starts. */
  readonly offset: number;
  /** Bytes of payload. */
  readonly length: number;
}

/** The attributes of a payload, one after another. @throws MalformedMessageError when a length does not fit. */
export function* walk(bytes: Uint8Array, offset: number, length: number): Generator<Found, void, void> {
  const end = offset + length;
  for (let at = offset; end - at >= 4; ) {
    const size = bytes[at]! | (bytes[at + 1]! << 8);
    const rawType = bytes[at + 2]! | (bytes[at + 3]! << 8);
    if (size < 4 || at + size > end) throw badLength('attribute', rawType & NLA_TYPE_MASK, at, size, end - at);
    yield { type: rawType & NLA_TYPE_MASK, rawType, start: at, end: at + size, offset: at + 4, length: size - 4 };
    at += (size + 3) & ~3;
  }
}

/** Bytes of the attribute that starts at `at`, its header counted: for loops that {@link walk} is too slow for. @throws MalformedMessageError when it does not end by `end` */
export function attributeSize(bytes: Uint8Array, at: number, end: number): number {
  const size = bytes[at]! | (bytes[at + 1]! << 8);
  if (size < 4 || at + size > end)
    throw badLength('attribute', (bytes[at + 2]! | (bytes[at + 3]! << 8)) & NLA_TYPE_MASK, at, size, end - at);
  return size;
}

/**
 * The attributes of a payload as parts: those that `declared` knows by their constants, the others by their number and the common
 * prefix `label`, as bytes. For the `describe` of codecs.
 */
export function describeAttributes(
  label: string,
  bytes: Uint8Array,
  offset: number,
  length: number,
  detail: Detail,
  declared: (type: number) => { readonly constant: string; readonly codec: Codec<unknown> | undefined } | undefined,
): Part[] {
  const parts: Part[] = [];
  let at = offset;
  try {
    for (const found of walk(bytes, offset, length)) {
      const known = declared(found.type);
      const name = known?.constant ?? `${label} attribute ${found.type}${flagBits(found.rawType)}`;
      parts.push({ name, value: describePayload(known?.codec, bytes, found.offset, found.length, detail) });
      at = found.start + ((found.end - found.start + 3) & ~3);
    }
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    const value: Described = `expected ${error.expected}: ${hexadecimal(bytes, at, offset + length - at, detail)}`;
    parts.push({ name: `malformed ${label} attribute`, value });
  }
  return parts;
}

function flagBits(rawType: number): string {
  return `${(rawType & NLA_F_NESTED) !== 0 ? ' NESTED' : ''}${(rawType & NLA_F_NET_BYTEORDER) !== 0 ? ' NET_BYTEORDER' : ''}`;
}

function badLength(label: string, type: number, at: number, size: number, left: number): MalformedMessageError {
  return new MalformedMessageError(`${label} ${type}`, at, `a length from 4 to ${left}, found ${size}`);
}

type Member = Attribute<unknown> & { readonly key: string };

function interpretDecoder(label: string, members: readonly Member[]): DecodeInto {
  const byType = new Map(members.map((member) => [member.type, member]));
  return (target, bytes, offset, length) => {
    for (const found of walkSet(label, bytes, offset, length)) {
      const member = byType.get(found.type);
      if (member !== undefined && found.length >= (member.codec.inline?.minimum ?? 0)) {
        try {
          const value = member.codec.decode(bytes, found.offset, found.length);
          // decoded first: a value that cannot be read must not leave an empty list behind
          if (!member.repeated) target[member.key] = value;
          else {
            target[member.key] ??= [];
            (target[member.key] as unknown[]).push(value);
          }
          continue;
        } catch (error) {
          if (!(error instanceof MalformedMessageError)) throw error;
        }
      }
      keep(target, found.rawType, bytes, found.offset, found.length);
    }
    return target;
  };
}

function* walkSet(label: string, bytes: Uint8Array, offset: number, length: number): Generator<Found, void, void> {
  try {
    yield* walk(bytes, offset, length);
  } catch (error) {
    if (error instanceof MalformedMessageError) throw new MalformedMessageError(label, error.offset, error.expected);
    throw error;
  }
}

function keep(target: Record<string, unknown>, type: number, bytes: Uint8Array, offset: number, length: number): void {
  const raw: RawAttribute = { type, data: copyBytes(bytes, offset, length) };
  const unknown = target['unknown'] as RawAttribute[] | undefined;
  if (unknown === undefined) target['unknown'] = [raw];
  else unknown.push(raw);
}

/** The same walk as one generated switch: stores by constant key, scalars read in place. */
function compileDecoder(label: string, members: readonly Member[]): DecodeInto {
  const cases = members.map((member, i) => {
    const inline = member.codec.inline;
    const expression = inline === undefined ? `c[${i}].decode(b,v,m)` : inline.expression;
    const key = JSON.stringify(member.key);
    const store = member.repeated ? `{const x=${expression};(t[${key}]??=[]).push(x)}` : `t[${key}]=${expression}`;
    const next = 'p+=(l+3)&~3;continue';
    const body =
      inline === undefined
        ? `try{${store};${next}}catch(e){if(!(e instanceof Malformed))throw e}`
        : inline.minimum === 0
          ? `${store};${next}`
          : `if(m>=${inline.minimum}){${store};${next}}`;
    return `case ${member.type}:${body}${inline?.minimum === 0 ? '' : ';break'}`;
  });
  const source = `return function(t,b,o,n){
    const end=o+n,d=viewOf(b);
    for(let p=o;end-p>=4;){
      const w=d.getUint32(p,true),l=w&0xffff,r=w>>>16,v=p+4,m=l-4;
      if(l<4||p+l>end)throw bad(p,l,end-p);
      switch(r&${NLA_TYPE_MASK}){${cases.join('\n')}}
      keep(t,r,b,v,m);
      p+=(l+3)&~3;
    }
    return t;
  }`;
  const bad = (at: number, size: number, left: number): MalformedMessageError =>
    new MalformedMessageError(label, at, `a length from 4 to ${left}, found ${size}`);
  const make = new Function('c', 'Malformed', 'bad', 'keep', 'viewOf', source) as (
    codecs: readonly Codec<unknown>[],
    malformed: typeof MalformedMessageError,
    bad: unknown,
    keepFunction: typeof keep,
    view: typeof viewOf,
  ) => DecodeInto;
  return make(
    members.map((member) => member.codec),
    MalformedMessageError,
    bad,
    keep,
    viewOf,
  );
}

/** An attribute that holds a set of attributes: another word for the set itself, for declarations that read well. */
export function nested<T>(set: Codec<T>): Codec<T> {
  return set;
}

/** A nest whose children all have one type: NFTA_LIST_ELEM, IFLA_PROP_LIST. Children of other types are a malformed list. */
export function listOf<T>(constant: string, elementType: number, of: Codec<T>): Codec<T[]> {
  const element = attr(constant, elementType, of);
  return codec<T[]>(`${of.label}[]`, {
    typeFlags: NLA_F_NESTED,
    decode(bytes, offset, length) {
      const list: T[] = [];
      const end = offset + length;
      for (let at = offset; end - at >= 4; ) {
        const size = attributeSize(bytes, at, end);
        const type = (bytes[at + 2]! | (bytes[at + 3]! << 8)) & NLA_TYPE_MASK;
        if (type !== elementType) throw new MalformedMessageError(`list of ${constant}`, at, `type ${elementType}, found ${type}`);
        list.push(of.decode(bytes, at + 4, size - 4));
        at += (size + 3) & ~3;
      }
      return list;
    },
    encode(writer, value) {
      if (!Array.isArray(value)) throw new InputError('', `expected an array, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
      for (let i = 0; i < value.length; i++) {
        try {
          writeAttribute(writer, element, value[i]);
        } catch (error) {
          throw error instanceof InputError ? error.within(`[${i}]`) : error;
        }
      }
    },
    locate(bytes, offset, length, target) {
      let index = 0;
      for (const found of walk(bytes, offset, length)) {
        if (target >= found.start && target < found.end) {
          const inner = target < found.offset ? undefined : of.locate?.(bytes, found.offset, found.length, target);
          return joinPath(`[${index}]`, inner);
        }
        index++;
      }
      return undefined;
    },
    describe: (bytes, offset, length, detail) =>
      describeAttributes(constant, bytes, offset, length, detail, (type) => (type === elementType ? { constant, codec: of } : undefined)),
  });
}
