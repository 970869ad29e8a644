/**
 * Attaching one container to a network, and detaching it: alone, and beside a hundred and a thousand others. Everything is in it that makes an endpoint whole: links, claim of an
 * address, address and default route, record, and a port that forwards. Beside it the veth pair alone, which is what the kernel's own share is mostly made of. In turns,
 * since a busy machine makes all of them slower.
 */
import type { Endpoint, Network } from '../src/network/index.ts';
import type { Benchmark } from './measure.ts';
import { createBridge, createVethPair, deleteLink, netns, network } from './subject.ts';

const sizes = [0, 100, 1000] as const;
const times = 20;

type Space = ReturnType<typeof netns.createSync>;

/** Milliseconds that `work` takes, the median of some; `before` and `after` are not timed. */
async function median<T>(
  before: (space: Space) => Promise<T>,
  work: (what: T, space: Space) => Promise<T>,
  after: (what: T) => Promise<unknown>,
) {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    using space = netns.createSync();
    let what = await before(space);
    const start = performance.now();
    what = await work(what, space);
    taken.push(performance.now() - start);
    await after(what);
  }
  return taken.sort((a, b) => a - b)[times >> 1]!;
}

function benchmark(what: 'attach' | 'detach'): Benchmark {
  const hosts = new Map<number, { host: Space; net: Network }>();
  let others: Space | undefined;
  let bare: Space | undefined;
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
  const pair = (space: Space) =>
    createVethPair({ name: 'v0', netns: bare!, master: 'br0', up: true, peer: { name: 'eth0', netns: space, up: true } });
  const remove = () => deleteLink('v0', { netns: bare! });
  return {
    name: `network: ${what} one endpoint`,
    unit: `ms an ${what}`,
    rounds: 5,
    peers: [
      ...sizes.map((size) => ({ name: `netloom, beside ${size} others`, run: run(size) })),
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
    ],
    async prepare() {
      others = netns.createSync();
      bare = netns.createSync();
      await createBridge({ name: 'br0', up: true, netns: bare });
      for (const size of sizes) {
        const host = netns.createSync();
        const net = await network.create({ name: 'web', subnets: ['10.20.0.0/16'], netns: host });
        hosts.set(size, { host, net });
        for (let i = 0; i < size; i++)
          await net.attach({ netns: others, owner: `other-${i}`, ifname: `s${size}-${i}`, defaultRoute: false });
      }
    },
    finish() {
      for (const { host, net } of hosts.values()) {
        net.close();
        host.close();
      }
      bare?.close();
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
