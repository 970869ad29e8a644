/** A filter that compares words of packets: tc-u32(8). Source: include/uapi/linux/pkt_cls.h (TCA_U32_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, tooShort } from '../../../netlink/codec.ts';
import { flags as flagsCodec } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, show, u8, u32 as u32Scalar } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes, interfaceName } from '../../../netlink/text.ts';
import { tcActions } from '../action/action.ts';
import { classId, filterFlags } from '../filter-fields.ts';

const tcU32Sel = struct('tc_u32_sel', () => ({
  flags: fields.u8,
  offsetShift: fields.u8,
  count: fields.u8,
  offsetMask: fields.be16,
  offset: fields.u16,
  /** Signed. */
  offsetAt: fields.u16,
  /** Signed. */
  hashAt: fields.u16,
  hashMask: fields.be32,
}));

const tcU32Key = struct('tc_u32_key', () => ({ mask: fields.be32, value: fields.be32, at: fields.s32, offsetMask: fields.s32 }));

/** A word that must be so. */
export interface U32Match {
  /** Where in the packet, in bytes from its network header: a multiple of 4, also negative. Default: 0. */
  at?: number;
  /** The bits that count. Default: all. */
  mask?: number;
  /** What they must be. */
  value: number;
  /** -1: `at` counts from the header that `nexthdr` of tc(8) means. Default: 0. */
  offsetMask?: number;
}

/** What is compared, and what comes next. */
export interface U32Selector {
  /** What packets must be like: all of these. */
  matches: U32Match[];
  /** `terminal`: a match is the end. Default: `terminal`. */
  flags?: (('terminal' | 'offset' | 'varoffset' | 'eat') | number)[];
  /** Bits that what is read at `offsetAt` is shifted to the right. Source: pkt_cls.h (struct tc_u32_sel). */
  offsetShift?: number;
  /** Bits of what is read at `offsetAt` that count. */
  offsetMask?: number;
  /** Bytes from one header to the next. */
  offset?: number;
  /** Where the length of the header is read, in bytes from its beginning. */
  offsetAt?: number;
  /** Where the key of the hash table is read, in bytes from the header's beginning. */
  hashAt?: number;
  /** Bits of that key that count. */
  hashMask?: number;
}

const members = memberNames<U32Selector>({
  matches: true,
  flags: true,
  offsetShift: true,
  offsetMask: true,
  offset: true,
  offsetAt: true,
  hashAt: true,
  hashMask: true,
});
const matchMembers = memberNames<U32Match>({ at: true, mask: true, value: true, offsetMask: true });
const numbers = ['offsetShift', 'offsetMask', 'offset', 'offsetAt', 'hashAt', 'hashMask'] as const;

/** TC_U32_*. */
const selectorFlags = flagsCodec(u8, { terminal: 1, offset: 2, varoffset: 4, eat: 8 });

/** struct tc_u32_sel, and the keys behind it. */
const selector: Codec<U32Selector> = codec<U32Selector>('tc_u32_sel', {
  decode(source, offset, length) {
    if (length < tcU32Sel.size) throw tooShort('struct tc_u32_sel', offset, tcU32Sel.size, length);
    const { flags, count, ...rest } = tcU32Sel.read(source, offset);
    const whole = tcU32Sel.size + count * tcU32Key.size;
    if (length < whole) throw tooShort('struct tc_u32_sel', offset, whole, length);
    const value: U32Selector = {
      matches: Array.from({ length: count }, (_, i) => {
        const { at, mask, value, offsetMask } = tcU32Key.read(source, offset + tcU32Sel.size + i * tcU32Key.size);
        return offsetMask === 0 ? { at, mask, value } : { at, mask, value, offsetMask };
      }),
      flags: selectorFlags.namesOf(flags) as NonNullable<U32Selector['flags']>,
    };
    for (const member of numbers) if (rest[member] !== 0) value[member] = rest[member];
    return value;
  },
  encode(writer, value) {
    checkMembers(value, '', members);
    const { matches, flags = ['terminal'], ...rest } = value;
    if (!Array.isArray(matches) || matches.length > 255)
      throw new InputError('matches', `expected an array, got ${show(matches)}`, 'ERR_INVALID_ARG_TYPE');
    const header = { ...rest, flags: inArgument('flags', () => selectorFlags.valueOf(flags)), count: matches.length };
    tcU32Sel.write(writer.bytes, writer.reserve(tcU32Sel.size), header);
    matches.forEach((match: U32Match, i) => {
      inArgument(`matches[${i}]`, () => {
        checkMembers(match, '', matchMembers);
        const { at = 0, mask = 0xffffffff, value: wanted, offsetMask = 0 } = match;
        inArgument('value', () => checkInteger(wanted, 0, 0xffffffff));
        const start = writer.reserve(tcU32Key.size);
        tcU32Key.write(writer.bytes, start, { at, mask, value: wanted, offsetMask });
      });
    });
  },
});

const tcU32Mark = struct('tc_u32_mark', () => ({ value: fields.u32, mask: fields.u32, success: fields.u32 }));

const u32Filter_ = attributes('TCA_U32', () => ({
  /** The class that packets belong to. */
  classId: attr('TCA_U32_CLASSID', 1, classId),
  /** The table that it is in: `800:` in the upper 12 bits. */
  hashTable: attr('TCA_U32_HASH', 2, u32Scalar),
  /** The table that is looked into next. */
  link: attr('TCA_U32_LINK', 3, u32Scalar),
  /** It is a table of so many buckets. */
  divisor: attr('TCA_U32_DIVISOR', 4, u32Scalar),
  selector: attr('TCA_U32_SEL', 5, selector),
  police: attr('TCA_U32_POLICE', 6, bytes),
  actions: attr('TCA_U32_ACT', 7, tcActions),
  /** Only packets that came in by this link. */
  indev: attr('TCA_U32_INDEV', 8, interfaceName),
  /** Read only: struct tc_u32_pcnt. */
  counters: attr('TCA_U32_PCNT', 9, bytes),
  /** Only packets with this mark. */
  mark: attr('TCA_U32_MARK', 10, structCodec(tcU32Mark)),
  flags: attr('TCA_U32_FLAGS', 11, filterFlags),
  pad: attr('TCA_U32_PAD', 12, bytes),
}));

/** Options of u32. */
export interface U32Options extends Infer<typeof u32Filter_> {}
export const u32Filter: Codec<U32Options> = u32Filter_;
