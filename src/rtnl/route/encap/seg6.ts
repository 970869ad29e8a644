/** Packets are sent along segments. Source: include/uapi/linux/seg6_iptunnel.h; ip-route(8) "ENCAP_SEG6". */
import { type AttributeSet, attr, attributes, type RawAttribute } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, tooShort } from '../../../netlink/codec.ts';
import { type Enumerated, enumeration } from '../../../netlink/enumeration.ts';
import { MalformedMessageError } from '../../../netlink/errors.ts';
import { inArgument } from '../../../netlink/input.ts';
import { s32 } from '../../../netlink/scalar.ts';
import type { EncapKind } from './kind.ts';
import { type SegmentRoutingHeader, segmentRoutingHeader, withDestination, withoutDestination } from './srh.ts';

const modes = { inline: 0, encap: 1, l2encap: 2, 'encap.red': 3, 'l2encap.red': 4 } as const;
const mode = enumeration(s32, modes);

/** The segment routing header, and what is done with it. */
export interface Seg6Header extends SegmentRoutingHeader {
  /** How the segments are put on packets: within their IPv6 header (`inline`), by one around them (`encap`), or by one around the frame (`l2encap`); `.red`: without the first segment. Source: seg6_iptunnel.h (SEG6_IPTUN_MODE_*). */
  mode: Enumerated<typeof modes>;
}

/** struct seg6_iptunnel_encap. */
const seg6Header: Codec<Seg6Header> = codec<Seg6Header>('seg6_iptunnel_encap', {
  decode(bytes, offset, length) {
    if (length < 4) throw tooShort('struct seg6_iptunnel_encap', offset, 4, length);
    return { mode: mode.decode(bytes, offset, 4), ...segmentRoutingHeader.decode(bytes, offset + 4, length - 4) };
  },
  encode(writer, { mode: how, ...header }) {
    inArgument('mode', () => mode.encode(writer, how));
    segmentRoutingHeader.encode(writer, header);
  },
});

const seg6EncapAttributes_ = attributes('SEG6_IPTUNNEL', () => ({ srh: attr('SEG6_IPTUNNEL_SRH', 1, seg6Header) }));
export interface Seg6EncapAttributes extends Infer<typeof seg6EncapAttributes_> {}
export const seg6EncapAttributes: AttributeSet<Seg6EncapAttributes> = seg6EncapAttributes_;

/** Packets are sent along segments (SRv6). */
export interface Seg6Encap extends SegmentRoutingHeader {
  /** LWTUNNEL_ENCAP_SEG6. */
  type: 'seg6';
  /**
   * `inline`: the header is put into the packet; `encap`: the packet is put into another (`encap.red`: with a shorter header); `l2encap`,
   * `l2encap.red`: with its Ethernet header. Default: `encap`.
   */
  mode?: Enumerated<typeof modes>;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

export const seg6Encap: EncapKind = {
  number: 5,
  needs: 'CONFIG_IPV6_SEG6_LWTUNNEL',
  set: seg6EncapAttributes_,
  fromWire({ srh, unknown }) {
    if (srh === undefined) throw new MalformedMessageError('SEG6_IPTUNNEL', 0, 'a SEG6_IPTUNNEL_SRH attribute');
    const { mode: how, ...header } = srh as Seg6Header;
    const plain = how === 'inline' ? withoutDestination(header) : header;
    return { mode: how, ...plain, ...(unknown === undefined ? {} : { unknown }) };
  },
  toWire({ mode: how = 'encap', unknown, ...header }) {
    const given = header as unknown as SegmentRoutingHeader;
    const srh = { mode: how, ...(how === 'inline' || how === modes.inline ? withDestination(given) : given) };
    return { srh, unknown };
  },
};
