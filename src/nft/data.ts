/** The values that registers hold: bytes, or a verdict. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_DATA_*, NFTA_VERDICT_*). */
import { attr, attributeSize, attributes, describeAttributes, encodeAttribute } from '../netlink/attributes.ts';
import { type Codec, codec, type Infer, NLA_F_NESTED, NLA_TYPE_MASK } from '../netlink/codec.ts';
import { type EnumerationCodec, enumeration } from '../netlink/enumeration.ts';
import { MalformedMessageError } from '../netlink/errors.ts';
import { be32, sbe32 } from '../netlink/scalar.ts';
import { bytes, string } from '../netlink/text.ts';

const verdictValues = {
  drop: 0,
  accept: 1,
  stolen: 2,
  queue: 3,
  repeat: 4,
  stop: 5,
  continue: -1,
  break: -2,
  jump: -3,
  goto: -4,
  return: -5,
} as const;

/** NF_* and NFT_* verdicts, as nft(8) names them. */
export const verdictCode: EnumerationCodec<typeof verdictValues> = enumeration(sbe32, verdictValues);

const verdict_ = attributes('NFTA_VERDICT', () => ({
  /** What becomes of the packet. */
  code: attr('NFTA_VERDICT_CODE', 1, verdictCode),
  /** Where `jump` and `goto` lead. */
  chain: attr('NFTA_VERDICT_CHAIN', 2, string(255)),
  /** The same for a chain made in this transaction. */
  chainId: attr('NFTA_VERDICT_CHAIN_ID', 3, be32),
}));
/** What becomes of a packet: `{ code: 'accept' }`, `{ code: 'jump', chain: 'web' }`. */
export interface Verdict extends Infer<typeof verdict_> {}
export const verdict: Codec<Verdict> = verdict_;

/** Content of a register: bytes as they lie in the packet, or a verdict. */
export type Data = Uint8Array | Verdict;

const value = attr('NFTA_DATA_VALUE', 1, bytes);
const verdictAttribute = attr('NFTA_DATA_VERDICT', 2, verdict);

const members = [value, verdictAttribute];

/** NFTA_DATA: a nest of exactly one of the two. */
export const data: Codec<Data> = codec<Data>('NFTA_DATA', {
  typeFlags: NLA_F_NESTED,
  decode(source, offset, length) {
    let result: Data | undefined;
    const end = offset + length;
    for (let at = offset; end - at >= 4; ) {
      if (result !== undefined) throw new MalformedMessageError('NFTA_DATA', at, 'one attribute');
      const size = attributeSize(source, at, end);
      const type = (source[at + 2]! | (source[at + 3]! << 8)) & NLA_TYPE_MASK;
      if (type === value.type) result = bytes.decode(source, at + 4, size - 4);
      else if (type === verdictAttribute.type) result = verdict.decode(source, at + 4, size - 4);
      else throw new MalformedMessageError('NFTA_DATA', at, `a value or a verdict, found type ${type}`);
      at += (size + 3) & ~3;
    }
    if (result === undefined) throw new MalformedMessageError('NFTA_DATA', offset, 'one attribute');
    return result;
  },
  encode(writer, content) {
    if (content instanceof Uint8Array) encodeAttribute(writer, 'value', value, content);
    else encodeAttribute(writer, 'verdict', verdictAttribute, content);
  },
  describe: (source, offset, length, detail) =>
    describeAttributes('NFTA_DATA', source, offset, length, detail, (type) => members.find((member) => member.type === type)),
});

/** Whether `content` is a verdict and not bytes. */
export function isVerdict(content: Data): content is Verdict {
  return !(content instanceof Uint8Array);
}
