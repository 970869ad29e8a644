/**
 * Whether two bodies of messages say the same. Attributes and their payloads must be the same, byte for byte, but for three things in
 * which programs differ and to which the kernel pays no heed:
 * - NLA_F_NESTED, which older parts of iproute2 leave out;
 * - the NUL behind a string, which may be there or not;
 * - the order of attributes in a nest. A decoded object keeps the order, unless an attribute is repeated or there are two pairs of
 *   name and data, so most messages come out in order; the comparison does not insist on it.
 */

const NLA_TYPE_MASK = 0x3fff;

export interface Attribute {
  readonly type: number;
  readonly payload: Buffer;
}

/** Sizes of what may stand before the attributes: nothing, or a struct. */
const headers = [0, 4, 8, 12, 16, 20, 24];

/** `undefined` when the bodies say the same, else where they do not. */
export function sameBody(theirs: Buffer, ours: Buffer): string | undefined {
  return same(theirs, ours) ? undefined : `theirs ${theirs.toString('hex')}, ours ${ours.toString('hex')}`;
}

function same(a: Buffer, b: Buffer): boolean {
  if (a.equals(b) || sameString(a, b)) return true;
  return headers.some((size) => {
    if (!a.subarray(0, size).equals(b.subarray(0, size))) return false;
    const left = attributesOf(a.subarray(size));
    const right = attributesOf(b.subarray(size));
    return left !== undefined && right !== undefined && sameAttributes(left, right);
  });
}

/** Two strings, one of them with a NUL behind it. Shorter ones could as well be integers of different widths. */
function sameString(a: Buffer, b: Buffer): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length < 2 || long.length !== short.length + 1 || long.at(-1) !== 0 || !long.subarray(0, -1).equals(short)) return false;
  return short.every((byte) => byte >= 0x20 && byte < 0x7f);
}

function sameAttributes(left: readonly Attribute[], right: readonly Attribute[]): boolean {
  if (left.length !== right.length) return false;
  const rest = [...right];
  return left.every(({ type, payload }) => {
    const i = rest.findIndex((other) => other.type === type && same(payload, other.payload));
    if (i < 0) return false;
    rest.splice(i, 1);
    return true;
  });
}

/** The attributes that a payload consists of, or `undefined` when it is something else. */
export function attributesOf(bytes: Buffer): Attribute[] | undefined {
  if (bytes.length === 0) return undefined;
  const list: Attribute[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 4) return undefined;
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > bytes.length) return undefined;
    list.push({ type: bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK, payload: bytes.subarray(at + 4, at + length) });
    at += (length + 3) & ~3;
  }
  return list;
}
