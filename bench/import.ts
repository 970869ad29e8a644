/** Import of the package in a fresh process, against an empty module. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from './measure.ts';
import { script } from './program.ts';

export function importBenchmark(): Benchmark {
  const folder = mkdtempSync(join(tmpdir(), 'netloom-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const empty = join(folder, 'empty.mjs');
  writeFileSync(empty, '');
  const entry = (path: string): string => new URL(`../dist/${path}`, import.meta.url).href;
  return {
    name: 'import',
    unit: 'ms',
    rounds: 15,
    peers: [
      { name: 'netloom', run: () => script('import', entry('index.js')) },
      { name: 'netloom/netlink', run: () => script('import', entry('netlink/index.js')) },
      { name: 'netloom/rtnl', run: () => script('import', entry('rtnl/index.js')) },
      { name: 'netloom/nft', run: () => script('import', entry('nft/index.js')) },
      { name: 'netloom/conntrack', run: () => script('import', entry('conntrack/index.js')) },
      { name: 'an empty module', run: () => script('import', empty) },
      { name: 'node:child_process', run: () => script('import', 'node:child_process') },
    ],
  };
}
