/** 100,000 IPv4 routes: dumped to objects, and added one by one and all at once; a million read as a stream. */
import { execFileSync } from 'node:child_process';
import { compile, compilerPackages } from './compile.ts';
import type { Benchmark, Peer } from './measure.ts';
import { figureOf, script, timed } from './program.ts';

const routes = 100_000;
const link = 'bench0';

/** A link that is up, so that routes can point at it. */
function makeLink(): void {
  execFileSync('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'bench1']);
  for (const name of [link, 'bench1']) execFileSync('ip', ['link', 'set', name, 'up']);
}

/** The routes go with it. */
function removeLink(): void {
  execFileSync('ip', ['link', 'delete', link]);
}

function batchLines(count: number): string {
  const address = (i: number): string => `10.${((i + 1) >> 16) & 255}.${((i + 1) >> 8) & 255}.${(i + 1) & 255}`;
  return Array.from({ length: count }, (_, i) => `route add ${address(i)}/32 dev ${link} proto static scope link`).join('\n');
}

/** Fills the table by the fastest means there is. */
function fill(program: string | undefined, count: number): void {
  makeLink();
  if (program === undefined) timed(['ip', '-batch', '-'], batchLines(count));
  else figureOf(program, link, String(count), '128');
}

const microsecondsOf = (command: readonly string[], use: (stdout: string) => unknown = () => undefined): number => {
  const start = performance.now();
  use(timed(command).stdout);
  return ((performance.now() - start) * 1000) / routes;
};

export function dumpBenchmark(): Benchmark {
  const add = compile('routes-add');
  const dump = compile('routes-dump');
  return {
    name: `dump ${routes} IPv4 routes`,
    unit: 'us a route',
    rounds: 5,
    prepare: () => fill(add, routes),
    finish: removeLink,
    peers: [
      { name: 'netloom, list', run: () => script('routes-dump', 'list') },
      { name: 'netloom, stream', run: () => script('routes-dump', 'stream') },
      { name: 'netloom, sync list', run: () => script('routes-dump', 'sync') },
      { name: 'netloom, sync stream', run: () => script('routes-dump', 'sync-stream') },
      { name: 'the floor: received in C, not decoded', install: compilerPackages, run: () => figureOf(dump, 'floor') },
      { name: 'libmnl in C, decoded to a struct', install: compilerPackages, run: () => figureOf(dump, 'decode') },
      { name: 'ip route, its text read', install: 'apt-get install iproute2', run: () => microsecondsOf(['ip', 'route']) },
      {
        name: 'ip -j route and JSON.parse',
        install: 'apt-get install iproute2',
        run: () => microsecondsOf(['ip', '-j', 'route'], JSON.parse),
      },
      {
        name: 'npm netlink, getRoutes',
        install: 'npm install --prefix bench',
        run: () => script('netlink-dump'),
      },
    ],
  };
}

/** Each on a link of its own, which is not timed. */
function onNewLink(run: () => number | undefined): Peer['run'] {
  return () => {
    makeLink();
    try {
      return run();
    } finally {
      removeLink();
    }
  };
}

export function addBenchmark(): Benchmark {
  const add = compile('routes-add');
  const lines = batchLines(routes);
  return {
    name: `add ${routes} IPv4 routes`,
    unit: 'us a route',
    rounds: 5,
    peers: [
      { name: 'netloom, Promise.all', run: onNewLink(() => script('routes-add', link, String(routes), 'all')) },
      { name: 'netloom, sync, one by one', run: onNewLink(() => script('routes-add', link, String(routes), 'sync')) },
      {
        name: 'libmnl in C, 128 a datagram, ack on the last',
        install: compilerPackages,
        run: onNewLink(() => figureOf(add, link, String(routes), '128')),
      },
      {
        name: 'libmnl in C, one by one',
        install: compilerPackages,
        run: onNewLink(() => figureOf(add, link, String(routes), '1')),
      },
      {
        name: 'ip -batch',
        install: 'apt-get install iproute2',
        run: onNewLink(() => (timed(['ip', '-batch', '-'], lines).milliseconds * 1000) / routes),
      },
    ],
  };
}

export function memoryBenchmark(): Benchmark {
  const add = compile('routes-add');
  return {
    name: 'memory of reading 1000000 IPv4 routes',
    unit: 'MiB at the peak',
    rounds: 3,
    prepare: () => fill(add, 1_000_000),
    finish: removeLink,
    peers: [
      { name: 'netloom, stream', run: () => script('memory', 'stream') },
      { name: 'netloom, list', run: () => script('memory', 'list') },
    ],
  };
}

export function dumpLagBenchmark(): Benchmark {
  const add = compile('routes-add');
  return {
    name: `event-loop lag while ${routes} routes are dumped again and again`,
    unit: 'ms, p99 of a run of 4 s',
    rounds: 3,
    prepare: () => fill(add, routes),
    finish: removeLink,
    peers: [
      { name: 'netloom, list', run: () => script('lag', 'list', '4') },
      { name: 'netloom, stream', run: () => script('lag', 'stream', '4') },
      { name: 'nothing but the sampler', run: () => script('lag', 'idle', '4') },
    ],
  };
}
