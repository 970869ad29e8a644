/** Options of router announcements for processes: RTM_NEWNDUSEROPT, which the kernel sends and takes from nobody. Source: include/uapi/linux/rtnetlink.h (struct nduseroptmsg, NDUSEROPT_*). */
import { ipv6Address } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import { type Codec, codec, copyBytes, type Infer } from '../../netlink/codec.ts';
import { MalformedMessageError } from '../../netlink/errors.ts';
import { fields, named, type Struct, struct } from '../../netlink/struct.ts';
import { messageFamily } from '../family.ts';

export const RTM_NEWNDUSEROPT = 68;

const nduseroptmsg_ = struct('nduseroptmsg', () => ({
  /** AF_INET6. */
  family: named(fields.u8, messageFamily),
  pad1: fields.u8,
  /** Bytes of options that follow. */
  optionsLength: fields.u16,
  /** Index of the link that the announcement came by. */
  index: fields.u32,
  /** 134: a router announcement. */
  icmpType: fields.u8,
  icmpCode: fields.u8,
  pad2: fields.u16,
  pad3: fields.u32,
}));

/** The header of a message about an option. */
export interface NdUserOptionHeader extends Infer<typeof nduseroptmsg_> {}
export const nduseroptmsg: Struct<NdUserOptionHeader> = nduseroptmsg_;

const ndUserOptionAttributes_ = attributes('NDUSEROPT', () => ({
  /** Who announced it. */
  source: attr('NDUSEROPT_SRCADDR', 1, ipv6Address),
}));
export interface NdUserOptionAttributes extends Infer<typeof ndUserOptionAttributes_> {}
export const ndUserOptionAttributes: AttributeSet<NdUserOptionAttributes> = ndUserOptionAttributes_;

/** A message about options as it travels. */
export interface NdUserOptionMessage extends NdUserOptionHeader, NdUserOptionAttributes {
  /** The options, one after the other. */
  options: Uint8Array;
}

/** The options lie between the header and the attributes. */
export const ndUserOptionMessage: Codec<NdUserOptionMessage> = codec<NdUserOptionMessage>('NDUSEROPT', {
  decode(bytes, offset, length) {
    const { size } = nduseroptmsg;
    if (length < size) throw new MalformedMessageError('struct nduseroptmsg', offset, `${size} bytes, found ${length}`);
    const header = nduseroptmsg.read(bytes, offset);
    const end = size + header.optionsLength;
    if (end > length)
      throw new MalformedMessageError('NDUSEROPT', offset, `${header.optionsLength} bytes of options, found ${length - size}`);
    const value = { ...header, options: copyBytes(bytes, offset + size, header.optionsLength) };
    const at = (end + 3) & ~3;
    if (length > at) ndUserOptionAttributes.decodeInto(value, bytes, offset + at, length - at);
    return value;
  },
  encode(writer, { options, source, unknown, ...header }) {
    const at = writer.reserve(nduseroptmsg.size);
    nduseroptmsg.write(writer.bytes, at, { ...header, optionsLength: options.length });
    const start = writer.reserve((options.length + 3) & ~3);
    writer.bytes.set(options, start);
    const given: NdUserOptionAttributes = {};
    if (source !== undefined) given.source = source;
    if (unknown !== undefined) given.unknown = unknown;
    ndUserOptionAttributes.encode(writer, given);
  },
});
