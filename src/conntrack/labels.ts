/** Labels of a flow: bits that rules set and match. Source: include/uapi/linux/netfilter/nfnetlink_conntrack.h (CTA_LABELS), connlabel.conf(5). */
import { type Codec, codec } from '../netlink/codec.ts';
import { InputError } from '../netlink/errors.ts';
import { checkInteger, show } from '../netlink/scalar.ts';

/** NF_CT_LABELS_MAX_SIZE. */
const size = 16;

/** Numbers of the bits that are set, 0 to 127, ascending. /etc/xtables/connlabel.conf may have names for them. */
export const labels: Codec<number[]> = codec<number[]>('labels', {
  decode(bytes, offset, length) {
    const set: number[] = [];
    for (let bit = 0; bit < 8 * length; bit++) if ((bytes[offset + (bit >> 3)]! & (1 << (bit & 7))) !== 0) set.push(bit);
    return set;
  },
  encode(writer, value) {
    if (!Array.isArray(value)) throw new InputError('', `expected a list of numbers, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    const at = writer.reserve(size);
    writer.bytes.fill(0, at, at + size);
    for (const bit of value as readonly unknown[]) {
      checkInteger(bit, 0, 8 * size - 1);
      writer.bytes[at + (bit >> 3)]! |= 1 << (bit & 7);
    }
  },
});
