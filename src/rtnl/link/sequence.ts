/** A nest whose children are numbered: the type of each is its place in the list. */
import { type Attribute, attr, encodeAttribute, walk } from '../../netlink/attributes.ts';
import { type Codec, codec, joinPath, NLA_F_NESTED } from '../../netlink/codec.ts';
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';

/** A list whose elements have the types 0, 1, 2, …: IFLA_BOND_ARP_IP_TARGET. The numbers themselves say nothing, and are not kept. */
export function sequence<T>(of: Codec<T>): Codec<T[]> {
  return codec<T[]>(`${of.label}[]`, {
    typeFlags: NLA_F_NESTED,
    decode: (bytes, offset, length) => [...walk(bytes, offset, length)].map((found) => of.decode(bytes, found.offset, found.length)),
    encode(writer, value) {
      if (!Array.isArray(value)) throw new InputError('', `expected an array, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
      for (const [i, element] of value.entries()) {
        const declared: Attribute<unknown> = attr(`${i}`, i, of);
        encodeAttribute(writer, `[${i}]`, declared, element);
      }
    },
    locate(bytes, offset, length, target) {
      let index = 0;
      for (const found of walk(bytes, offset, length)) {
        if (target >= found.start && target < found.end)
          return joinPath(`[${index}]`, of.locate?.(bytes, found.offset, found.length, target));
        index++;
      }
      return undefined;
    },
  });
}
