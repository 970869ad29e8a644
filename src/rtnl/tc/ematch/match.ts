/** What follows the header of an ematch, by its kind. Source: include/uapi/linux/tc_ematch/ (struct tcf_em_cmp, tcf_em_nbyte), pkt_cls.h (struct tc_u32_key), can.h (struct can_filter). */
import { type Codec, codec, copyBytes, type Infer, mapped, tooShort } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, show } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import type { CanId, EmatchBase, EmatchCanid, EmatchCmp, EmatchMeta, EmatchNbyte, EmatchU32 } from './ematch.ts';
import { ematchComparison, ematchLayer } from './ematch.ts';
import { metaMatch } from './meta.ts';

/** A kind without what all have. */
type Own<T extends { kind: string }> = Omit<T, keyof EmatchBase | 'kind'>;

const network = 'network';
const emCmp = struct('tcf_em_cmp', () => ({
  value: fields.u32,
  mask: fields.u32,
  at: fields.u16,
  /** Lower 4 bits: bytes of the number; upper: TCF_EM_CMP_TRANS. */
  align: fields.u8,
  /** Lower 4 bits: the layer; upper: the comparison. */
  layer: fields.u8,
}));
const cmpMembers = memberNames<EmatchCmp>({
  ...{ kind: true, not: true, relation: true, bits: true, at: true, layer: true, mask: true, transform: true, op: true, value: true },
});

const cmp: Codec<Own<EmatchCmp>> = mapped<Infer<typeof emCmp>, Own<EmatchCmp>>(
  structCodec(emCmp),
  'cmp',
  ({ value, mask, at, align, layer }) => ({
    bits: (8 * (align & 0xf)) as EmatchCmp['bits'],
    at,
    layer: ematchLayer.nameOf(layer & 0xf),
    ...(mask === 0 ? {} : { mask }),
    ...(align >>> 4 === 0 ? {} : { transform: true }),
    op: ematchComparison.nameOf(layer >>> 4),
    value,
  }),
  (own) => {
    checkMembers(own, '', cmpMembers);
    const { bits, at, layer = network, mask = 0, transform, op, value } = own;
    if (bits !== 8 && bits !== 16 && bits !== 32)
      throw new InputError('bits', `expected 8, 16 or 32, got ${show(bits)}`, 'ERR_INVALID_ARG_TYPE');
    inArgument('at', () => checkInteger(at, 0, 0xffff));
    for (const [argument, number] of Object.entries({ mask, value })) inArgument(argument, () => checkInteger(number, 0, 0xffffffff));
    checkBoolean(transform, 'transform');
    const [of, by] = [inArgument('layer', () => ematchLayer.valueOf(layer)), inArgument('op', () => ematchComparison.valueOf(op))];
    return { value, mask, at, align: bits / 8 + (transform === true ? 16 : 0), layer: of + 16 * by };
  },
);

const nbyteHeader = struct('tcf_em_nbyte', () => ({
  at: fields.u16,
  /** Lower 12 bits: bytes of the needle; upper 4: the layer. */
  length: fields.u16,
}));
const longest = 0xfff;
const nbyteMembers = memberNames<EmatchNbyte>({ kind: true, not: true, relation: true, needle: true, at: true, layer: true });

const nbyte: Codec<Own<EmatchNbyte>> = codec<Own<EmatchNbyte>>('nbyte', {
  decode(source, offset, length) {
    if (length < nbyteHeader.size) throw tooShort('struct tcf_em_nbyte', offset, nbyteHeader.size, length);
    const { at, length: packed } = nbyteHeader.read(source, offset);
    const size = packed & longest;
    if (length < nbyteHeader.size + size) throw tooShort('struct tcf_em_nbyte', offset, nbyteHeader.size + size, length);
    return { needle: copyBytes(source, offset + nbyteHeader.size, size), at, layer: ematchLayer.nameOf(packed >>> 12) };
  },
  encode(writer, own) {
    checkMembers(own, '', nbyteMembers);
    const { needle, at, layer = network } = own;
    if (!(needle instanceof Uint8Array) || needle.length === 0 || needle.length > longest)
      throw new InputError('needle', `expected 1 to ${longest} bytes, got ${show(needle)}`, 'ERR_INVALID_ARG_TYPE');
    inArgument('at', () => checkInteger(at, 0, 0xffff));
    const of = inArgument('layer', () => ematchLayer.valueOf(layer));
    nbyteHeader.write(writer.bytes, writer.reserve(nbyteHeader.size), { at, length: needle.length + of * (longest + 1) });
    // the kernel asks for whole words
    writer.append(needle);
    writer.append(new Uint8Array(-needle.length & 3));
  },
});

const u32Key = struct('tc_u32_key', () => ({ mask: fields.be32, value: fields.be32, at: fields.s32, offsetMask: fields.s32 }));
const u32Members = memberNames<EmatchU32>({ kind: true, not: true, relation: true, value: true, mask: true, at: true, offsetMask: true });

const u32: Codec<Own<EmatchU32>> = mapped<Infer<typeof u32Key>, Own<EmatchU32>>(
  structCodec(u32Key),
  'u32',
  ({ mask, value, at, offsetMask }) => ({ value, mask, at, ...(offsetMask === 0 ? {} : { offsetMask }) }),
  (own) => {
    checkMembers(own, '', u32Members);
    const { value, mask = 0xffffffff, at, offsetMask = 0 } = own;
    for (const [argument, number] of Object.entries({ value, mask })) inArgument(argument, () => checkInteger(number, 0, 0xffffffff));
    for (const [argument, number] of Object.entries({ at, offsetMask }))
      inArgument(argument, () => checkInteger(number, -0x80000000, 0x7fffffff));
    return { mask, value, at, offsetMask };
  },
);

const metaMembers = memberNames<EmatchMeta>({ kind: true, not: true, relation: true, left: true, op: true, right: true });
const meta: Codec<Own<EmatchMeta>> = mapped<Own<EmatchMeta>, Own<EmatchMeta>>(
  metaMatch,
  'meta',
  (own) => own,
  (own) => {
    checkMembers(own, '', metaMembers);
    return own;
  },
);

const canFilter = struct('can_filter', () => ({ id: fields.u32, mask: fields.u32 }));
/** CAN_EFF_FLAG. */
const extendedFlag = 0x80000000;
const [allOfShort, allOfLong] = [0x7ff, 0x1fffffff];
const canidMembers = memberNames<EmatchCanid>({ kind: true, not: true, relation: true, ids: true });
const idMembers = memberNames<CanId>({ id: true, mask: true, extended: true });

const canid: Codec<Own<EmatchCanid>> = codec<Own<EmatchCanid>>('canid', {
  decode(source, offset, length) {
    const ids = Array.from({ length: Math.trunc(length / canFilter.size) }, (_, i): CanId => {
      const { id, mask } = canFilter.read(source, offset + i * canFilter.size);
      const extended = id >= extendedFlag;
      const bits = mask % extendedFlag;
      return {
        id: id % extendedFlag,
        ...(bits === (extended ? allOfLong : allOfShort) ? {} : { mask: bits }),
        ...(extended ? { extended } : {}),
      };
    });
    return { ids };
  },
  encode(writer, own) {
    checkMembers(own, '', canidMembers);
    if (!Array.isArray(own.ids) || own.ids.length === 0)
      throw new InputError('ids', `expected identifiers, got ${show(own.ids)}`, 'ERR_INVALID_ARG_TYPE');
    own.ids.forEach((one: CanId, i) => {
      inArgument(`ids[${i}]`, () => {
        checkMembers(one, '', idMembers);
        const { id, extended } = one;
        checkBoolean(extended, 'extended');
        const all = extended === true ? allOfLong : allOfShort;
        const { mask = all } = one;
        for (const [argument, number] of Object.entries({ id, mask })) inArgument(argument, () => checkInteger(number, 0, all));
        const at = writer.reserve(canFilter.size);
        canFilter.write(writer.bytes, at, { id: id + (extended === true ? extendedFlag : 0), mask: mask + extendedFlag });
      });
    });
  },
});

/** TCF_EM_*, and what follows the header. */
export const ematchKinds = { cmp: [1, cmp], nbyte: [2, nbyte], u32: [3, u32], meta: [4, meta], canid: [7, canid] } as const;
