/** Reading NLMSG_ERROR and the tail of NLMSG_DONE: errno and extended ack. Source: include/uapi/linux/netlink.h (enum nlmsgerr_attrs). */
import { walk } from './attributes.ts';
import { copyBytes } from './codec.ts';
import { type ExtendedAck, MalformedMessageError } from './errors.ts';
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_HDRLEN, readU32 } from './message.ts';
import { readString } from './text.ts';

const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;
const NLMSGERR_ATTR_COOKIE = 3;
const NLMSGERR_ATTR_POLICY = 4;
const NLMSGERR_ATTR_MISS_TYPE = 5;
const NLMSGERR_ATTR_MISS_NEST = 6;

/** A refusal as it came over the wire. `errno` is positive. */
export interface Failure {
  readonly errno: number;
  readonly extack?: ExtendedAck;
}

/**
 * Reads the message at `offset` with header length `length`.
 *
 * @returns undefined for an ack (errno 0).
 * @throws MalformedMessageError
 */
export function readError(bytes: Buffer, offset: number, length: number, flags: number): Failure | undefined {
  if (length < NLMSG_HDRLEN + 4 + NLMSG_HDRLEN) throw new MalformedMessageError('NLMSG_ERROR', offset, `36 bytes, found ${length}`);
  const errno = -bytes.readInt32LE(offset + NLMSG_HDRLEN);
  if (errno === 0) return undefined;
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno };
  return withExtack(errno, bytes, behindRequest(bytes, offset + NLMSG_HDRLEN + 4, flags), offset + length);
}

/** Where the extended ack of an NLMSG_ERROR begins: behind the request at `offset`, of which a capped one is the header alone. */
export function behindRequest(bytes: Uint8Array, offset: number, flags: number): number {
  const length = (flags & NLM_F_CAPPED) !== 0 ? NLMSG_HDRLEN : readU32(bytes, offset);
  // not (length + 3) & ~3: nothing has said yet that the length is true, and beyond 2^31 that is negative
  return offset + length + (-length & 3);
}

/** Reads NLMSG_DONE: dumps report their errno there, with no request header in between. @returns undefined when all went well. */
export function readDone(bytes: Buffer, offset: number, length: number, flags: number): Failure | undefined {
  if (length < NLMSG_HDRLEN + 4) return undefined;
  const errno = -bytes.readInt32LE(offset + NLMSG_HDRLEN);
  if (errno <= 0) return undefined;
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno };
  return withExtack(errno, bytes, offset + NLMSG_HDRLEN + 4, offset + length);
}

function withExtack(errno: number, bytes: Buffer, from: number, end: number): Failure {
  if (from >= end) return { errno };
  const ack: { -readonly [K in keyof ExtendedAck]: ExtendedAck[K] } = {};
  for (const found of walk(bytes, from, end - from)) {
    const data = (): Uint8Array => copyBytes(bytes, found.offset, found.length);
    if (found.type === NLMSGERR_ATTR_MSG) ack.message = readString(bytes, found.offset, found.length);
    else if (found.type === NLMSGERR_ATTR_COOKIE) ack.cookie = data();
    else if (found.type === NLMSGERR_ATTR_POLICY) ack.policy = data();
    else if (found.length < 4) continue;
    else if (found.type === NLMSGERR_ATTR_OFFS) ack.offset = bytes.readUInt32LE(found.offset);
    else if (found.type === NLMSGERR_ATTR_MISS_TYPE) ack.missingType = bytes.readUInt32LE(found.offset);
    else if (found.type === NLMSGERR_ATTR_MISS_NEST) ack.missingNest = bytes.readUInt32LE(found.offset);
  }
  return { errno, extack: ack };
}
