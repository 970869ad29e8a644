/** Packets collect data on their way (RFC 9197). Source: include/uapi/linux/ioam6.h, ioam6_iptunnel.h; ip-route(8) "ENCAP_IOAM6". */

import { ipv6Address } from '../../../netlink/address.ts';
import { type AttributeSet, attr, attributes } from '../../../netlink/attributes.ts';
import { withChoices } from '../../../netlink/choices.ts';
import { type Codec, codec, type Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { InputError, MalformedMessageError } from '../../../netlink/errors.ts';
import { inArgument } from '../../../netlink/input.ts';
import { checkInteger, show, u8, u32 } from '../../../netlink/scalar.ts';
import type { EncapKind } from './kind.ts';

/** What is collected. */
export interface Ioam6Trace {
  /** Bit 23 is data of type 0, and so on: 24 bits. */
  type: number;
  /** IOAM namespace. Default: 0. */
  namespace?: number;
  /** Bytes for the data, a multiple of 4 up to 244. */
  size: number;
}

const members = ['type', 'namespace', 'size'];
const traceSize = 8;

/** struct ioam6_trace_hdr. The length of one node's data follows from the type, and the kernel works it out itself. */
const trace: Codec<Ioam6Trace> = codec<Ioam6Trace>('ioam6_trace_hdr', {
  decode(bytes, offset, length) {
    const byte = (at: number): number => bytes[offset + at]!;
    // overflow and reserved bits: a trace that nobody collects into yet has none
    if (length !== traceSize || (byte(2) & 0x07) !== 0 || (byte(3) & 0x80) !== 0 || byte(7) !== 0)
      throw new MalformedMessageError('struct ioam6_trace_hdr', offset, 'an empty trace');
    return {
      type: (byte(4) << 16) | (byte(5) << 8) | byte(6),
      namespace: (byte(0) << 8) | byte(1),
      size: 4 * (byte(3) & 0x7f),
    };
  },
  encode(writer, value) {
    if (typeof value !== 'object' || value === null)
      throw new InputError('', `expected { type, namespace, size }, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    for (const key of Object.keys(value))
      if (!members.includes(key)) throw new InputError(key, withChoices('is no member of a trace', key, members), 'ERR_UNKNOWN_OPTION');
    const { type, namespace = 0, size } = value;
    inArgument('type', () => checkInteger(type, 1, 0xffffff));
    inArgument('namespace', () => checkInteger(namespace, 0, 0xffff));
    inArgument('size', () => checkInteger(size, 4, 244));
    if (size % 4 !== 0) throw new InputError('size', `${size} is not a multiple of 4`, 'ERR_OUT_OF_RANGE');
    writer.append(Uint8Array.of(namespace >>> 8, namespace & 0xff, 0, size / 4, type >>> 16, (type >>> 8) & 0xff, type & 0xff, 0));
  },
});

const ioam6EncapAttributes_ = attributes('IOAM6_IPTUNNEL', () => ({
  /** `inline`: in packets that this machine sends; `encap`: the packet is put into another; `auto`: either, by who sends it. Default: `inline`. */
  mode: attr('IOAM6_IPTUNNEL_MODE', 1, enumeration(u8, { inline: 1, encap: 2, auto: 3 })),
  /** `encap`, `auto`: where the other packet goes. */
  dst: attr('IOAM6_IPTUNNEL_DST', 2, ipv6Address),
  trace: attr('IOAM6_IPTUNNEL_TRACE', 3, trace),
  /** `freqK` of every `freqN` packets. Default: 1 of 1. */
  freqK: attr('IOAM6_IPTUNNEL_FREQ_K', 4, u32),
  freqN: attr('IOAM6_IPTUNNEL_FREQ_N', 5, u32),
  /** Source of the other packet. Linux 6.12. */
  src: attr('IOAM6_IPTUNNEL_SRC', 6, ipv6Address),
}));
export interface Ioam6EncapAttributes extends Infer<typeof ioam6EncapAttributes_> {}
export const ioam6EncapAttributes: AttributeSet<Ioam6EncapAttributes> = ioam6EncapAttributes_;

/** Packets collect data on their way. */
export interface Ioam6Encap extends Ioam6EncapAttributes {
  /** LWTUNNEL_ENCAP_IOAM6. */
  type: 'ioam6';
}

export const ioam6Encap: EncapKind = { number: 9, needs: 'CONFIG_IPV6_IOAM6_LWTUNNEL', set: ioam6EncapAttributes_ };
