/** 40,000 changes of routes, made as fast as netloom can: what hearing one costs a process, and how many are lost. */
import type { Benchmark } from './measure.ts';
import { script } from './program.ts';

const changes = 40_000;

function benchmark(name: string, unit: string, figure: 'cpu' | 'lost'): Benchmark {
  const run = (mode: string) => (): number | undefined => script('monitor', mode, figure, String(changes));
  return {
    name,
    unit,
    rounds: 5,
    peers: [
      { name: 'netloom, objects', run: run('netloom') },
      { name: 'netloom, objects and a picture of them', run: run('resync') },
      { name: 'ip monitor route, its text read by nobody', install: 'apt-get install iproute2', run: run('ip') },
      { name: 'npm netlink, objects (all lost: it aborted)', install: 'npm install --prefix bench; or it aborted', run: run('netlink') },
    ],
  };
}

export function monitorBenchmark(): Benchmark {
  return benchmark(`monitor ${changes} changes of routes`, 'us of CPU an event', 'cpu');
}

export function monitorLostBenchmark(): Benchmark {
  return benchmark(`monitor ${changes} changes of routes: lost`, 'events', 'lost');
}
