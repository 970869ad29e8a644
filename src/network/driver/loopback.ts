/** The link `lo` of a namespace, set up. It is set down when it is detached. */
import { recordDriver } from './record-links.ts';

/** LOOPBACK_IFINDEX (include/net/flow.h): the kernel gives it in each namespace. */
const loopbackIndex = 1;

// biome-ignore lint/correctness/useYield: there is nothing to look up
export const loopbackDriver = recordDriver(function* () {
  return {
    was: 'lo',
    keepsName: true,
    // biome-ignore lint/correctness/useYield: it is there
    *make() {
      return loopbackIndex;
    },
  };
});
