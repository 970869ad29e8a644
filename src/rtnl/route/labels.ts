/** MPLS labels. Source: include/uapi/linux/mpls.h (struct mpls_label), RFC 3032. */
import { type Codec, codec } from '../../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../../netlink/errors.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';

/** A label has 20 bits. */
export const maxLabel = 0xfffff;

/** The bit of the last entry of a stack. */
const bottom = 0x100;
/** Traffic class and time to live: a label in a route has none. */
const beside = 0xeff;

/** Labels from the outermost to the innermost: four bytes each, in network order, the bit of the last one set. */
export const labelStack: Codec<number[]> = codec<number[]>('MPLS labels', {
  decode(bytes, offset, length) {
    if (length === 0 || length % 4 !== 0) throw new MalformedMessageError('MPLS labels', offset, `a multiple of 4 bytes, found ${length}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
    const labels: number[] = [];
    for (let at = 0; at < length; at += 4) {
      const entry = view.getUint32(at);
      const last = at + 4 === length;
      if ((entry & beside) !== 0 || ((entry & bottom) !== 0) !== last)
        throw new MalformedMessageError('MPLS labels', offset + at, 'a label alone, and the bottom of the stack at its end');
      labels.push(entry >>> 12);
    }
    return labels;
  },
  encode(writer, value) {
    if (!Array.isArray(value) || value.length === 0)
      throw new InputError('', `expected an array of labels, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    value.forEach((label: unknown, i) => {
      try {
        checkInteger(label, 0, maxLabel);
      } catch (error) {
        throw error instanceof InputError ? error.within(`[${i}]`) : error;
      }
    });
    const at = writer.reserve(4 * value.length);
    const view = new DataView(writer.bytes.buffer, writer.bytes.byteOffset);
    for (const [i, label] of (value as number[]).entries())
      view.setUint32(at + 4 * i, label * 4096 + (i === value.length - 1 ? bottom : 0));
  },
});
