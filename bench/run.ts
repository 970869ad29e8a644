/**
 * `npm run bench`: every benchmark in namespaces of its own, peers in turns, ratios as a table. With `--json FILE` the figures
 * are written there too; other arguments choose benchmarks by a part of their name.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { attachBenchmark } from './attach.ts';
import { getLinkBenchmark } from './getlink.ts';
import { measure, print, type Result } from './measure.ts';

const marker = 'NETLOOM_BENCH_ISOLATED';

if (process.env[marker] !== '1') {
  const root = process.getuid?.() === 0;
  const flags = [...(root ? [] : ['--user', '--map-root-user']), '--net', '--mount'];
  const self = [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const { status } = spawnSync('unshare', [...flags, 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh', ...self], {
    stdio: 'inherit',
    env: { ...process.env, [marker]: '1' },
  });
  process.exit(status ?? 1);
}

const args = process.argv.slice(2);
const json = args.includes('--json') ? args.splice(args.indexOf('--json'), 2)[1] : undefined;
const makers: readonly (readonly [string, () => ReturnType<typeof getLinkBenchmark> | ReturnType<typeof attachBenchmark>])[] = [
  ['getlink', getLinkBenchmark],
  ['attach', attachBenchmark],
];
const results: Result[] = [];
console.log(`node ${process.version}, kernel ${release()}, ${cpus()[0]?.model}`);
for (const [name, make] of makers) {
  if (args.length > 0 && !args.some((wanted) => name.includes(wanted.toLowerCase()))) continue;
  const result = await measure(await make());
  print(result);
  results.push(result);
}
if (json !== undefined)
  writeFileSync(json, `${JSON.stringify({ node: process.version, kernel: release(), cpu: cpus()[0]?.model, results }, undefined, 2)}\n`);
process.exit(0);
