/**
 * Which test files `npm test` runs under which kernel: what the machine's own kernel can lack, as far as it takes a few minutes (an emulated
 * processor takes about ten times as long). All of them, on both: `npm run test:kernels`.
 */
import type { KernelName } from './kernels.ts';

const chosen: Readonly<Record<KernelName, readonly string[]>> = {
  'linux-6.1': ['rtnl-addresses', 'rtnl-bridge-vlans'],
  'linux-6.12': ['rtnl-bridge-vlans', 'rtnl-mdb', 'rtnl-mpls'],
};

/** The files to run under a kernel, by their path in the tree. */
export function chosenTests(kernel: KernelName): readonly string[] {
  return chosen[kernel].map((name) => `test/integration/${name}.test.ts`);
}
