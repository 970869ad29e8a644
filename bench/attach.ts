/**
 * Attaching 200 containers to a bridge: veth pair with both ends in place, address, default route, lo up. Namespaces are made
 * beforehand and not timed. Against `ip -batch` doing the commands of the walk through.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { compile, compilerPackages } from './compile.ts';
import type { Benchmark } from './measure.ts';
import { createBridge, createVethPair, deleteLink, netns, rtnl, sync } from './subject.ts';

const containers = 200;
const gateway = '10.99.255.254';
const names = Array.from({ length: containers }, (_, i) => `c${i}`);
const addressOf = (i: number): string => `10.99.${Math.floor(i / 200)}.${(i % 200) + 1}/16`;

/** One message for the pair, then one client inside, on which requests of one tick share a datagram, in order. */
async function attachOne(i: number): Promise<void> {
  const name = names[i]!;
  const { peer } = await createVethPair({ name: `v${i}`, master: 'br0', up: true, peer: { name: 'eth0', netns: name, up: true } });
  await using inside = await rtnl.open({ netns: name });
  await Promise.all([
    inside.links.update('lo', { up: true }),
    inside.addresses.create(peer, addressOf(i)),
    inside.routes.create({ to: 'default', via: gateway }),
  ]);
}

function attachOneSync(i: number): void {
  const name = names[i]!;
  const { peer } = sync.createVethPair({ name: `v${i}`, master: 'br0', up: true, peer: { name: 'eth0', netns: name, up: true } });
  using inside = rtnl.openSync({ netns: name });
  inside.links.update('lo', { up: true });
  inside.addresses.create(peer, addressOf(i));
  inside.routes.create({ to: 'default', via: gateway });
}

/** Makes the namespaces and the bridge, times `attach`, checks that the attachments work, and removes everything. */
async function attached(attach: () => Promise<void> | void): Promise<number> {
  for (const name of names) netns.createSync(name).close();
  await createBridge({ name: 'br0', up: true, addresses: [`${gateway}/16`] });
  try {
    const start = performance.now();
    await attach();
    const milliseconds = (performance.now() - start) / containers;
    const ports = JSON.parse(execFileSync('ip', ['-j', 'link', 'show', 'master', 'br0', 'up'], { encoding: 'utf8' })) as unknown[];
    const last = containers - 1;
    const route = execFileSync('ip', ['-n', `c${last}`, 'route'], { encoding: 'utf8' });
    if (ports.length !== containers || !route.includes(`default via ${gateway}`))
      throw new Error(`attach failed: ${ports.length} ports, ${route}`);
    return milliseconds;
  } finally {
    for (const name of names) netns.deleteSync(name);
    await deleteLink('br0');
    // the kernel takes the namespaces apart later; the next round must not pay for it
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
}

function batch(arguments_: readonly string[], lines: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', [...arguments_, '-batch', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

export function attachBenchmark(): Benchmark {
  const program = compile('attach');
  return {
    name: `attach ${containers} containers to a bridge`,
    unit: 'ms a container',
    rounds: 3,
    peers: [
      {
        name: 'netloom, async, one after the other',
        run: () =>
          attached(async () => {
            for (const i of names.keys()) await attachOne(i);
          }),
      },
      {
        name: 'netloom, async, 20 at a time',
        run: () =>
          attached(async () => {
            const waiting = [...names.keys()];
            const worker = async (): Promise<void> => {
              for (let i = waiting.shift(); i !== undefined; i = waiting.shift()) await attachOne(i);
            };
            await Promise.all(Array.from({ length: 20 }, worker));
          }),
      },
      {
        name: 'netloom, sync',
        run: () =>
          attached(() => {
            for (const i of names.keys()) attachOneSync(i);
          }),
      },
      {
        name: 'netloom, sync, a builder call each',
        run: () =>
          attached(() => {
            for (const [i, name] of names.entries()) {
              sync.createVethPair({ name: `v${i}`, master: 'br0', up: true, peer: { name: 'eth0', netns: name, up: true } });
              sync.setLink('lo', { up: true }, { netns: name });
              sync.addAddress('eth0', addressOf(i), { netns: name });
              sync.addRoute({ to: 'default', via: gateway, netns: name });
            }
          }),
      },
      {
        name: 'libmnl in C, everything in place',
        install: compilerPackages,
        run: async () => {
          if (program === undefined) return undefined;
          let milliseconds = 0;
          await attached(() => {
            milliseconds = Number(execFileSync(program, [String(containers)], { encoding: 'utf8' }));
          });
          return milliseconds;
        },
      },
      {
        name: 'ip -batch: create, move, enslave, configure',
        install: 'apt-get install iproute2',
        run: () =>
          attached(() => {
            batch(
              [],
              names.flatMap((name, i) => [
                `link add p${i} type veth peer name v${i}`,
                `link set p${i} netns ${name}`,
                `link set v${i} master br0`,
                `link set v${i} up`,
              ]),
            );
            for (const [i, name] of names.entries()) {
              batch(
                ['-n', name],
                [`addr add ${addressOf(i)} dev p${i}`, `link set p${i} up`, 'link set lo up', `route add default via ${gateway}`],
              );
            }
          }),
      },
    ],
  };
}
