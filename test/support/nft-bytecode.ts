/** What rules come to, in the words of nft and libnftnl: constants and sets beside what `explain` prints. */
import { verdictCode } from '../../src/nft/data.ts';
import { words } from '../../src/nft/expressions/text.ts';
import type { AnonymousSet, Expression } from '../../src/nft/index.ts';

/** The bytes that a rule compares with or loads. */
export function constants(expressions: readonly Expression[]): string[] {
  return expressions.flatMap((each) => {
    if (each.kind === 'range') return [each.data?.fromData, each.data?.toData].map(hexadecimal);
    if (each.kind === 'cmp' || each.kind === 'immediate') return [hexadecimal(each.data?.data)];
    return each.kind === 'bitwise' ? [each.data?.mask, each.data?.xor].map(hexadecimal) : [];
  });
}

function hexadecimal(of: unknown): string {
  return of instanceof Uint8Array ? Buffer.from(of).toString('hex') : '';
}

/** Flags in hexadecimal, as libnftnl prints them, of sets made by rules. */
export function flagsOf({ interval, map, fieldLengths }: AnonymousSet): string {
  const object = map !== undefined && map !== 'verdict' && 'objectType' in map;
  const flags = 3 | (interval ? 4 : 0) | (map === undefined ? 0 : object ? 0x40 : 8) | (fieldLengths === undefined ? 0 : 0x80);
  return flags.toString(16);
}

/** Elements as libnftnl prints them, in order of their text. */
export function printed({ elements }: AnonymousSet): string[] {
  const bare = (bytes: unknown): string => words(bytes as Uint8Array).replaceAll('0x', '');
  const lines = elements.map(({ key, keyEnd, data, flags }) => {
    const held =
      data === undefined ? [] : data instanceof Uint8Array ? [bare(data)] : [verdictCode.nameOf(verdictCode.valueOf(data.code!))];
    const last = keyEnd === undefined ? '' : ` - ${bare(keyEnd)}`;
    const flag = flags === undefined ? 0 : flags.includes('catchall') ? 2 : 1;
    return `${key === undefined ? '' : bare(key)}${last} : ${[...held, flag].join(' ')}`;
  });
  return lines.sort();
}
