/** What the kernel keeps with packets, carried to another machine in an Ethernet frame around them: tc-ife(8), RFC 8013. Sources: include/uapi/linux/tc_act/tc_ife.h, include/uapi/linux/ife.h. */
import { ethernetAddress } from '../../../netlink/address.ts';
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, show, u16, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, genericFields, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcIfe = struct('tc_ife', () => ({ ...genericFields, flags: fields.u16 }));

/** Empty: it is taken from the packet; otherwise a number in its place. */
function metadatum(of: Codec<number>): Codec<number | 'allow'> {
  return codec<number | 'allow'>(`${of.label} or nothing`, {
    decode: (source, offset, length) => (length === 0 ? 'allow' : of.decode(source, offset, length)),
    encode(writer, value) {
      if (value !== 'allow') of.encode(writer, value);
    },
  });
}

const metadata = attributes('IFE_META', () => ({
  mark: attr('IFE_META_SKBMARK', 1, metadatum(u32)),
  hashId: attr('IFE_META_HASHID', 2, bytes),
  priority: attr('IFE_META_PRIO', 3, metadatum(u32)),
  queueMap: attr('IFE_META_QMAP', 4, bytes),
  tcindex: attr('IFE_META_TCINDEX', 5, metadatum(u16)),
}));

const ifeAttributes_ = attributes('TCA_IFE', () => ({
  parms: attr('TCA_IFE_PARMS', 1, structCodec(tcIfe)),
  tm: attr('TCA_IFE_TM', 2, times),
  dst: attr('TCA_IFE_DMAC', 3, ethernetAddress),
  src: attr('TCA_IFE_SMAC', 4, ethernetAddress),
  type: attr('TCA_IFE_TYPE', 5, u16),
  metadata: attr('TCA_IFE_METALST', 6, metadata),
  pad: attr('TCA_IFE_PAD', 7, bytes),
}));
export interface IfeAttributes extends Infer<typeof ifeAttributes_> {}
export const ifeAttributes: Codec<IfeAttributes> = ifeAttributes_;

/** Options of ife. */
export interface IfeOptions extends TcActionState {
  /** `encode`: the frame is put around packets; `decode`: it is taken off, and what it carries is kept with the packet. */
  action: 'encode' | 'decode';
  /** EtherType of the frame. With `encode`. Default: 0xed3e (ETH_P_IFE). */
  type?: number;
  /** Hardware address that the frame goes to. Default: the packet's. */
  dst?: string;
  /** Hardware address that it comes from. Default: the packet's. */
  src?: string;
  /** The mark: `allow` carries the packet's, a number that one. With `encode`. */
  mark?: number | 'allow';
  /** The priority, likewise. With `encode`. */
  priority?: number | 'allow';
  /** The `tc_index`, likewise. With `encode`. */
  tcindex?: number | 'allow';
  /** What becomes of the packet then. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<IfeOptions>({
  ...{ action: true, type: true, dst: true, src: true, mark: true, priority: true, tcindex: true, control: true, index: true },
});
/** IFE_ENCODE. */
const encode = 1;
const carried = { mark: 0xffffffff, priority: 0xffffffff, tcindex: 0xffff } as const;
const names = Object.keys(carried) as (keyof typeof carried)[];

export const ife: Codec<IfeOptions> = mapped<IfeAttributes, IfeOptions>(
  ifeAttributes_,
  'ife',
  ({ parms, tm, dst, src, type, metadata: list }) => {
    const action = ((parms?.flags ?? 0) & encode) === 0 ? 'decode' : 'encode';
    return {
      action,
      ...(type === undefined || action === 'decode' ? {} : { type }),
      ...(dst === undefined ? {} : { dst }),
      ...(src === undefined ? {} : { src }),
      // the kernel tells of a decoder what it knows
      ...(list === undefined || action === 'decode'
        ? {}
        : Object.fromEntries(names.flatMap((name) => (list[name] === undefined ? [] : [[name, list[name]]])))),
      control: control.nameOf(parms?.action ?? 0),
      ...toldOf(parms, tm),
    };
  },
  (options) => {
    checkMembers(options, '', members);
    const { action, dst, src } = options;
    if (action !== 'encode' && action !== 'decode')
      throw new InputError('action', `expected encode or decode, got ${show(action)}`, 'ERR_INVALID_ARG_TYPE');
    const wire: IfeAttributes = { parms: { ...genericOf(options, 'pipe'), flags: action === 'encode' ? encode : 0 } };
    if (dst !== undefined) wire.dst = dst;
    if (src !== undefined) wire.src = src;
    const list: Record<string, number | 'allow'> = {};
    for (const name of names) {
      const value = options[name];
      if (value === undefined) continue;
      if (value !== 'allow') inArgument(name, () => checkInteger(value, 0, carried[name]));
      list[name] = value;
    }
    if (action === 'decode') {
      const odd = [...names, 'type' as const].find((name) => options[name] !== undefined);
      if (odd !== undefined) throw new InputError(odd, 'goes with the action encode');
      return wire;
    }
    const { type } = options;
    if (type !== undefined) {
      inArgument('type', () => checkInteger(type, 1, 0xffff));
      wire.type = type;
    }
    if (Object.keys(list).length > 0) wire.metadata = list as NonNullable<IfeAttributes['metadata']>;
    return wire;
  },
);
