/** The link `lo` of a namespace, set up. When it is detached it is set down again, unless it was up before or others need it. */
import { loopbackIndex, raiseLoopback } from './loopback-up.ts';
import { recordDriver } from './record-links.ts';

export const loopbackDriver = recordDriver(function* ({ subject }) {
  return {
    was: 'lo',
    keepsName: true,
    // biome-ignore lint/correctness/useYield: it is there
    *make() {
      return loopbackIndex;
    },
    found: () => raiseLoopback(subject),
  };
});
