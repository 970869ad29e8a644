/** Which test files `npm test` runs under which kernel. All of them, on both: `npm run test:kernels`. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KernelName } from './kernels.ts';

const folder = 'test/integration';
const path = fileURLToPath(new URL(`../../${folder}`, import.meta.url));

/** Files that say what they need of a kernel, and need nothing but what every kernel has. */
const needEnough: readonly string[] = ['differential-links.test.ts'];

/** The files to run under a kernel, by their path in the tree. */
export function chosenTests(kernel: KernelName): readonly string[] {
  if (kernel === 'linux-6.1') return [`${folder}/rtnl-addresses.test.ts`];
  // what says that it needs a kind or a feature is what the machine's own kernel may have skipped
  return readdirSync(path)
    .filter((name) => name.endsWith('.test.ts') && !needEnough.includes(name))
    .filter((name) => /\bneeds(\(|:)/.test(readFileSync(`${path}/${name}`, 'utf8')))
    .map((name) => `${folder}/${name}`)
    .concat(`${folder}/rtnl-links.test.ts`);
}
