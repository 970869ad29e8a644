/**
 * A message read for some of its attributes only: what a listing of thousands of objects goes through. The result is a
 * literal of one shape with `undefined` for what is absent; declared attributes outside the view are passed over without
 * being copied, undeclared ones are kept as always.
 */
import { type AttributeSet, type RawAttribute, type WithUnknown, walk } from './attributes.ts';
import { type Codec, codec, copyBytes, NLA_TYPE_MASK, tooShort, viewOf } from './codec.ts';
import { mayCompile } from './compile.ts';
import { MalformedMessageError } from './errors.ts';
import type { Struct } from './struct.ts';

/** The fields of the header, the chosen attributes (undefined where absent), and `unknown`. */
export type View<H, A, K extends keyof A> = H & { [P in K]: A[P] | undefined } & { unknown: RawAttribute[] | undefined };

type Decode = (bytes: Uint8Array, offset: number, length: number) => object;

/** `view('IFLA', ifinfomsg, linkAttributes, ['name', 'mtu'])`. For reading: a view does not encode. */
export function view<H extends object, A extends WithUnknown, const K extends keyof A & string>(
  label: string,
  header: Struct<H>,
  set: AttributeSet<A>,
  keys: readonly K[],
): Codec<View<H, A, K>> {
  let decode: Decode = (bytes, offset, length) => {
    decode = mayCompile() ? compile(label, header, set, keys) : interpret(header, set, keys);
    return decode(bytes, offset, length);
  };
  return codec<View<H, A, K>>(label, {
    decode(bytes, offset, length) {
      if (length < header.size) throw tooShort(`struct ${header.name}`, offset, header.size, length);
      return decode(bytes, offset, length) as View<H, A, K>;
    },
    encode() {
      throw new TypeError(`${label}: a view is for reading`);
    },
  });
}

function interpret(header: Struct<object>, set: AttributeSet<WithUnknown>, keys: readonly string[]): Decode {
  const size = (header.size + 3) & ~3;
  const chosen = new Set(keys.map((key) => set.declarations[key]!.type));
  const declared = new Set(Object.values(set.declarations).map((member) => member.type));
  return (bytes, offset, length) => {
    const value: Record<string, unknown> = { ...header.read(bytes, offset) };
    for (const key of [...keys, 'unknown']) value[key] = undefined;
    // a full decode of what is wanted or undeclared, one attribute at a time, so that both ways treat misfits alike
    for (const found of length > size ? walk(bytes, offset + size, length - size) : []) {
      if (chosen.has(found.type) || !declared.has(found.type)) {
        const before = value['unknown'];
        if (before === undefined) delete value['unknown'];
        set.decodeInto(value, bytes, found.start, found.end - found.start);
        value['unknown'] ??= undefined;
      }
    }
    return value;
  };
}

function compile(label: string, header: Struct<object>, set: AttributeSet<WithUnknown>, keys: readonly string[]): Decode {
  const size = (header.size + 3) & ~3;
  const members = keys.map((key) => ({ key, ...set.declarations[key]! }));
  const next = 'p+=(l+3)&~3;continue';
  const cases = members.map((member, i) => {
    const inline = member.codec.inline;
    const expression = inline === undefined ? `c[${i}].decode(b,v,m)` : inline.expression;
    const store = member.repeated ? `{const x=${expression};(a${i}??=[]).push(x)}` : `a${i}=${expression}`;
    if (inline === undefined) return `case ${member.type}:try{${store};${next}}catch(e){if(!(e instanceof Malformed))throw e}break;`;
    return `case ${member.type}:if(m>=${inline.minimum}){${store};${next}}break;`;
  });
  const chosen = new Set(members.map((member) => member.type));
  const passed = Object.values(set.declarations).flatMap((member) => (chosen.has(member.type) ? [] : [`case ${member.type}:`]));
  const fields = header.expressions('b', 'o').map(([key, expression]) => `${JSON.stringify(key)}:${expression}`);
  const values = members.map((member, i) => `${JSON.stringify(member.key)}:a${i}`);
  const source = `return function(b,o,n){
    let unknown${members.map((_, i) => `,a${i}`).join('')};
    const end=o+n,d=viewOf(b);
    for(let p=o+${size};end-p>=4;){
      const w=d.getUint32(p,true),l=w&0xffff,r=w>>>16,v=p+4,m=l-4;
      if(l<4||p+l>end)throw bad(p,l,end-p);
      switch(r&${NLA_TYPE_MASK}){
        ${cases.join('\n')}
        ${passed.length === 0 ? '' : `${passed.join('')}${next};`}
      }
      (unknown??=[]).push({type:r,data:copy(b,v,m)});
      p+=(l+3)&~3;
    }
    return {${[...fields, ...values, 'unknown'].join(',')}};
  }`;
  const bad = (at: number, found: number, left: number): MalformedMessageError =>
    new MalformedMessageError(label, at, `a length from 4 to ${left}, found ${found}`);
  const make = new Function('c', 'Malformed', 'bad', 'copy', 'viewOf', source) as (
    codecs: readonly Codec<unknown>[],
    malformed: unknown,
    badLength: unknown,
    copy: typeof copyBytes,
    view: typeof viewOf,
  ) => Decode;
  return make(
    members.map((member) => member.codec),
    MalformedMessageError,
    bad,
    copyBytes,
    viewOf,
  );
}
