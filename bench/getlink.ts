/** getLink of `lo`: netloom, synchronously and asynchronously, against libmnl in C, the npm package `netlink`, and a spawned `ip`. */
import { execFileSync } from 'node:child_process';
import { compile, compilerPackages } from './compile.ts';
import type { Benchmark } from './measure.ts';
import { figureOf, nodeNetlinkInstall, overNodeNetlink, script } from './program.ts';

const requests = 20_000;

function microseconds(start: bigint, count: number): number {
  return Number(process.hrtime.bigint() - start) / 1000 / count;
}

function netloom(mode: 'sync' | 'async' | 'batch', count: number): number | undefined {
  return script('getlink', mode, String(count));
}

export function getLinkBenchmark(): Benchmark {
  const program = compile('getlink');
  return {
    name: 'getLink lo',
    unit: 'us a request',
    rounds: 7,
    peers: [
      { name: 'netloom, sync', run: () => netloom('sync', requests) },
      { name: 'netloom, async, one after the other', run: () => netloom('async', requests / 4) },
      { name: 'netloom, async, 100 at a time', run: () => netloom('batch', requests) },
      {
        name: 'netloom over node-netlink, sync',
        install: nodeNetlinkInstall,
        run: () => overNodeNetlink('getlink', 'sync', String(requests)),
      },
      {
        name: 'netloom over node-netlink, async, one by one',
        install: nodeNetlinkInstall,
        run: () => overNodeNetlink('getlink', 'async', String(requests / 4)),
      },
      {
        name: 'netloom over node-netlink, async, 100 at a time',
        install: nodeNetlinkInstall,
        run: () => overNodeNetlink('getlink', 'batch', String(requests)),
      },
      {
        name: 'libmnl in C',
        install: compilerPackages,
        run: () => figureOf(program, String(requests)),
      },
      {
        name: 'npm netlink',
        install: 'npm install --prefix bench',
        run: () => script('netlink-getlink', String(requests / 10)),
      },
      {
        name: 'npm node-netlink, its own talk',
        install: nodeNetlinkInstall,
        run: () => script('node-netlink-getlink', String(requests / 10)),
      },
      {
        name: 'ip -j link show lo, spawned',
        install: 'apt-get install iproute2',
        run: () => {
          const start = process.hrtime.bigint();
          for (let i = 0; i < 50; i++) JSON.parse(execFileSync('ip', ['-j', 'link', 'show', 'lo'], { encoding: 'utf8' }));
          return microseconds(start, 50);
        },
      },
    ],
  };
}
