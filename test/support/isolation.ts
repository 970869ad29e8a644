/**
 * Keeps the integration tests away from the machine's own network: vitest loads this file before every integration test file.
 *
 * `npm run test:integration` and `scripts/isolated.sh` make the namespaces, and say in `NETLOOM_ISOLATED` which they made; a
 * variable that reached a shell in other namespaces does not count.
 */
import { readlinkSync } from 'node:fs';

const here = `${readlinkSync('/proc/self/ns/net')} ${readlinkSync('/proc/self/ns/mnt')}`;

if (process.env['NETLOOM_ISOLATED'] !== here)
  throw new Error('integration tests change the network, and run only in namespaces made for them: use `npm run test:integration`');
