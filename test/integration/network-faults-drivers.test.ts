/** Endpoints of every driver, when something fails on the way, or the call is given up: nothing is left, and no descriptor and no mount stays open. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { addAddress, createVethPair, network } from 'netloom';
import * as nft from 'netloom/nft';
import { openSync } from 'netloom/rtnl';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { interferedWith } from '../support/faults.ts';
import { type Feature, needs, tunDevice } from '../support/kernel.ts';
import { both } from '../support/killed-endpoints.ts';
import { deleteSpaces, newSpace, picture, type Space } from '../support/network.ts';
import type { Json } from '../support/oracle.ts';

let host: Space;
let red: Space;
beforeAll(async () => {
  host = newSpace('h');
  red = newSpace('r');
  await createVethPair({ name: 'p0', netns: host, up: true, peer: { name: 'p1', netns: host, up: true } });
  await createVethPair({ name: 'd0', netns: host, up: true, mtu: 1400, peer: { name: 'd1', netns: host, up: true } });
  for (const address of ['10.41.0.1/24', 'fd00:41::1/64']) await addAddress('d0', address, { netns: host, flags: ['nodad'] });
});
afterEach(async () => {
  await network.gc([], { netns: host });
  for (const { name } of await network.list({ netns: host })) await network.delete(name, { netns: host });
});
afterAll(deleteSpaces);

interface Case {
  readonly options: Omit<network.CreateNetworkOptions, 'name' | 'netns'>;
  readonly attach?: Partial<network.AttachOptions>;
  readonly needs?: readonly Feature[];
}

const everything = { rateLimits: { ingressRate: 80_000_000, egressRate: 40_000_000 }, ports: [{ hostPort: 8080, containerPort: 80 }] };
const sysctls = { 'net.ipv4.conf.IFNAME.arp_notify': 1 };

const cases: readonly Case[] = [
  { options: { driver: 'bridge', subnets: both(20), spoofCheck: true, isolatePorts: true }, attach: { ...everything, sysctls } },
  { options: { driver: 'ptp', subnets: both(21) }, attach: { ports: everything.ports } },
  { options: { driver: 'macvlan', parent: 'p0', subnets: both(30) }, attach: { sysctls } },
  { options: { driver: 'host-device', parent: 'd0', mtu: 1300, subnets: both(40) }, attach: { sysctls } },
  { options: { driver: 'tap', subnets: both(50) }, needs: [tunDevice] },
  { options: { driver: 'loopback' }, attach: { ifname: 'lo' } },
  { options: { driver: 'ipvlan', parent: 'p0', subnets: both(30) }, needs: [{ kind: 'ipvlan' }] },
  { options: { driver: 'vlan', parent: 'p0', vlanId: 7, subnets: both(60) }, needs: [{ kind: 'vlan' }] },
  { options: { driver: 'dummy', subnets: both(70) }, needs: [{ kind: 'dummy' }] },
];

/** What there is, as this process sees it: it is looked at some hundred times. The pictures of before and after are made by others. */
function states(): Json[] {
  return [host, red].map((space) => {
    using rt = openSync({ netns: space });
    using nf = nft.openSync({ netns: space });
    const { tables } = { tables: nf.tables.list() };
    return [
      rt.links
        .list()
        .map(({ name, index, alias, altNames, mtu, address, up, master }) => ({ name, index, alias, altNames, mtu, address, up, master })),
      rt.addresses
        .list()
        .filter(({ scope }) => scope !== 'link')
        .map(({ address, dev }) => `${address} ${dev}`),
      rt.routes.list({ family: 'inet' }).map(({ to, dev, via }) => `${to} ${dev} ${via}`),
      rt.qdiscs.list().map(({ kind, dev }) => `${kind} ${dev}`),
      [
        ...tables.map(({ name }) => name),
        ...nf.sets.list().flatMap((set) => nf.elements.list(set).map(({ key }) => [set.table, set.name, key])),
      ],
    ];
  });
}

/** What this process has open, by what it leads to, and the mounts it sees; but for what others mount meanwhile. */
function held(): Json {
  const open = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).replace(/socket:.*/, 'socket');
    } catch {
      return []; // that of the listing
    }
  });
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(host.name) || line.includes(red.name));
  return [open.filter((target) => /^socket|\/net$|^net:|tun|mnt/.test(target)).sort(), mounts];
}

for (const { options, attach = {}, needs: needed = [] } of cases) {
  needs(...needed).describe(`${options.driver}`, () => {
    const attachment = () => ({ netns: red, owner: 'c', ...attach });

    describe.each(['refused', 'given up'] as const)('attach, %s', (how) => {
      test('at any step: nothing is left', async () => {
        await using net = await network.create({ name: 'web', netns: host, ...options });
        // what its first port makes in a network goes with the network, and the address of `lo` comes for good when it is first up
        await (await net.attach(attachment())).detach();
        const pictures = [picture(host), picture(red)];
        const before = states();
        const open = held();
        const failures: string[] = [];
        let step = 0;
        // being given up is the same until something is changed, and after that: not every step of it is taken
        for (let hit = true; hit; step += how === 'refused' ? 1 : 3) {
          hit = false;
          let armed = false;
          let count = 0;
          const controller = new AbortController();
          const next = (): boolean => {
            if (!armed || count++ !== step) return false;
            hit = true;
            if (how === 'refused') return true;
            controller.abort(new Error('changed my mind'));
            return false;
          };
          const transport = interferedWith({ message: next, sysctl: next });
          {
            await using faulty = await network.open('web', { netns: host, transport });
            armed = true;
            try {
              await faulty.attach({ ...attachment(), signal: controller.signal });
              armed = false;
              await net.detach({ owner: 'c', ...(attach.ifname === undefined ? {} : { ifname: attach.ifname }) });
            } catch (error) {
              failures.push(`${step} ${(error as Error).message}`);
            }
          }
          // a call that was given up may be waited for by a thread still
          await expect.poll(held, { message: `after step ${step}: ${failures.at(-1)}` }).toEqual(open);
          expect(states(), `after step ${step}: ${failures.at(-1)}`).toEqual(before);
        }
        expect([picture(host), picture(red)]).toEqual(pictures);
        if (how === 'refused') expect(failures.length).toBeGreaterThan(5);
        expect(step).toBeGreaterThan(6);
        for (const failure of failures) expect(failure).not.toContain('could not be undone');
      });
    });
  });
}
