/** What waiting for the kernel costs the rest of the process: the event loop while others hold the RTNL lock, files beside many sockets. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Benchmark } from './measure.ts';
import { nodeNetlinkInstall, overNodeNetlink, script } from './program.ts';

/** Moves links between namespaces for as long as it lives: each move holds the RTNL lock for 10 to 20 ms. */
const mover = `
  ip netns add bench-there
  trap 'ip netns delete bench-there; exit' TERM
  while :; do
    ip link add bench-m0 type veth peer name bench-m1
    ip link set bench-m1 netns bench-there
    ip link delete bench-m0
  done`;

export function lockLagBenchmark(): Benchmark {
  let child: ChildProcess | undefined;
  return {
    name: 'event-loop lag while requests wait for the RTNL lock',
    unit: 'ms, p99 of a run of 4 s',
    rounds: 3,
    prepare: () => {
      child = spawn('sh', ['-c', mover], { stdio: 'ignore' });
    },
    finish: async () => {
      const ended = new Promise((resolve) => child?.once('close', resolve));
      child?.kill('SIGTERM');
      await ended;
    },
    peers: [
      { name: 'netloom, links.get, one after the other', run: () => script('lag', 'requests', '4') },
      { name: 'nothing but the sampler', run: () => script('lag', 'idle', '4') },
    ],
  };
}

export function manyBenchmark(): Benchmark {
  return {
    name: 'fs.readFile beside open sockets',
    unit: 'ms, p99 of 2,000 reads',
    rounds: 5,
    peers: [
      { name: 'beside 16 clients and 16 monitors', run: () => script('many', 'monitors') },
      { name: 'beside 16 clients', run: () => script('many', 'clients') },
      { name: 'beside none', run: () => script('many', 'none') },
      {
        name: 'beside 16 clients and 16 monitors, over node-netlink',
        install: nodeNetlinkInstall,
        run: () => overNodeNetlink('many', 'monitors'),
      },
      {
        name: 'beside 3 sockets of npm node-netlink (40 reads)',
        install: nodeNetlinkInstall,
        run: () => script('node-netlink-many', '3', '40'),
      },
      {
        name: 'beside 4 sockets of npm node-netlink (40 reads)',
        install: nodeNetlinkInstall,
        run: () => script('node-netlink-many', '4', '40'),
      },
    ],
  };
}

/** Without libuv's poll a monitor has to look now and then: how late that makes it. */
export function wakeBenchmark(): Benchmark {
  return {
    name: 'from a change of a link to its event in a monitor that has waited',
    unit: 'ms, median of 100',
    rounds: 3,
    peers: [
      { name: 'netloom', run: () => script('wake', 'delay') },
      { name: 'netloom over node-netlink', install: nodeNetlinkInstall, run: () => overNodeNetlink('wake', 'delay') },
    ],
  };
}

/** … and what the looking costs. */
export function idleBenchmark(): Benchmark {
  return {
    name: 'a monitor that has nothing to tell',
    unit: 'ms of CPU in 5 s',
    rounds: 3,
    peers: [
      { name: 'netloom', run: () => script('wake', 'idle') },
      { name: 'netloom over node-netlink', install: nodeNetlinkInstall, run: () => overNodeNetlink('wake', 'idle') },
      { name: 'no monitor', run: () => script('wake', 'none') },
    ],
  };
}
