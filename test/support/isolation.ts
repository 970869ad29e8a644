/**
 * Keeps the integration tests away from the machine's own network. Vitest loads this file before every integration test file.
 *
 * `npm run test:integration` and `scripts/isolated.sh` make the namespaces that satisfy it.
 */
import { readlinkSync } from 'node:fs';

/** The namespace of process 1, or `undefined` where this process has no power over it and so may not even look. */
function machineNamespace(kind: 'net' | 'mnt'): string | undefined {
  try {
    return readlinkSync(`/proc/1/ns/${kind}`);
  } catch {
    return undefined;
  }
}

for (const kind of ['net', 'mnt'] as const)
  if (readlinkSync(`/proc/self/ns/${kind}`) === machineNamespace(kind))
    throw new Error(
      `integration tests change the network and must not run in the ${kind} namespace of the machine: use \`npm run test:integration\``,
    );
