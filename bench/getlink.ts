/** getLink of `lo`: netloom, synchronously and asynchronously, against libmnl in C, the npm package `netlink`, and a spawned `ip`. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { compile, compilerPackages } from './compile.ts';
import type { Benchmark } from './measure.ts';
import { rtnl } from './subject.ts';

const requests = 20_000;

function microseconds(start: bigint, count: number): number {
  return Number(process.hrtime.bigint() - start) / 1000 / count;
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

export async function getLinkBenchmark(): Promise<Benchmark> {
  const program = compile('getlink');
  const peer = npmNetlink();
  const sync = rtnl.openSync();
  const async = await rtnl.open();
  return {
    name: 'getLink lo',
    unit: 'us a request',
    rounds: 5,
    peers: [
      {
        name: 'netloom, sync',
        run: () => {
          const start = process.hrtime.bigint();
          for (let i = 0; i < requests; i++) sync.links.get('lo');
          return microseconds(start, requests);
        },
      },
      {
        name: 'netloom, async, one after the other',
        run: async () => {
          const start = process.hrtime.bigint();
          for (let i = 0; i < requests / 4; i++) await async.links.get('lo');
          return microseconds(start, requests / 4);
        },
      },
      {
        name: 'netloom, async, 100 at a time',
        run: async () => {
          const start = process.hrtime.bigint();
          for (let i = 0; i < requests / 100; i++) await Promise.all(Array.from({ length: 100 }, () => async.links.get('lo')));
          return microseconds(start, requests);
        },
      },
      {
        name: 'libmnl in C',
        install: compilerPackages,
        run: () => (program === undefined ? undefined : Number(execFileSync(program, [String(requests)], { encoding: 'utf8' }))),
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
