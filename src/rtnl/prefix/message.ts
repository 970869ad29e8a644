/** Prefixes that routers announce: RTM_NEWPREFIX, which the kernel sends and takes from nobody. Source: include/uapi/linux/rtnetlink.h (struct prefixmsg, PREFIX_*). */
import { ipv6Address } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import type { Infer } from '../../netlink/codec.ts';
import { type Message, message } from '../../netlink/message.ts';
import { fields, named, type Struct, struct, structCodec } from '../../netlink/struct.ts';
import { messageFamily } from '../family.ts';

export const RTM_NEWPREFIX = 52;

const prefixmsg_ = struct('prefixmsg', () => ({
  /** AF_INET6. */
  family: named(fields.u8, messageFamily),
  pad1: fields.u8,
  pad2: fields.u16,
  /** Index of the link that the announcement came by. */
  index: fields.u32,
  /** The option of the announcement: 3, ND_OPT_PREFIX_INFORMATION. */
  type: fields.u8,
  prefixLength: fields.u8,
  flags: fields.u8,
  pad3: fields.u8,
}));

/** The header of a message about a prefix. */
export interface PrefixHeader extends Infer<typeof prefixmsg_> {}
export const prefixmsg: Struct<PrefixHeader> = prefixmsg_;

const cacheinfo = struct('prefix_cacheinfo', () => ({
  /** Seconds; 0xffffffff: forever. */
  preferred: fields.u32,
  /** Seconds; 0xffffffff: forever. */
  valid: fields.u32,
}));

const prefixAttributes_ = attributes('PREFIX', () => ({
  address: attr('PREFIX_ADDRESS', 1, ipv6Address),
  cacheinfo: attr('PREFIX_CACHEINFO', 2, structCodec(cacheinfo)),
}));
export interface PrefixAttributes extends Infer<typeof prefixAttributes_> {}
export const prefixAttributes: AttributeSet<PrefixAttributes> = prefixAttributes_;

const prefixMessage_ = message('PREFIX', prefixmsg_, prefixAttributes_);

/** A message about a prefix as it travels. */
export interface PrefixMessage extends Infer<typeof prefixMessage_> {}
export const prefixMessage: Message<PrefixMessage> = prefixMessage_;
