/** What the step of `npm test` with other kernels is made of (scripts/kernels), as far as it takes no machine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bundleTests, testFiles } from '../../scripts/kernels/bundle.ts';
import { kernelNames } from '../../scripts/kernels/kernels.ts';
import { coverage } from '../../scripts/kernels/kinds.ts';
import type { RunResult } from '../../scripts/kernels/run.ts';
import { chosenTests } from '../../scripts/kernels/selection.ts';
import { onceMoreAfterCrash } from '../../scripts/kernels/step.ts';

const tree = fileURLToPath(new URL('../..', import.meta.url));

test.each(kernelNames)('the files chosen for %s are there', (kernel) => {
  expect(chosenTests(kernel).filter((file) => !existsSync(join(tree, file)))).toEqual([]);
});

test('files are chosen by parts of their paths', () => {
  expect(testFiles(tree, ['kinds-tun.', 'rtnl-fdb'])).toEqual(['test/integration/kinds-tun.test.ts', 'test/integration/rtnl-fdb.test.ts']);
  expect(testFiles(tree, []).length).toBeGreaterThan(30);
  expect(testFiles(tree, ['no such file'])).toEqual([]);
});

// machines are run by Node.js alone, and esbuild starts a program
test.skipIf('Deno' in globalThis || 'Bun' in globalThis)(
  'a bundle has the files, the reporter and a configuration, and is removed',
  async () => {
    const { config, reporter, remove } = await bundleTests(tree, ['test/integration/kinds-tun.test.ts'], 15);
    try {
      const { default: configuration } = (await import(config)) as { default: { root: string; test: { testTimeout: number } } };
      expect(configuration.test.testTimeout).toBe(900_000);
      expect(existsSync(reporter)).toBe(true);
      expect(existsSync(join(configuration.root, 'test/integration/kinds-tun.test.mjs'))).toBe(true);
    } finally {
      remove();
    }
    expect(existsSync(config)).toBe(false);
  },
);

test('a kind that no kernel ran is a problem, unless it is known why; one that ran though it cannot is one as well', () => {
  const nothing = coverage(tree, new Map([['linux-6.1', []]]));
  expect(nothing.problems).toContain('no kernel ran the kind vxlan');
  expect(nothing.problems).not.toContainEqual(expect.stringContaining('kind bareudp'));
  expect(nothing.lines).toContainEqual(expect.stringMatching(/CONFIG_BAREUDP: bareudp$/));
  const some = coverage(
    tree,
    new Map([
      ['linux-6.1', ['vxlan', 'vlan']],
      ['linux-6.12', ['vxlan', 'bareudp']],
    ]),
  );
  expect(some.lines).toContain('on linux-6.1 and linux-6.12: vxlan');
  expect(some.lines).toContain('on linux-6.1: vlan');
  expect(some.problems).not.toContainEqual(expect.stringContaining('vxlan'));
  expect(some.problems).toContain('a kernel ran the kind bareudp: linux-6.12');
});

test('after a crash of the kernel all runs once more, and that is told; no other failure is tried again', async () => {
  const result = (failed: number, why?: string, crashed?: boolean): RunResult => ({
    ...{ passed: 3, failed, skipped: 0, failures: [], lacking: new Map(), kinds: [] },
    ...(why === undefined ? {} : { why }),
    ...(crashed === undefined ? {} : { crashed }),
  });
  const ran = async (...results: RunResult[]): Promise<unknown> => {
    const told: string[] = [];
    const { failed } = await onceMoreAfterCrash(
      () => Promise.resolve(results.shift() as RunResult),
      (why) => told.push(why),
    );
    return [failed, told, results.length];
  };
  const crash = result(1, 'the machine ended: Kernel panic', true);
  expect(await ran(result(0), result(9))).toEqual([0, [], 1]);
  expect(await ran(crash, result(0), result(9))).toEqual([0, ['the machine ended: Kernel panic'], 1]);
  expect(await ran(crash, crash, result(0))).toEqual([1, ['the machine ended: Kernel panic'], 1]);
  expect(await ran(result(1, 'the machine ended after 900 s', false), result(0))).toEqual([1, [], 1]);
  expect(await ran(result(2), result(0))).toEqual([2, [], 1]);
});
