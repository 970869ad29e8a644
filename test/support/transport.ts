/**
 * Sees that tests over node-netlink (`NETLOOM_TRANSPORT`, set by scripts/test.ts) are: netloom may not have loaded the default transport's FFI
 * there. Where a test has loaded it for itself (own-ffi.ts), that cannot be told. vitest loads this file before every integration test file.
 */
import { readFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import { ownFfiLoaded } from './own-ffi.ts';

if (process.env['NETLOOM_TRANSPORT'] === 'node-netlink') {
  afterAll(() => {
    if (ownFfiLoaded()) return;
    const libraries = new Set(readFileSync('/proc/self/maps', 'utf8').match(/\/\S+\.node$/gm));
    expect([...libraries].filter((library) => library.includes('koffi'))).toEqual([]);
  });
}
