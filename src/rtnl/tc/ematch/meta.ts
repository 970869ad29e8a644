/** What is compared by the ematch meta. Source: include/uapi/linux/tc_ematch/tc_em_meta.h (TCF_META_ID_*, TCA_EM_META_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { type Enumerated, enumeration } from '../../../netlink/enumeration.ts';
import { MalformedMessageError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, u16, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { type EmatchComparison, ematchComparison } from './ematch.ts';

/** By the names of tc(8). */
const ids = {
  ...{ random: 1, loadavg_0: 2, loadavg_1: 3, loadavg_2: 4, dev: 5, priority: 6, protocol: 7, pkttype: 8, pktlen: 9, datalen: 10 },
  ...{ maclen: 11, nf_mark: 12, tcindex: 13, rtclassid: 14, rtiif: 15, sk_family: 16, sk_state: 17, sk_reuse: 18, sk_bind_if: 19 },
  ...{ sk_refcnt: 20, sk_shutdown: 21, sk_proto: 22, sk_type: 23, sk_rcvbuf: 24, sk_rmem: 25, sk_wmem: 26, sk_omem: 27, sk_wmem_queue: 28 },
  ...{ sk_rcv_queue: 29, sk_snd_queue: 30, sk_err_queue: 31, sk_fwd_alloc: 32, sk_sndbuf: 33, sk_alloc: 34, sk_hash: 36 },
  ...{ sk_lingertime: 37, sk_ack_bl: 38, sk_max_ack_bl: 39, sk_prio: 40, sk_rcvlowat: 41, sk_rcvtimeo: 42, sk_sndtimeo: 43 },
  ...{ sk_sendmsg_off: 44, sk_write_pending: 45, vlan: 46, rxhash: 47 },
} as const;

/** What the kernel keeps, as a number: by the name that tc(8) has for it (`meta(list)`). */
export type MetaId = Enumerated<typeof ids>;
const metaId = enumeration(u16, ids);

/** A number, or what the kernel keeps. */
export type MetaOperand =
  | number
  | {
      /** What the kernel keeps. */
      id: MetaId;
      /** Bits by which it is shifted to the right. Default: 0. */
      shift?: number;
      /** The bits of it that count; 0: all. Default: 0. */
      mask?: number;
    };

const operandMembers = memberNames<Exclude<MetaOperand, number>>({ id: true, shift: true, mask: true });

const metaHeader = struct('tcf_meta_hdr', () => ({
  leftKind: fields.u16,
  leftShift: fields.u8,
  leftOp: fields.u8,
  rightKind: fields.u16,
  rightShift: fields.u8,
  rightOp: fields.u8,
}));

const metaAttributes_ = attributes('TCA_EM_META', () => ({
  header: attr('TCA_EM_META_HDR', 1, structCodec(metaHeader)),
  left: attr('TCA_EM_META_LVALUE', 2, bytes),
  right: attr('TCA_EM_META_RVALUE', 3, bytes),
}));
export interface MetaAttributes extends Infer<typeof metaAttributes_> {}
export const metaAttributes: Codec<MetaAttributes> = metaAttributes_;

/** TCF_META_TYPE_INT, as of `kind`. */
const integer = 0x1000;
const idMask = 0x7ff;

interface MetaMatch {
  left: MetaOperand;
  op: EmatchComparison;
  right: MetaOperand;
}

function operandToWire(operand: MetaOperand): { kind: number; shift: number; value: Uint8Array } {
  const value = Buffer.alloc(4);
  if (typeof operand === 'number') {
    checkInteger(operand, 0, 0xffffffff);
    value.writeUInt32LE(operand);
    return { kind: integer, shift: 0, value };
  }
  checkMembers(operand, '', operandMembers);
  const { id, shift = 0, mask = 0 } = operand;
  inArgument('shift', () => checkInteger(shift, 0, 0xff));
  inArgument('mask', () => checkInteger(mask, 0, 0xffffffff));
  const number = inArgument('id', () => metaId.valueOf(id));
  inArgument('id', () => checkInteger(number, 1, idMask));
  value.writeUInt32LE(mask);
  return { kind: integer | number, shift, value };
}

/** @throws MalformedMessageError for what is no number: names of links */
function operandFromWire(kind: number, shift: number, value: Uint8Array | undefined): MetaOperand {
  if ((kind & ~idMask) !== integer || (value !== undefined && value.length !== 4))
    throw new MalformedMessageError('tcf_meta_val', 0, 'a number');
  const number = value === undefined ? 0 : u32.decode(value, 0, 4);
  if ((kind & idMask) === 0) return number;
  return { id: metaId.nameOf(kind & idMask), ...(shift === 0 ? {} : { shift }), ...(number === 0 ? {} : { mask: number }) };
}

export const metaMatch: Codec<MetaMatch> = mapped<MetaAttributes, MetaMatch>(
  metaAttributes_,
  'meta',
  ({ header, left, right }) => {
    if (header === undefined) throw new MalformedMessageError('tcf_meta_hdr', 0, 'it');
    return {
      left: operandFromWire(header.leftKind, header.leftShift, left),
      op: ematchComparison.nameOf(header.leftOp),
      right: operandFromWire(header.rightKind, header.rightShift, right),
    };
  },
  ({ left, op, right }) => {
    const [a, b] = [inArgument('left', () => operandToWire(left)), inArgument('right', () => operandToWire(right))];
    const leftOp = inArgument('op', () => ematchComparison.valueOf(op));
    return {
      header: { leftKind: a.kind, leftShift: a.shift, leftOp, rightKind: b.kind, rightShift: b.shift, rightOp: 0 },
      left: a.value,
      right: b.value,
    };
  },
);
