/** Neighbors whose link layer address is none of Ethernet: the ends of tunnels with many (NHRP), IPv4 and IPv6, with ip(8) as witness. */
import { afterAll, beforeAll, expect } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, type RtnlClient } from '../../src/rtnl/index.ts';
import { needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, sh } from '../support/oracle.ts';

const place = uniqueName('nb');
let space: netns.Netns;
let rt: RtnlClient;
beforeAll(async () => {
  space = await netns.create(place);
  rt = await open({ netns: place });
});
afterAll(async () => {
  rt.close();
  await space.delete();
  space.close();
});

const tunnels = [
  ['gre', 'ip link add g0 type gre key 7 local 192.0.2.1', '192.0.2.9', '192.0.2.10'],
  ['ip6gre', 'ip link add g6 type ip6gre key 7 local 2001:db8::1', '2001:db8::9', '2001:db8::a'],
] as const;

for (const [kind, command, first, second] of tunnels)
  needs({ kind }).test(`ends of a tunnel of kind ${kind}`, async () => {
    const dev = command.split(' ')[3]!;
    sh(`${command}; ip link set ${dev} up; ip address add 10.${kind.length}.0.1/24 dev ${dev}`, { netns: place });
    const to = `10.${kind.length}.0.2`;
    const made = { to, dev, lladdr: first, state: 'permanent' } as const;
    await rt.neighbors.create(made);
    const shown = () => ip(['neigh', 'show', 'dev', dev], { netns: place }).filter((entry) => entry.dst.startsWith('10.'));
    expect(shown()).toMatchObject([{ dst: to, lladdr: first, state: ['PERMANENT'] }]);
    expect((await rt.neighbors.list({ dev })).filter((entry) => entry.to === to)).toMatchObject([{ to, dev, lladdr: first }]);
    await rt.neighbors.replace({ ...made, lladdr: second });
    expect(shown()).toMatchObject([{ dst: to, lladdr: second }]);
    // the same, by ip(8), which reads no IPv6 addresses there
    if (kind === 'gre') sh(`ip neigh replace ${to} lladdr ${first} dev ${dev} nud permanent`, { netns: place });
    else await rt.neighbors.replace(made);
    const listed = (await rt.neighbors.list({ dev })).find((entry) => entry.to === to)!;
    expect(listed.lladdr).toBe(first);
    await rt.neighbors.delete(listed);
    await rt.neighbors.create(listed);
    expect(shown()).toMatchObject([{ dst: to, lladdr: first }]);
    // one that is too short is none of this link; of a longer one the kernel would take the beginning
    await expect(rt.neighbors.replace({ ...made, lladdr: kind === 'gre' ? '02:00:00' : '02:00:00:00:00:01' })).rejects.toMatchObject({
      code: expect.stringMatching(/^E/),
    });
    expect(shown()).toMatchObject([{ dst: to, lladdr: first }]);
    await rt.links.delete(dev);
  });
