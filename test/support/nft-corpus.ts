/** The cases of nftables' own test suite that a working place may have beside the tree: what this kernel and nft made of them. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../../shared/nft/corpus.public.jsonl', import.meta.url));

export interface CorpusCase {
  readonly id: string;
  readonly family: string;
  /** As nft(8) reads it. */
  readonly rule: string;
  /** What nft makes of it. */
  readonly payload: readonly string[];
  readonly payload_list?: readonly string[];
  /** Messages of the kernel without their nlmsghdr, in hexadecimal. */
  readonly kernel?: {
    readonly rule?: readonly string[];
    readonly set?: readonly string[];
    /** By the name of the set. */
    readonly elem?: Readonly<Record<string, readonly string[]>>;
    readonly obj?: readonly string[];
  };
}

/** Whether the cases are there. */
export const corpusPresent = existsSync(path);
if (!corpusPresent) console.log(`${path} is absent: 1,917 further cases are not tried`);

export function corpus(): CorpusCase[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CorpusCase);
}

/** The cases by their id. */
export function corpusById(): Map<string, CorpusCase> {
  return new Map(corpus().map((each) => [each.id, each]));
}

/**
 * A message that netloom encoded, and one of the kernel's, in hexadecimal and without NLA_F_NESTED: netloom sets it as nft does, and the kernel
 * leaves it out of most of what it lists.
 */
export function withoutNestedFlags(ours: Buffer, kernels: string): [ours: string, kernels: string] {
  const theirs = Buffer.from(kernels, 'hex');
  clear(ours, theirs, 4, ours.length);
  return [ours.toString('hex'), theirs.toString('hex')];
}

function clear(ours: Buffer, theirs: Buffer, from: number, end: number): void {
  for (let at = from; end - at >= 4; ) {
    const length = ours.readUInt16LE(at);
    if ((ours[at + 3]! & 0x80) !== 0) {
      for (const bytes of [ours, theirs]) if (at + 3 < bytes.length) bytes[at + 3]! &= 0x7f;
      clear(ours, theirs, at + 4, at + length);
    }
    at += (length + 3) & ~3;
  }
}
