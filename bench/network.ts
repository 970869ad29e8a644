/**
 * Attaching one container to a network, and detaching it: alone, and beside a hundred and a thousand others. Everything is in it that makes an endpoint whole: links, claim of an
 * address, address and default route, record, and a port that forwards. Beside it the same messages sent from C, which is the kernel's own share, and the veth pair alone. In turns,
 * since a busy machine makes all of them slower. And beside it what others do for the same: ip(8) in two batches, and the CNI plugin `bridge`, a process each, which Node.js
 * starts: its forks are part of those figures, some 10 ms each here.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint, Network, SyncEndpoint, SyncNetwork } from '../src/network/index.ts';
import { compile, compilerPackages } from './compile.ts';
import type { Benchmark, Peer } from './measure.ts';
import { figureOf } from './program.ts';
import { createBridge, createVethPair, deleteLink, netns, network } from './subject.ts';

const sizes = [0, 100, 1000] as const;
const times = 20;

type Space = ReturnType<typeof netns.createSync>;

/** Milliseconds that `work` takes, the median of one in each of `spaces`; `before` and `after` are not timed. */
async function medianIn<T>(
  spaces: readonly Space[],
  before: (space: Space) => Promise<T>,
  work: (what: T, space: Space) => Promise<T>,
  after: (what: T) => Promise<unknown>,
) {
  const taken: number[] = [];
  for (const space of spaces) {
    let what = await before(space);
    const start = performance.now();
    what = await work(what, space);
    taken.push(performance.now() - start);
    await after(what);
  }
  return taken.sort((a, b) => a - b)[taken.length >> 1]!;
}

function benchmark(what: 'attach' | 'detach'): Benchmark {
  const hosts = new Map<number, { host: Space; net: Network; inPlace: SyncNetwork }>();
  const compiled = compile('endpoint');
  // made once: one that goes holds the lock that the next attach needs, for as long as the kernel takes it apart
  const spaces: Space[] = [];
  const median = <T>(
    before: (space: Space) => Promise<T>,
    work: (what: T, space: Space) => Promise<T>,
    after: (what: T) => Promise<unknown>,
  ): Promise<number> => medianIn(spaces, before, work, after);
  let others: Space | undefined;
  let bare: Space | undefined;
  let store = '';
  const attach = (net: Network, space: Space): Promise<Endpoint> => net.attach({ netns: space, owner: 'measured' });
  const run = (size: number) => async (): Promise<number> => {
    const { net } = hosts.get(size)!;
    if (what === 'attach')
      return await median<Endpoint | undefined>(
        async () => undefined,
        (_, space) => attach(net, space),
        (endpoint) => endpoint!.detach(),
      );
    return await median<Endpoint>(
      (space) => attach(net, space),
      async (endpoint) => {
        await endpoint.detach();
        return endpoint;
      },
      async () => {},
    );
  };
  /** The same by the synchronous form: nothing is handed to other threads. */
  const runInPlace = (size: number) => async (): Promise<number> => {
    const { inPlace } = hosts.get(size)!;
    const attachInPlace = (space: Space): SyncEndpoint => inPlace.attach({ netns: space, owner: 'measured' });
    if (what === 'attach')
      return await median<SyncEndpoint | undefined>(
        async () => undefined,
        async (_, space) => attachInPlace(space),
        async (endpoint) => endpoint!.detach(),
      );
    return await median<SyncEndpoint>(
      async (space) => attachInPlace(space),
      async (endpoint) => {
        endpoint.detach();
        return endpoint;
      },
      async () => {},
    );
  };
  const attaching = what === 'attach';
  /** Runs a program in the namespace that has the bridge: a child starts where the thread is. */
  const inBare = (file: string, args: readonly string[], input: string, env: Record<string, string> = {}): void => {
    const { status, stderr, stdout } = bare!.run(() => spawnSync(file, args, { input, env: { ...process.env, ...env }, encoding: 'utf8' }));
    if (status !== 0) throw new Error(`${file}: ${stderr}${stdout}`);
  };
  const pathOf = (space: Space): string => `/proc/${process.pid}/fd/${space.fd}`;
  /** Commands of the walk through, create, move, enslave, configure: in two batches, since a batch is of one namespace. */
  const batches = async (space: Space): Promise<void> => {
    const outside = `link add v0 type veth peer name p0\nlink set p0 netns ${pathOf(space)}\nlink set v0 master br0\nlink set v0 up\n`;
    inBare('ip', ['-batch', '-'], outside);
    const inside = 'link set p0 name eth0\naddr add 10.20.0.2/16 dev eth0\nlink set eth0 up\nroute add default via 10.20.0.1\n';
    const { status, stderr } = space.run(() => spawnSync('ip', ['-batch', '-'], { input: inside, encoding: 'utf8' }));
    if (status !== 0) throw new Error(stderr);
  };
  const plugin = (command: 'ADD' | 'DEL', space: Space): void => {
    const ipam = { type: 'host-local', dataDir: store, ranges: [[{ subnet: '10.20.0.0/16' }]], routes: [{ dst: '0.0.0.0/0' }] };
    const config = { cniVersion: '1.0.0', name: 'web', type: 'bridge', bridge: 'cni0', isGateway: true, ipam };
    const env = { CNI_COMMAND: command, CNI_CONTAINERID: 'c', CNI_NETNS: pathOf(space), CNI_IFNAME: 'eth0', CNI_PATH: '/usr/lib/cni' };
    inBare('/usr/lib/cni/bridge', [], JSON.stringify(config), env);
  };
  const peers: Benchmark['peers'] = [
    {
      name: attaching ? 'ip -batch: create, move, enslave, configure' : 'ip link delete',
      run: () =>
        attaching
          ? median<unknown>(
              async () => undefined,
              (_, space) => batches(space),
              remove,
            )
          : median<unknown>(
              (space) => batches(space),
              async () => inBare('ip', ['link', 'delete', 'v0'], ''),
              async () => {},
            ),
    },
    {
      name: `the CNI plugin bridge, ${attaching ? 'ADD' : 'DEL'}`,
      install: 'apt-get install containernetworking-plugins',
      run: async () => {
        if (!existsSync('/usr/lib/cni/bridge')) return undefined;
        return await median<Space | undefined>(
          async (space) => {
            if (!attaching) plugin('ADD', space);
            return space;
          },
          async (_, space) => {
            plugin(attaching ? 'ADD' : 'DEL', space);
            return space;
          },
          async (space) => {
            if (attaching) plugin('DEL', space!);
          },
        );
      },
    },
  ];
  const pair = (space: Space) =>
    createVethPair({ name: 'v0', netns: bare!, master: 'br0', up: true, peer: { name: 'eth0', netns: space, up: true } });
  const remove = () => deleteLink('v0', { netns: bare! });
  return {
    name: `network: ${what} one endpoint`,
    unit: `ms an ${what}`,
    rounds: 5,
    peers: [
      ...sizes.flatMap((size): Peer[] => [
        { name: `netloom, beside ${size} others`, run: run(size) },
        { name: `netloom in place, beside ${size} others`, run: runInPlace(size) },
        {
          name: `libmnl in C, beside ${size} others`,
          install: compilerPackages,
          run: () => figureOf(compiled, what, String(size), String(times)),
        },
      ]),
      {
        name: what === 'attach' ? 'netloom, createVethPair alone' : 'netloom, deleteLink of a veth alone',
        run: async () =>
          what === 'attach'
            ? await median<unknown>(
                async () => undefined,
                (_, space) => pair(space),
                remove,
              )
            : await median<unknown>(pair, remove, async () => {}),
      },
      ...peers,
    ],
    async prepare() {
      for (let i = 0; i < times; i++) spaces.push(netns.createSync());
      others = netns.createSync();
      bare = netns.createSync();
      store = mkdtempSync(join(tmpdir(), 'netloom-bench-'));
      await createBridge({ name: 'br0', up: true, netns: bare });
      for (const size of sizes) {
        const host = netns.createSync();
        const net = await network.create({ name: 'web', subnets: ['10.20.0.0/16'], netns: host });
        hosts.set(size, { host, net, inPlace: network.openSync('web', { netns: host }) });
        for (let i = 0; i < size; i++)
          await net.attach({ netns: others, owner: `other-${i}`, ifname: `s${size}-${i}`, defaultRoute: false });
      }
    },
    finish() {
      for (const { host, net, inPlace } of hosts.values()) {
        net.close();
        inPlace.close();
        host.close();
      }
      for (const space of spaces) space.close();
      bare?.close();
      rmSync(store, { recursive: true, force: true });
      others?.close();
    },
  };
}

export function networkAttachBenchmark(): Benchmark {
  return benchmark('attach');
}

export function networkDetachBenchmark(): Benchmark {
  return benchmark('detach');
}

/**
 * Attaching at the same time: forty containers, to one network or spread over several, from one process. Beside it the same messages sent from C, by one process and by
 * four at the same time: how far the kernel itself goes, which makes and changes links under one lock.
 */
export function networkTogetherBenchmark(): Benchmark {
  const containers = 40;
  const most = 8;
  const compiled = compile('endpoint');
  const spaces: Space[] = [];
  const nets: Network[] = [];
  let host: Space | undefined;
  const run = (networks: number) => async (): Promise<number> => {
    const start = performance.now();
    const endpoints = await Promise.all(spaces.map((space, i) => nets[i % networks]!.attach({ netns: space, owner: `c${i}` })));
    const milliseconds = (performance.now() - start) / containers;
    await Promise.all(endpoints.map((endpoint) => endpoint.detach()));
    return milliseconds;
  };
  const inC = (bridges: number, processes: number): Peer => ({
    name: `libmnl in C, ${bridges === 1 ? 'one bridge' : `${bridges} bridges`}, ${processes === 1 ? 'one process' : `${processes} processes`}`,
    install: compilerPackages,
    run: () => figureOf(compiled, 'together', String(bridges), String(processes), String(containers)),
  });
  return {
    name: `network: attach ${containers} endpoints at the same time`,
    unit: 'ms an attach',
    rounds: 7,
    peers: [
      ...[1, 2, 4, most].map((networks) => ({
        name: `netloom, to ${networks === 1 ? 'one network' : `${networks} networks`}`,
        run: run(networks),
      })),
      inC(1, 1),
      inC(1, 4),
      inC(4, 4),
    ],
    async prepare() {
      host = netns.createSync();
      for (let i = 0; i < containers; i++) spaces.push(netns.createSync());
      for (let i = 0; i < most; i++) nets.push(await network.create({ name: `n${i}`, subnets: [`10.${i}.0.0/16`], netns: host }));
    },
    finish() {
      for (const net of nets) net.close();
      for (const space of spaces) space.close();
      host?.close();
    },
  };
}
