/** What a codec reads, in the words of the kernel's attribute policies (NLA_U32, NLA_STRING, …), found by trying it. */
import { type Codec, NLA_F_NESTED } from '../../src/netlink/codec.ts';

/** Whether a codec can be what the kernel's policy calls `kind`. */
export function fits(codec: Codec<unknown>, kind: string): boolean {
  const least = leastPayload(codec);
  switch (kind) {
    case 'U8':
    case 'S8':
      return least === 1;
    case 'U16':
    case 'S16':
    case 'BE16':
      return least === 2;
    case 'U32':
    case 'S32':
    case 'BE32':
    case 'BITFIELD32':
      return least === (kind === 'BITFIELD32' ? 8 : 4);
    case 'U64':
    case 'S64':
    case 'MSECS':
      return least === 8;
    case 'UINT':
    case 'SINT':
      return codec.label === 'uint' || codec.label === 'sint';
    case 'FLAG':
      return codec.label === 'flag';
    case 'STRING':
    case 'NUL_STRING':
      return typeof sample(codec, Buffer.from('ab\0')) === 'string';
    case 'NESTED':
    case 'NESTED_ARRAY':
      return (codec.typeFlags & NLA_F_NESTED) !== 0;
    default:
      // BINARY, UNSPEC, REJECT: of any shape, but no string, which has a kind of its own
      return true;
  }
}

/** The fewest bytes that the codec reads; `undefined` when it reads none up to 64. */
export function leastPayload(codec: Codec<unknown>): number | undefined {
  for (let length = 0; length <= 64; length++) if (sample(codec, Buffer.alloc(length)) !== undefined) return length;
  return undefined;
}

function sample(codec: Codec<unknown>, payload: Buffer): unknown {
  if (payload.length < (codec.inline?.minimum ?? 0)) return undefined;
  try {
    return codec.decode(payload, 0, payload.length);
  } catch {
    return undefined;
  }
}
