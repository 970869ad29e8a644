/** Identifier locator addressing. Source: include/uapi/linux/ila.h; ip-route(8) "ENCAP_ILA". */
import { type AttributeSet, attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, tooShort } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { show, u8 } from '../../../netlink/scalar.ts';
import type { EncapKind } from './kind.ts';

/** The upper half of an IPv6 address: four groups in hexadecimal. */
const locator: Codec<string> = codec<string>('locator', {
  decode(bytes, offset, length) {
    if (length < 8) throw tooShort('locator', offset, 8, length);
    return [0, 2, 4, 6].map((at) => ((bytes[offset + at]! << 8) | bytes[offset + at + 1]!).toString(16)).join(':');
  },
  encode(writer, value: unknown) {
    if (typeof value !== 'string' || !/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/i.test(value))
      throw new InputError('', `expected four groups such as "2001:db8:0:1", got ${show(value)}`);
    const groups = value.split(':').map((group) => Number.parseInt(group, 16));
    writer.append(Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff])));
  },
});

const ilaEncapAttributes_ = attributes('ILA_ATTR', () => ({
  /** The upper half of the address to send to: `'2001:db8:0:1'`. */
  locator: attr('ILA_ATTR_LOCATOR', 1, locator),
  /** What keeps checksums right. */
  csumMode: attr('ILA_ATTR_CSUM_MODE', 7, enumeration(u8, { 'adj-transport': 0, 'neutral-map': 1, 'no-action': 2, 'neutral-map-auto': 3 })),
  identType: attr(
    'ILA_ATTR_IDENT_TYPE',
    8,
    enumeration(u8, { iid: 0, luid: 1, 'virt-v4': 2, 'virt-uni-v6': 3, 'virt-multi-v6': 4, 'nonlocal-addr': 5, 'use-format': 32 }),
  ),
  hookType: attr('ILA_ATTR_HOOK_TYPE', 9, enumeration(u8, { output: 0, input: 1 })),
}));
export interface IlaEncapAttributes extends Infer<typeof ilaEncapAttributes_> {}
export const ilaEncapAttributes: AttributeSet<IlaEncapAttributes> = ilaEncapAttributes_;

/** The upper half of the destination is replaced by a locator. */
export interface IlaEncap extends IlaEncapAttributes {
  /** LWTUNNEL_ENCAP_ILA. */
  type: 'ila';
}

export const ilaEncap: EncapKind = { number: 3, needs: 'CONFIG_IPV6_ILA', set: ilaEncapAttributes_ };
