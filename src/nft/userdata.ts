/**
 * What user space stores with tables, chains, rules and sets for itself: a list of type, length, value with one byte each for the first two. The kernel keeps
 * it without looking. Type 0 is the comment that nft prints; of sets it is type 7.
 */
import { type Codec, codec } from '../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../netlink/errors.ts';
import { show } from '../netlink/scalar.ts';
import { bytes as rawBytes, readString } from '../netlink/text.ts';

/** One entry. */
export interface UserDataEntry {
  /** 0 to 255. */
  readonly type: number;
  /** At most 255 bytes. */
  readonly data: Uint8Array;
}

/** Type of the comment that nft(8) prints: NUL-terminated text. */
export const commentType = 0;

/** Bytes of a comment, the NUL not counted; nft(8) accepts no longer one. */
export const maxCommentLength = 128;

/** NFT_USERDATA_MAXLEN: what the kernel takes at most. */
export const maxUserDataLength = 256;

/** NFTA_*_USERDATA. Bytes that are no such list do not decode, and are kept as an unknown attribute. */
export const userData: Codec<UserDataEntry[]> = codec<UserDataEntry[]>('userdata', {
  decode(source, offset, length) {
    const entries: UserDataEntry[] = [];
    const end = offset + length;
    for (let at = offset; at < end; ) {
      const size = source[at + 1];
      if (size === undefined || at + 2 + size > end) throw new MalformedMessageError('userdata', at, 'type, length and as many bytes');
      entries.push({ type: source[at]!, data: rawBytes.decode(source, at + 2, size) });
      at += 2 + size;
    }
    return entries;
  },
  encode(writer, entries) {
    const start = writer.position;
    for (const { type, data } of entries) {
      if (!Number.isInteger(type) || type < 0 || type > 255)
        throw new InputError('type', `expected an integer from 0 to 255, got ${show(type)}`, 'ERR_OUT_OF_RANGE');
      if (!(data instanceof Uint8Array)) throw new InputError('data', `expected a Uint8Array, got ${show(data)}`, 'ERR_INVALID_ARG_TYPE');
      if (data.length > 255) throw new InputError('data', `takes ${data.length} bytes; at most 255 fit`, 'ERR_OUT_OF_RANGE');
      const at = writer.reserve(2);
      writer.bytes[at] = type;
      writer.bytes[at + 1] = data.length;
      writer.append(data);
    }
    const length = writer.position - start;
    if (length > maxUserDataLength)
      throw new InputError('', `takes ${length} bytes; the kernel takes at most ${maxUserDataLength}`, 'ERR_OUT_OF_RANGE');
  },
});

/** What objects carry of their user data: the comment as text, other entries as they are. */
export interface Annotated {
  /** What nft prints as `comment "…"`: at most 128 bytes. */
  comment?: string;
  /** Entries other than the comment. */
  userdata?: UserDataEntry[];
}

/** User data as an object shows it. `type`: that of its comment. */
export function annotations(entries: readonly UserDataEntry[] | undefined, type = commentType): Annotated {
  if (entries === undefined) return {};
  const result: Annotated = {};
  const rest: UserDataEntry[] = [];
  for (const entry of entries) {
    if (entry.type === type && result.comment === undefined) result.comment = readString(entry.data, 0, entry.data.length);
    else rest.push(entry);
  }
  if (rest.length > 0) result.userdata = rest;
  return result;
}

/** The reverse of {@link annotations}. @throws InputError naming `comment` or `userdata` */
export function userDataOf(of: Annotated, type = commentType): UserDataEntry[] | undefined {
  const entries: UserDataEntry[] = [];
  if (of.comment !== undefined) entries.push({ type, data: commentBytes(of.comment) });
  if (of.userdata !== undefined) {
    if (!Array.isArray(of.userdata))
      throw new InputError('userdata', `expected an array, got ${show(of.userdata)}`, 'ERR_INVALID_ARG_TYPE');
    entries.push(...of.userdata);
  }
  return entries.length === 0 ? undefined : entries;
}

function commentBytes(comment: unknown): Uint8Array {
  if (typeof comment !== 'string') throw new InputError('comment', `expected a string, got ${show(comment)}`, 'ERR_INVALID_ARG_TYPE');
  if (comment.includes('\0')) throw new InputError('comment', 'contains a NUL character');
  const text = Buffer.from(comment);
  if (text.length > maxCommentLength)
    throw new InputError('comment', `is ${text.length} bytes long; at most ${maxCommentLength} fit`, 'ERR_OUT_OF_RANGE');
  return Uint8Array.from([...text, 0]);
}

/** An entry that holds a number: 32 bits in host order. */
export function numberEntry(type: number, value: number): UserDataEntry {
  return { type, data: new Uint8Array(Uint32Array.of(value).buffer) };
}

/** The number that the entry of a type holds; undefined: there is none. */
export function numberOf(entries: readonly UserDataEntry[], type: number): number | undefined {
  const data = entries.find((entry) => entry.type === type)?.data;
  return data?.length === 4 ? new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true) : undefined;
}
