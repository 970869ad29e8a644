/** Changes of any bits of packets: tc-pedit(8). Source: include/uapi/linux/tc_act/tc_pedit.h. */
import { attr, attributes, listOf } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, mapped, tooShort } from '../../../netlink/codec.ts';
import { type Enumerated, enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, show, u16 } from '../../../netlink/scalar.ts';
import { fields, struct } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, genericFields, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

/** The keys follow it. */
const tcPeditSel = struct('tc_pedit_sel', () => ({ ...genericFields, count: fields.u8, flags: fields.u8 }));
const tcPeditKey = struct('tc_pedit_key', () => ({
  /** The bits that are kept. */
  mask: fields.be32,
  value: fields.be32,
  offset: fields.s32,
  at: fields.u32,
  offsetMask: fields.u32,
  shift: fields.u32,
}));

interface Selector {
  header: Infer<typeof tcPeditSel>;
  keys: Infer<typeof tcPeditKey>[];
}

const selector: Codec<Selector> = codec<Selector>('tc_pedit_sel', {
  decode(source, offset, length) {
    if (length < tcPeditSel.size) throw tooShort('struct tc_pedit_sel', offset, tcPeditSel.size, length);
    const header = tcPeditSel.read(source, offset);
    const whole = tcPeditSel.size + header.count * tcPeditKey.size;
    if (length < whole) throw tooShort('struct tc_pedit_sel', offset, whole, length);
    const begin = offset + tcPeditSel.size;
    return { header, keys: Array.from({ length: header.count }, (_, i) => tcPeditKey.read(source, begin + i * tcPeditKey.size)) };
  },
  encode(writer, { header, keys }) {
    tcPeditSel.write(writer.bytes, writer.reserve(tcPeditSel.size), header);
    for (const [i, key] of keys.entries())
      inArgument(`keys[${i}]`, () => {
        const at = writer.reserve(tcPeditKey.size);
        tcPeditKey.write(writer.bytes, at, key);
      });
  },
});

/** TCA_PEDIT_KEY_EX_HDR_TYPE_*. */
const headers = enumeration(u16, { network: 0, eth: 1, ip4: 2, ip6: 3, tcp: 4, udp: 5 });
/** TCA_PEDIT_KEY_EX_CMD_*. */
const commands = enumeration(u16, { set: 0, add: 1 });

const keyEx = attributes('TCA_PEDIT_KEY_EX', () => ({
  header: attr('TCA_PEDIT_KEY_EX_HTYPE', 1, headers),
  command: attr('TCA_PEDIT_KEY_EX_CMD', 2, commands),
}));

const peditAttributes_ = attributes('TCA_PEDIT', () => ({
  tm: attr('TCA_PEDIT_TM', 1, times),
  parms: attr('TCA_PEDIT_PARMS', 2, selector),
  pad: attr('TCA_PEDIT_PAD', 3, bytes),
  parmsEx: attr('TCA_PEDIT_PARMS_EX', 4, selector),
  keysEx: attr('TCA_PEDIT_KEYS_EX', 5, listOf('TCA_PEDIT_KEY_EX', 6, keyEx)),
}));
export interface PeditAttributes extends Infer<typeof peditAttributes_> {}
export const peditAttributes: Codec<PeditAttributes> = peditAttributes_;

/** A change of a word of the packet. */
export interface PeditKey {
  /** What `offset` counts from. Default: `network`, the header of IP whichever it is. */
  header?: Enumerated<(typeof headers)['values']>;
  /** `set`, or `add` to what is there. Default: `set`. */
  command?: Enumerated<(typeof commands)['values']>;
  /** Bytes, a multiple of 4; may be negative with `network`. */
  offset: number;
  /** The bits that change, of 32 in the order of the packet. Default: all. */
  mask?: number;
  /** What they become. */
  value: number;
  /** The byte there, under `offsetMask` and shifted to the right by `shift`, is added to `offset`. */
  at?: number;
  /** The bits of that byte that count. */
  offsetMask?: number;
  /** Bits by which they are shifted to the right. */
  shift?: number;
}

/** Options of pedit. Checksums are not made anew: that is what csum is for. */
export interface PeditOptions extends TcActionState {
  /** The changes, one after the other. */
  keys: PeditKey[];
  /** What becomes of the packet then. Default: `pass`. */
  control?: TcControl;
}

const members = memberNames<PeditOptions>({ keys: true, control: true, index: true });
const keyMembers = memberNames<PeditKey>({
  ...{ header: true, command: true, offset: true, mask: true, value: true, at: true, offsetMask: true, shift: true },
});
/** nkeys is a byte; the kernel takes no more (TCA_OLD_COMPAT aside). */
const most = 128;
const all = 0xffffffff;

function keyToWire(key: PeditKey): Infer<typeof tcPeditKey> {
  checkMembers(key, '', keyMembers);
  const { offset, mask = all, value, at = 0, offsetMask = 0, shift = 0 } = key;
  inArgument('offset', () => checkInteger(offset, -0x80000000, 0x7fffffff));
  if (offset % 4 !== 0) throw new InputError('offset', `expected a multiple of 4, got ${offset}`);
  inArgument('mask', () => checkInteger(mask, 0, all));
  inArgument('value', () => checkInteger(value, 0, all));
  if ((value & ~mask) !== 0) throw new InputError('value', 'has bits beyond its mask');
  return { mask: ~mask >>> 0, value, offset, at, offsetMask, shift };
}

function toWire(options: PeditOptions): PeditAttributes {
  checkMembers(options, '', members);
  const { keys } = options;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > most)
    throw new InputError('keys', `expected 1 to ${most} changes, got ${show(keys)}`, 'ERR_INVALID_ARG_TYPE');
  const words = keys.map((key: PeditKey, i) => inArgument(`keys[${i}]`, () => keyToWire(key)));
  const parms: Selector = { header: { ...genericOf(options, 'pass'), count: keys.length, flags: 0 }, keys: words };
  // as tc(8) without `ex`, which is enough for what every kernel knows
  if (keys.every(({ header = 'network', command = 'set' }: PeditKey) => header === 'network' && command === 'set')) return { parms };
  return {
    parmsEx: parms,
    keysEx: keys.map(({ header = 'network', command = 'set' }: PeditKey) => ({ header, command })),
  };
}

function fromWire({ parms, parmsEx, keysEx, tm }: PeditAttributes): PeditOptions {
  const { header, keys = [] } = parms ?? parmsEx ?? {};
  return {
    keys: keys.map(({ mask, value, offset, at, offsetMask, shift }, i): PeditKey => {
      const { header: of, command } = keysEx?.[i] ?? {};
      return {
        ...(of === undefined || of === 'network' ? {} : { header: of }),
        ...(command === undefined || command === 'set' ? {} : { command }),
        offset,
        mask: ~mask >>> 0,
        value,
        ...(at === 0 && offsetMask === 0 && shift === 0 ? {} : { at, offsetMask, shift }),
      };
    }),
    control: control.nameOf(header?.action ?? 0),
    ...toldOf(header, tm),
  };
}

export const pedit: Codec<PeditOptions> = mapped(peditAttributes_, 'pedit', fromWire, toWire);
