/** Bits that travel with a mask of those that count: an object of booleans, in which what is left out stays as it is. */
import { withChoices } from '../../netlink/choices.ts';
import { type Codec, codec, tooShort } from '../../netlink/codec.ts';
import { InputError } from '../../netlink/errors.ts';
import { show, u32 } from '../../netlink/scalar.ts';

/** The bits that count, by name. A bit that netloom has no name for goes by its number, from 0. */
export type Switches<M> = { -readonly [K in keyof M]?: boolean } & { [bit: number]: boolean };

/**
 * Two u32 in host order, the bits and the mask: `switches('ifla_vlan_flags', 'bits first', { reorderHdr: 1, gvrp: 2 })`.
 * A kernel that says that all 32 bits count means those it knows: of the unnamed ones only those set are read.
 */
export function switches<const M extends Readonly<Record<string, number>>>(
  struct: string,
  order: 'bits first' | 'mask first',
  table: M,
): Codec<Switches<M>> {
  const [bitsAt, maskAt] = order === 'bits first' ? [0, 4] : [4, 0];
  return codec<Switches<M>>(struct, {
    decode(bytes, offset, length) {
      if (length < 8) throw tooShort(`struct ${struct}`, offset, 8, length);
      const bits = u32.decode(bytes, offset + bitsAt, 4);
      const mask = u32.decode(bytes, offset + maskAt, 4);
      const value: Record<string, boolean> = {};
      let unnamed = mask === 0xffffffff ? bits : mask;
      for (const [name, bit] of Object.entries(table)) {
        if ((mask & bit) !== 0) value[name] = (bits & bit) !== 0;
        unnamed &= ~bit;
      }
      for (let i = 0; i < 32; i++) if ((unnamed & (1 << i)) !== 0) value[i] = (bits & (1 << i)) !== 0;
      return value as Switches<M>;
    },
    encode(writer, value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new InputError('', `expected an object of booleans, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
      let bits = 0;
      let mask = 0;
      for (const [name, on] of Object.entries(value)) {
        if (on === undefined) continue;
        const bit = Object.hasOwn(table, name) ? table[name]! : /^(\d|[12]\d|3[01])$/.test(name) ? 1 << Number(name) : undefined;
        if (bit === undefined)
          throw new InputError(name, withChoices('there is no such switch', name, Object.keys(table)), 'ERR_UNKNOWN_OPTION');
        if (typeof on !== 'boolean') throw new InputError(name, `expected true or false, got ${show(on)}`, 'ERR_INVALID_ARG_TYPE');
        mask |= bit;
        if (on) bits |= bit;
      }
      for (const word of order === 'bits first' ? [bits, mask] : [mask, bits]) u32.encode(writer, word >>> 0);
    },
  });
}
