/** The segment routing header. Source: include/uapi/linux/seg6.h (struct ipv6_sr_hdr), seg6_hmac.h, RFC 8754. */

import { formatAddress, parseAddress } from '../../../netlink/address.ts';
import { withChoices } from '../../../netlink/choices.ts';
import { type Codec, codec } from '../../../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../../../netlink/errors.ts';
import { inArgument } from '../../../netlink/input.ts';
import { checkInteger, show } from '../../../netlink/scalar.ts';

/** A segment routing header as a route has it. */
export interface SegmentRoutingHeader {
  /** IPv6 addresses in the order in which they are visited. */
  segments: string[];
  /** Id of the key that the header is signed with (`ip sr hmac set`). */
  hmac?: number;
  /** SR6_FLAG1_* but the one for the hmac. */
  flags?: number;
  /** Marks packets of one group, 0 to 65535. Default: 0. RFC 8754. */
  tag?: number;
}

const members = ['segments', 'hmac', 'flags', 'tag'];
const routingType = 4;
const hasHmac = 0x08;
const hmacTlv = 5;
/** Bytes of struct sr6_tlv_hmac. */
const hmacSize = 40;
const maxSegments = 127;

/** The IPv6 addresses of a list, the last one first. @throws InputError naming the element */
export function reversedAddresses(segments: unknown): Uint8Array {
  if (!Array.isArray(segments) || segments.length === 0)
    throw new InputError('', `expected an array of IPv6 addresses, got ${show(segments)}`, 'ERR_INVALID_ARG_TYPE');
  if (segments.length > maxSegments)
    throw new InputError('', `${segments.length} segments; at most ${maxSegments} fit`, 'ERR_OUT_OF_RANGE');
  const out = new Uint8Array(16 * segments.length);
  for (const [i, segment] of (segments as unknown[]).entries()) {
    const address = inArgument(`[${i}]`, () => parseAddress(segment));
    if (address.length !== 16) throw new InputError(`[${i}]`, `${show(segment)} is not an IPv6 address`);
    out.set(address, 16 * (segments.length - 1 - i));
  }
  return out;
}

/** The reverse: `count` addresses from `offset` on. */
export function readReversed(bytes: Uint8Array, offset: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => formatAddress(bytes, offset + 16 * (count - 1 - i), 16));
}

/** struct ipv6_sr_hdr with its segments, which it has in reverse. A header with more in it than netloom can say again is malformed. */
export const segmentRoutingHeader: Codec<SegmentRoutingHeader> = codec<SegmentRoutingHeader>('ipv6_sr_hdr', {
  decode(bytes, offset, length) {
    const byte = (at: number): number => bytes[offset + at] ?? 0;
    const count = byte(4) + 1;
    const signed = (byte(5) & hasHmac) !== 0;
    const size = 8 + 16 * count + (signed ? hmacSize : 0);
    const whole = length === size && 8 * (byte(1) + 1) === size && byte(0) === 0 && byte(2) === routingType && byte(3) === byte(4);
    const tlv = 8 + 16 * count;
    if (!whole || (signed && (byte(tlv) !== hmacTlv || byte(tlv + 1) !== hmacSize - 2)))
      throw new MalformedMessageError('struct ipv6_sr_hdr', offset, 'segments, and at most an hmac');
    const header: SegmentRoutingHeader = { segments: readReversed(bytes, offset + 8, count) };
    if (signed) header.hmac = new DataView(bytes.buffer, bytes.byteOffset + offset + tlv + 4, 4).getUint32(0);
    if ((byte(5) & ~hasHmac) !== 0) header.flags = byte(5) & ~hasHmac;
    const tag = (byte(6) << 8) | byte(7);
    if (tag !== 0) header.tag = tag;
    return header;
  },
  encode(writer, value) {
    if (typeof value !== 'object' || value === null)
      throw new InputError('', `expected { segments }, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
    for (const key of Object.keys(value))
      if (!members.includes(key))
        throw new InputError(key, withChoices('is no member of a routing header', key, members), 'ERR_UNKNOWN_OPTION');
    const { hmac, flags = 0, tag = 0 } = value;
    const segments = inArgument('segments', () => reversedAddresses(value.segments));
    if (hmac !== undefined) inArgument('hmac', () => checkInteger(hmac, 1, 0xffffffff));
    inArgument('flags', () => checkInteger(flags, 0, 0xff));
    if ((flags & hasHmac) !== 0) throw new InputError('flags', 'the bit for the hmac is set by `hmac`');
    inArgument('tag', () => checkInteger(tag, 0, 0xffff));
    const size = 8 + segments.length + (hmac === undefined ? 0 : hmacSize);
    const last = segments.length / 16 - 1;
    writer.append(
      Uint8Array.of(0, size / 8 - 1, routingType, last, last, flags | (hmac === undefined ? 0 : hasHmac), tag >>> 8, tag & 0xff),
    );
    writer.append(segments);
    if (hmac === undefined) return;
    const tlv = new Uint8Array(hmacSize);
    tlv[0] = hmacTlv;
    tlv[1] = hmacSize - 2;
    new DataView(tlv.buffer).setUint32(4, hmac);
    writer.append(tlv);
  },
});

/** The place in an inline header that the kernel fills with the destination of the packet. */
const placeholder = '::';

/** The header as it travels, for a packet that keeps its own IPv6 header: its destination is the last segment. */
export function withDestination(header: SegmentRoutingHeader): SegmentRoutingHeader {
  return Array.isArray(header?.segments) ? { ...header, segments: [...header.segments, placeholder] } : header;
}

/** The reverse. */
export function withoutDestination(header: SegmentRoutingHeader): SegmentRoutingHeader {
  return header.segments.at(-1) === placeholder ? { ...header, segments: header.segments.slice(0, -1) } : header;
}
