import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Emulated machines (scripts/kernels) are that much slower. */
const timeoutFactor = Number(process.env['NETLOOM_TIMEOUT_FACTOR'] ?? 1);
const sources = fileURLToPath(new URL('src', import.meta.url));
const withoutFfi = 'test/unit/testing.test.ts';

export default defineConfig({
  resolve: {
    // as "paths" in tsconfig.json: the package's name leads to its sources
    alias: [
      { find: /^netloom$/, replacement: `${sources}/index.ts` },
      { find: /^netloom\/(\w+)$/, replacement: `${sources}/$1/index.ts` },
    ],
  },
  test: {
    // the default, a second, is less than a busy machine takes at times
    expect: { poll: { timeout: 30_000 * timeoutFactor } },
    // `npm test` runs the same files many times; what they become is kept in node_modules
    experimental: { fsModuleCache: true },
    projects: [
      {
        // no privileges, no kernel: runs anywhere
        extends: true,
        // the longest start programs, and machines are busy
        // modules are shared between files, which takes half of the time; the default is one worker less than there are processors
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: [withoutFfi],
          testTimeout: 60_000,
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        // what others wrote down: the kernel's headers and policies, nft's own test suite
        extends: true,
        test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'], testTimeout: 60_000, isolate: false, maxWorkers: 2 },
      },
      {
        // shows that nothing loads the FFI, which other files do
        extends: true,
        test: { name: 'unit-alone', include: [withoutFfi], testTimeout: 60_000, sequence: { groupOrder: 3 } },
      },
      {
        // what the compiler must accept, infer and refuse
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            checker: 'tsc',
            tsconfig: 'tsconfig.json',
            include: ['test/types/**/*.test-d.ts'],
            // errors outside the type tests are the typecheck step's business
            ignoreSourceErrors: true,
          },
        },
      },
      {
        // the package as it is published: after a build; its processes read links and change nothing
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/package/setup.ts'],
          testTimeout: 400_000,
          hookTimeout: 400_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // the real kernel: run through `npm run test:integration`, which makes namespaces of its own first
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles: ['test/support/isolation.ts', 'test/support/transport.ts'],
          // a process a file: namespaces belong to threads, and each file enters its own
          pool: 'forks',
          // they wait a good part of the time: for the kernel, and for packets
          maxWorkers: availableParallelism() + 1,
          // some take ten seconds, on a quiet machine; others may be about to take all of its processors
          testTimeout: 150_000 * timeoutFactor,
          hookTimeout: 150_000 * timeoutFactor,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
