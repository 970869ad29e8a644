/** What is only told: it is read, and never sent. */
import { type Codec, codec } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';

/** The codec of counters that `read` makes of those of `base`. */
export function told<W, T>(base: Codec<W>, read: (wire: W) => T): Codec<T> {
  return codec<T>(base.label, {
    typeFlags: base.typeFlags,
    decode: (bytes, offset, length) => read(base.decode(bytes, offset, length)),
    encode() {
      throw new InputError('', 'is only told');
    },
  });
}

/** Percent, of a chance that is a fraction of `whole`. */
export function percentOf(value: number, whole: number): number {
  return (100 * value) / whole;
}
