/**
 * Sees that tests over node-netlink (`NETLOOM_TRANSPORT`, set by scripts/test.ts) are: nothing in a process of theirs may have loaded the
 * default transport's FFI. vitest loads this file before every integration test file.
 */
import { readFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';

if (process.env['NETLOOM_TRANSPORT'] === 'node-netlink') {
  afterAll(() => {
    const libraries = new Set(readFileSync('/proc/self/maps', 'utf8').match(/\/\S+\.node$/gm));
    expect([...libraries].filter((library) => library.includes('koffi'))).toEqual([]);
  });
}
