/**
 * `npm run bench`: every benchmark in namespaces of its own, peers in turns, ratios as a table. The figures are kept in
 * bench/results, or with `--json FILE` there; other arguments choose benchmarks by a part of their name.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attachBenchmark } from './attach.ts';
import { getLinkBenchmark } from './getlink.ts';
import { importBenchmark } from './import.ts';
import { type Benchmark, measure, print, type Result } from './measure.ts';
import { monitorBenchmark, monitorLostBenchmark } from './monitor.ts';
import { networkAttachBenchmark, networkDetachBenchmark, networkTogetherBenchmark } from './network.ts';
import { nftAddBenchmark, nftListBenchmark } from './nft.ts';
import { addBenchmark, dumpBenchmark, dumpLagBenchmark, memoryBenchmark } from './routes.ts';
import { idleBenchmark, lockLagBenchmark, manyBenchmark, wakeBenchmark } from './wait.ts';

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
const started = new Date().toISOString();
const json = args.includes('--json')
  ? args.splice(args.indexOf('--json'), 2)[1]
  : fileURLToPath(new URL(`results/${started.replaceAll(':', '-')}.json`, import.meta.url));
const makers: readonly (readonly [string, () => Benchmark])[] = [
  ['import', importBenchmark],
  ['getlink', getLinkBenchmark],
  ['dump', dumpBenchmark],
  ['add', addBenchmark],
  ['lag-dump', dumpLagBenchmark],
  ['lag-lock', lockLagBenchmark],
  ['many', manyBenchmark],
  ['wake', wakeBenchmark],
  ['idle', idleBenchmark],
  ['memory', memoryBenchmark],
  ['monitor', monitorBenchmark],
  ['monitor-lost', monitorLostBenchmark],
  ['attach', attachBenchmark],
  ...(['elements', 'intervals', 'rules'] as const).flatMap((load): [string, () => Benchmark][] => [
    [`nft-add-${load}`, () => nftAddBenchmark(load)],
    [`nft-list-${load}`, () => nftListBenchmark(load)],
  ]),
  ['network-attach', networkAttachBenchmark],
  ['network-detach', networkDetachBenchmark],
  ['network-together', networkTogetherBenchmark],
];
const unknown = args.filter((wanted) => !makers.some(([name]) => name.includes(wanted.toLowerCase())));
if (unknown.length > 0) {
  console.error(`no benchmark is called ${unknown.join(', ')}; there are ${makers.map(([name]) => name).join(', ')}`);
  process.exit(2);
}
const results: Result[] = [];
console.log(`node ${process.version}, kernel ${release()}, ${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(2)}`);
for (const [name, make] of makers) {
  if (args.length > 0 && !args.some((wanted) => name.includes(wanted.toLowerCase()))) continue;
  const result = await measure(make());
  print(result);
  results.push(result);
}
if (json !== undefined) {
  mkdirSync(dirname(json), { recursive: true });
  const machine = { node: process.version, kernel: release(), cpu: cpus()[0]?.model, cores: cpus().length };
  writeFileSync(json, `${JSON.stringify({ started, ...machine, results }, undefined, 2)}\n`);
  console.log(`\nfigures kept in ${json}`);
}
process.exit(0);
