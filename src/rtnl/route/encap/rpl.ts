/** Packets are source routed (RFC 6554). Source: include/uapi/linux/rpl.h, rpl_iptunnel.h; ip-route(8) "ENCAP_RPL". */
import { type AttributeSet, attr, attributes, type RawAttribute } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer } from '../../../netlink/codec.ts';
import { MalformedMessageError } from '../../../netlink/errors.ts';
import type { EncapKind } from './kind.ts';
import { readReversed, reversedAddresses } from './srh.ts';

const routingType = 3;

/** struct ipv6_rpl_sr_hdr: uncompressed addresses, in reverse. */
const segments: Codec<string[]> = codec<string[]>('ipv6_rpl_sr_hdr', {
  decode(bytes, offset, length) {
    const byte = (at: number): number => bytes[offset + at] ?? 0;
    const count = byte(3);
    const plain = [0, 4, 5, 6, 7].every((at) => byte(at) === 0);
    if (!plain || byte(2) !== routingType || count === 0 || length !== 8 + 16 * count || byte(1) !== 2 * count)
      throw new MalformedMessageError('struct ipv6_rpl_sr_hdr', offset, 'whole addresses');
    return readReversed(bytes, offset + 8, count);
  },
  encode(writer, value) {
    const list = reversedAddresses(value);
    writer.append(Uint8Array.of(0, list.length / 8, routingType, list.length / 16, 0, 0, 0, 0));
    writer.append(list);
  },
});

const rplEncapAttributes_ = attributes('RPL_IPTUNNEL', () => ({
  /** IPv6 addresses in the order in which they are visited. */
  segments: attr('RPL_IPTUNNEL_SRH', 1, segments),
}));
export interface RplEncapAttributes extends Infer<typeof rplEncapAttributes_> {}
export const rplEncapAttributes: AttributeSet<RplEncapAttributes> = rplEncapAttributes_;

/** Packets are sent along addresses, as RPL networks do. */
export interface RplEncap extends RplEncapAttributes {
  /** LWTUNNEL_ENCAP_RPL. */
  type: 'rpl';
  unknown?: RawAttribute[];
}

export const rplEncap: EncapKind = { number: 8, needs: 'CONFIG_IPV6_RPL_LWTUNNEL', set: rplEncapAttributes_ };
