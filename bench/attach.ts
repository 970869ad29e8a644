/**
 * Attaching 200 containers to a bridge: veth pair with both ends in place, address, default route, lo up. Namespaces are made
 * beforehand and not timed. Against `ip -batch` doing the commands of the walk through.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compile, compilerPackages } from './compile.ts';
import type { Benchmark } from './measure.ts';
import { createBridge, deleteLink, netns } from './subject.ts';

const containers = 200;
const gateway = '10.99.255.254';
const names = Array.from({ length: containers }, (_, i) => `c${i}`);
const addressOf = (i: number): string => `10.99.${Math.floor(i / 200)}.${(i % 200) + 1}/16`;

const peerScript = fileURLToPath(new URL('peers/attach.mjs', import.meta.url));

/** A peer that is a program of its own and prints milliseconds a container. */
async function program(file: string, ...args: string[]): Promise<number> {
  let milliseconds = 0;
  await attached(() => {
    milliseconds = Number(execFileSync(file, [...args, String(containers)], { encoding: 'utf8' }));
  });
  return milliseconds;
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
  const compiled = compile('attach');
  return {
    name: `attach ${containers} containers to a bridge`,
    unit: 'ms a container',
    rounds: 5,
    peers: [
      { name: 'netloom, sync', run: () => program(process.execPath, peerScript, 'sync') },
      { name: 'netloom, sync, a builder call each', run: () => program(process.execPath, peerScript, 'builders') },
      { name: 'netloom, async, one after the other', run: () => program(process.execPath, peerScript, 'async') },
      { name: 'netloom, async, 50 at a time', run: () => program(process.execPath, peerScript, 'batch') },
      {
        name: 'libmnl in C, everything in place',
        install: compilerPackages,
        run: async () => (compiled === undefined ? undefined : await program(compiled)),
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
