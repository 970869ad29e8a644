/** Which test files `npm test` runs under which kernel. All of them, on both: `npm run test:kernels`. */
import type { KernelName } from './kernels.ts';

export const chosenTests: Readonly<Record<KernelName, readonly string[]>> = {
  'linux-6.1': ['test/integration/rtnl-addresses.test.ts'],
  'linux-6.12': ['test/integration/differential-links.test.ts'],
};
