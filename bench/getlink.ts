/** getLink of `lo`: netloom, synchronously and asynchronously, against libmnl in C, the npm package `netlink`, and a spawned `ip`. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compile, compilerPackages } from './compile.ts';
import type { Benchmark } from './measure.ts';

const requests = 20_000;

function microseconds(start: bigint, count: number): number {
  return Number(process.hrtime.bigint() - start) / 1000 / count;
}

/** A process that prints its own figure. */
function figureOf(program: string, ...args: string[]): number {
  return Number(execFileSync(program, args, { encoding: 'utf8' }));
}

/** netloom in a fresh process: what one use does to the compiler must not show in the figures of another. */
function netloom(mode: 'sync' | 'async' | 'batch', count: number): number {
  return figureOf(process.execPath, fileURLToPath(new URL('peers/getlink.mjs', import.meta.url)), mode, String(count));
}

interface NpmNetlink {
  createRtNetlink(options?: object): { getLink(header: object, attributes: object): Promise<unknown>; socket: { close(): void } };
}

function npmNetlink(): NpmNetlink | undefined {
  try {
    return createRequire(import.meta.url)('netlink') as NpmNetlink;
  } catch {
    return undefined;
  }
}

export function getLinkBenchmark(): Benchmark {
  const program = compile('getlink');
  const peer = npmNetlink();
  return {
    name: 'getLink lo',
    unit: 'us a request',
    rounds: 7,
    peers: [
      { name: 'netloom, sync', run: () => netloom('sync', requests) },
      { name: 'netloom, async, one after the other', run: () => netloom('async', requests / 4) },
      { name: 'netloom, async, 100 at a time', run: () => netloom('batch', requests) },
      {
        name: 'libmnl in C',
        install: compilerPackages,
        run: () => (program === undefined ? undefined : figureOf(program, String(requests))),
      },
      {
        name: 'npm netlink',
        install: 'npm install --prefix bench',
        run: async () => {
          if (peer === undefined) return undefined;
          const socket = peer.createRtNetlink({});
          const start = process.hrtime.bigint();
          for (let i = 0; i < requests / 10; i++) await socket.getLink({}, { ifname: 'lo' });
          const result = microseconds(start, requests / 10);
          socket.socket.close();
          return result;
        },
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
