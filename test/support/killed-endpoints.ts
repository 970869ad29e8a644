/** Endpoints of every driver: the processes that attach and detach them are killed after each change. */
import { addAddress, createVethPair, network } from 'netloom';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { type Feature, needs, tunDevice } from './kernel.ts';
import { killer, pictures } from './kill-tasks.ts';
import { deleteSpaces, newSpace, type Space } from './network.ts';
import { patience } from './patience.ts';

export interface DriverCase {
  readonly driver: network.Driver;
  readonly options?: Partial<network.CreateNetworkOptions>;
  readonly subnets: readonly string[];
  /** What it takes of the kernel. */
  readonly kind?: string;
  /** What the endpoint has besides. */
  readonly attach?: Partial<network.AttachOptions>;
  /** Changes are made by other system calls too: it is killed before and after everything it asks. */
  readonly everywhere?: boolean;
}

const featuresOf = (kind: string | undefined): Feature[] => (kind === undefined ? [] : kind === 'tun' ? [tunDevice] : [{ kind }]);

/** A test for each driver. */
export function testKilledEndpoints(cases: readonly DriverCase[]): void {
  let host: Space;
  let red: Space;
  const { killedAt, close } = killer(() => host);
  afterAll(close);
  beforeEach(async () => {
    host = newSpace('h');
    red = newSpace('r');
    const outside = newSpace('o');
    // p0 is what endpoints are on top of; d0 is a device to give away
    await createVethPair({ name: 'p0', netns: host, up: true, peer: { name: 'x0', netns: outside, up: true } });
    await createVethPair({ name: 'd0', netns: host, up: true, mtu: 1400, peer: { name: 'x1', netns: outside, up: true } });
    for (const address of ['10.31.0.9/24', 'fd00:31::9/64']) await addAddress('d0', address, { netns: host });
    await addAddress('p0', '10.30.0.9/24', { netns: host });
  });
  afterEach(deleteSpaces);

  for (const { driver, options = {}, subnets, kind, attach = {}, everywhere = false } of cases) {
    needs(...featuresOf(kind)).test(
      `${driver}: attach and detach, killed after each change: gc, the next attach or the next detach makes it good`,
      async () => {
        await using net = await network.create({ name: 'web', driver, subnets, netns: host, ...options });
        const attachment = { netns: red.name, owner: 'c', ...attach };
        // what its first port makes in a network goes with the network, and the address of `lo` comes for good when it is first up
        await (await net.attach(attachment)).detach();
        const before = pictures(host, red);
        let step = 0;
        let halves = 0;
        for (; await killedAt(step, { task: 'attach', options: attachment }, everywhere); step++) {
          const { incomplete, endpoints } = await net.inspect();
          halves += incomplete;
          if (step % 2 === 0) expect(await net.gc([]), `step ${step}`).toMatchObject({ incomplete, busy: [] });
          else {
            // one that was killed when all was done has attached it
            const again = await net.attach(attachment).catch((error) => error);
            if (endpoints.length > 0) expect(again, `step ${step}`).toMatchObject({ code: 'EEXIST' });
            else expect(await again.check(), `step ${step}`).toEqual([]);
            await net.detach({ owner: 'c' });
          }
          expect(pictures(host, red), `attach, step ${step}`).toEqual(before);
        }
        expect(step).toBeGreaterThan(3);
        expect(halves).toBeGreaterThan(1);
        expect(await net.check({ owner: 'c' })).toEqual([]);

        for (step = 0; await killedAt(step, { task: 'detach', endpoint: { owner: 'c' } }); step++) {
          if (step % 2 === 1) await net.detach({ owner: 'c' });
          await net.gc([]);
          expect(pictures(host, red), `detach, step ${step}`).toEqual(before);
          await net.attach(attachment);
        }
        expect(step).toBeGreaterThan(1);
        expect(pictures(host, red)).toEqual(before);
      },
      480_000 * patience,
    );
  }
}

/** Subnets of both families. */
export const both = (n: number): string[] => [`10.${n}.0.0/24`, `fd00:${n}::/64`];
