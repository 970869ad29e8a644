/** An /etc of the tests' own: the machine's is changed for nobody. */
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limit, sh } from './oracle.ts';

/** Test files share a mount namespace: one has its own /etc at a time. */
const turn = '/run/netloom-own-etc';

/** Puts a copy of /etc over it, in the mount namespace of the tests. @returns what takes it away */
export async function ownEtc(): Promise<() => void> {
  const deadline = performance.now() + limit;
  for (;;) {
    try {
      mkdirSync(turn);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const copy = mkdtempSync(join(tmpdir(), 'netloom-'));
  sh(`mount -t tmpfs -o mode=755 tmpfs ${copy} && { cp -a /etc/. ${copy} 2>&1 || true; } && mount --bind ${copy} /etc`);
  return () => {
    // lazily: programs of other tests may have a file of it open at this moment
    sh(`umount --lazy /etc && umount --lazy ${copy}`);
    rmSync(copy, { recursive: true });
    rmdirSync(turn);
  };
}
