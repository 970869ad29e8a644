/**
 * Which test files `npm test` runs under which kernel: what the machine's own kernel can lack, as far as it takes a few minutes (an emulated
 * processor takes about ten times as long). All of them, on both: `npm run test:kernels`.
 *
 * Every kind of links runs on one of the kernels at least (scripts/kernels/kinds.ts).
 */
import type { kernelNames } from './kernels.ts';

type Chosen = (typeof kernelNames)[number];

const chosen: Readonly<Record<Chosen, readonly string[]>> = {
  'linux-6.1': ['kinds-others', 'kinds-tunnels', 'rtnl-addresses', 'rtnl-bridge-vlans', 'rtnl-encap'],
  'linux-6.12': [
    'differential-links',
    'kinds-ethernet',
    'kinds-others',
    'kinds-tun',
    'network-cni-kinds',
    'network-drivers',
    'nft-modules',
    'rtnl-encap',
    'rtnl-mdb',
    'rtnl-mpls',
    'rtnl-tc-kinds',
  ],
};

/** The files to run under a kernel, by their path in the tree. */
export function chosenTests(kernel: Chosen): readonly string[] {
  return chosen[kernel].map((name) => `test/integration/${name}.test.ts`);
}
