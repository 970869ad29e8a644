/** The layers of src/: imports go downwards, nothing goes round, and docs/architecture.md shows what is there. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { circles, importGraph } from '../support/imports.ts';

/** What each folder of src/ may import from, besides itself. */
const below: Readonly<Record<string, readonly string[]>> = {
  netlink: [],
  rtnl: ['netlink'],
  nft: ['netlink'],
  conntrack: ['netlink'],
  'sock-diag': ['netlink'],
  netns: ['netlink', 'rtnl'],
  draw: ['netlink'],
  network: ['netlink', 'rtnl', 'nft', 'conntrack', 'sock-diag', 'netns', 'draw'],
  builders: ['netlink', 'rtnl', 'nft', 'netns', 'network'],
  testing: ['netlink'],
};
/** The modules that the package shows to its users stand at the top. */
const isEntry = (file: string): boolean => !file.includes('/');

const graph = importGraph();
const folderOf = (file: string): string => file.split('/')[0]!;

/** Each folder that imports from another, with how many files do. */
function folders(): Map<string, Map<string, number>> {
  const all = new Map<string, Map<string, number>>();
  for (const [file, { values, others }] of graph) {
    if (isEntry(file)) continue;
    const to = new Set([...values, ...others].map(folderOf).filter((folder) => folder !== folderOf(file)));
    const counts = all.get(folderOf(file)) ?? new Map<string, number>();
    all.set(folderOf(file), counts);
    for (const folder of to) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return all;
}

describe('imports', () => {
  test('all that is imported is there', () => {
    expect(graph.size).toBeGreaterThan(500);
    const missing = [...graph].flatMap(([file, { values, others }]) =>
      [...values, ...others].filter((path) => !graph.has(path) && !path.endsWith('.d.ts')).map((path) => `${file}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test('point downwards only', () => {
    const upward = [...folders()].flatMap(([folder, counts]) =>
      [...counts.keys()].filter((other) => !below[folder]?.includes(other)).map((other) => `${folder} -> ${other}`),
    );
    expect(upward).toEqual([]);
  });

  test('do not go round: no file waits for another that waits for it', () => {
    expect(circles(new Map([...graph].map(([file, { values }]) => [file, values])))).toEqual([]);
    // that circles are found at all
    const three = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a', 'd']],
      ['d', ['d']],
      ['e', ['a']],
    ]);
    expect(circles(three)).toEqual([['d'], ['a', 'b', 'c']]);
  });

  test('koffi and what node-netlink is made of are known to netlink/sys alone', () => {
    const outside = [...graph].filter(
      ([file, { packages }]) => !file.startsWith('netlink/sys/') && packages.some((name) => /koffi|syscall|buffer2address/.test(name)),
    );
    expect(outside.map(([file]) => file)).toEqual([]);
  });

  test('are drawn in docs/architecture.md', () => {
    const docs = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
    const drawn = /```mermaid\n(flowchart[^`]*)```/.exec(docs)?.[1];
    const lines = [...folders()].flatMap(([folder, counts]) => [...counts.keys()].sort().map((other) => `  ${folder} --> ${other}`));
    expect(drawn?.trimEnd().split('\n')).toEqual(['flowchart TD', ...lines.sort()]);
  });
});
