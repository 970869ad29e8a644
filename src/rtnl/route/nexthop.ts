/** The paths of a multipath route. Source: include/uapi/linux/rtnetlink.h (struct rtnexthop, RTA_MULTIPATH). */
import { ipAddress } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes } from '../../netlink/attributes.ts';
import { type Codec, codec, type Infer, tooShort } from '../../netlink/codec.ts';
import { describePayload } from '../../netlink/described.ts';
import { InputError, MalformedMessageError } from '../../netlink/errors.ts';
import { show, u32 } from '../../netlink/scalar.ts';
import type { Part } from '../../netlink/shown.ts';
import { fields, named, type Struct, struct } from '../../netlink/struct.ts';
import { encapAttribute, encapType } from './encap/encap.ts';
import { nexthopFlags } from './enumerations.ts';
import { labelStack } from './labels.ts';
import { via } from './via.ts';

const rtnexthop_ = struct('rtnexthop', () => ({
  /** Bytes, header and attributes. */
  length: fields.u16,
  /** RTNH_F_*. */
  flags: named(fields.u8, nexthopFlags),
  /** Weight less one. */
  hops: fields.u8,
  /** Index of the link. */
  oif: fields.s32,
}));

/** The header of one path. */
export interface NexthopHeader extends Infer<typeof rtnexthop_> {}
export const rtnexthop: Struct<NexthopHeader> = rtnexthop_;

const nexthopAttributes_ = attributes('RTA', () => ({
  gateway: attr('RTA_GATEWAY', 5, ipAddress),
  flow: attr('RTA_FLOW', 11, u32),
  via: attr('RTA_VIA', 18, via),
  newdst: attr('RTA_NEWDST', 19, labelStack),
  encapType: attr('RTA_ENCAP_TYPE', 21, encapType),
  encap: encapAttribute('RTA_ENCAP', 22, 21),
}));

/** What a path may carry besides its header. */
export interface NexthopAttributes extends Infer<typeof nexthopAttributes_> {}
export const nexthopAttributes: AttributeSet<NexthopAttributes> = nexthopAttributes_;

/** One path as it travels. */
export interface NexthopMessage extends Partial<Omit<NexthopHeader, 'length'>>, NexthopAttributes {}

let headerKeys: ReadonlySet<string> | undefined;

/** RTA_MULTIPATH: structs with attributes, one after another, each as long as it says. */
export const nexthopList: Codec<NexthopMessage[]> = codec<NexthopMessage[]>('rtnexthop[]', {
  decode(source, offset, length) {
    const list: NexthopMessage[] = [];
    const end = offset + length;
    for (let at = offset; at < end; ) {
      if (end - at < rtnexthop_.size) throw tooShort('struct rtnexthop', at, rtnexthop_.size, end - at);
      const { length: size, ...header } = rtnexthop_.read(source, at);
      if (size < rtnexthop_.size || at + size > end)
        throw new MalformedMessageError('struct rtnexthop', at, `a length from ${rtnexthop_.size} to ${end - at}, found ${size}`);
      list.push(nexthopAttributes_.decodeInto(header, source, at + rtnexthop_.size, size - rtnexthop_.size) as NexthopMessage);
      at += (size + 3) & ~3;
    }
    return list;
  },
  encode(writer, value) {
    if (!Array.isArray(value)) throw new InputError('', `expected an array, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    headerKeys ??= new Set(rtnexthop_.keys);
    for (const [i, path] of (value as NexthopMessage[]).entries()) {
      try {
        const at = writer.reserve(rtnexthop_.size);
        nexthopAttributes_.encodeExcept(writer, path, headerKeys);
        rtnexthop_.write(writer.bytes, at, { ...path, length: writer.position - at });
        writer.align();
      } catch (error) {
        throw error instanceof InputError ? error.within(`[${i}]`) : error;
      }
    }
  },
  locate(source, offset, length, target) {
    let index = 0;
    for (let at = offset; at + rtnexthop_.size <= offset + length; index++) {
      const size = rtnexthop_.read(source, at).length;
      if (size < rtnexthop_.size) return undefined;
      if (target < at + size) {
        const inner = nexthopAttributes_.locate?.(source, at + rtnexthop_.size, size - rtnexthop_.size, target);
        return inner === undefined ? `[${index}]` : `[${index}].${inner}`;
      }
      at += (size + 3) & ~3;
    }
    return undefined;
  },
  describe(source, offset, length, detail) {
    const parts: Part[] = [];
    const end = offset + length;
    for (let at = offset; at < end; ) {
      if (end - at < rtnexthop_.size) throw tooShort('struct rtnexthop', at, rtnexthop_.size, end - at);
      const size = rtnexthop_.read(source, at).length;
      if (size < rtnexthop_.size || at + size > end)
        throw new MalformedMessageError('struct rtnexthop', at, `a length from ${rtnexthop_.size} to ${end - at}, found ${size}`);
      const rest = describePayload(nexthopAttributes_, source, at + rtnexthop_.size, size - rtnexthop_.size, detail);
      parts.push({ name: `rtnexthop ${rtnexthop_.describe(source, at, detail)}`, value: rest });
      at += (size + 3) & ~3;
    }
    return parts;
  },
});
