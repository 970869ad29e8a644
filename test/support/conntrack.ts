/** conntrack(8) as a witness: what it lists, taken apart, and what it sends. */
import { tool, type Where } from './oracle.ts';

/** An entry as `conntrack -L -o extended,id,labels` prints it; numbers are numbers. */
export interface ConntrackEntry {
  readonly family: string;
  readonly protocol: number;
  readonly timeout?: number;
  readonly state?: string;
  readonly original: Readonly<Record<string, string | number>>;
  readonly reply: Readonly<Record<string, string | number>>;
  /** What is in brackets: ASSURED, UNREPLIED, … */
  readonly flags: readonly string[];
  readonly rest: Readonly<Record<string, string | number>>;
}

const ofTuple = new Set([
  'src',
  'dst',
  'sport',
  'dport',
  'type',
  'code',
  'srckey',
  'dstkey',
  'packets',
  'bytes',
  'zone-orig',
  'zone-reply',
]);

function numberOrText(text: string): string | number {
  return /^(0x[0-9a-f]+|\d+)$/.test(text) ? Number(text) : text;
}

/** Takes a line apart. */
export function parseEntry(line: string): ConntrackEntry {
  const words = line.trim().split(/\s+/);
  const at = words.findIndex((word) => word.startsWith('src='));
  const [family, , , protocol, ...head] = words.slice(0, at);
  const tuples: Record<string, string | number>[] = [];
  const rest: Record<string, string | number> = {};
  const flags: string[] = [];
  for (const word of words.slice(at)) {
    const flag = /^\[(\w+)\]$/.exec(word);
    if (flag !== null) {
      flags.push(flag[1]!);
      continue;
    }
    const [key, value] = [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)];
    if (key === 'src') tuples.push({});
    const tuple = tuples.at(-1)!;
    // echo requests have an id, and so has the entry as a whole
    const inTuple = ofTuple.has(key) || (key === 'id' && 'type' in tuple && !('id' in tuple));
    (inTuple ? tuple : rest)[key] = numberOrText(value);
  }
  const timeout = head.find((word) => /^\d+$/.test(word));
  const state = head.find((word) => /^[A-Z]/.test(word));
  return {
    family: family!,
    protocol: Number(protocol),
    ...(timeout === undefined ? {} : { timeout: Number(timeout) }),
    ...(state === undefined ? {} : { state }),
    original: tuples[0]!,
    reply: tuples[1]!,
    flags,
    rest,
  };
}

/** The entries that conntrack(8) lists, of both families. */
export function conntrackList(where: Where, ...options: readonly string[]): ConntrackEntry[] {
  return ['ipv4', 'ipv6'].flatMap((family) =>
    tool(['conntrack', '-L', '-f', family, '-o', 'extended,id,labels', ...options], where)
      .split('\n')
      .filter((line) => line.includes('src='))
      .map(parseEntry),
  );
}
