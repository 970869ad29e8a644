/** Redundancy (MRP) and fault management (CFM) of bridges, on kernels that have them: few do. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, openSync, type RtnlClient } from '../../src/rtnl/index.ts';
import { type Feature, needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, sh } from '../support/oracle.ts';

const ports =
  'ip link add br0 type bridge; ip link add v0 type veth peer name v1; ip link add w0 type veth peer name w1; ip link set v0 master br0; ip link set w0 master br0; ip link set v0 up; ip link set w0 up; ip link set br0 up';

/** Asked for in a namespace that is gone afterwards. */
const offered = (name: string, option: 'CONFIG_BRIDGE_MRP' | 'CONFIG_BRIDGE_CFM'): Feature => ({
  feature: `${name} of bridges (${option})`,
  missing: () => {
    const place = uniqueName('pp');
    const space = netns.createSync(place);
    try {
      sh(ports, { netns: place });
      const rt = openSync({ netns: place });
      const index = (link: string): number => ip(['link', 'show', link], { netns: place })[0].ifindex;
      try {
        if (option === 'CONFIG_BRIDGE_MRP')
          rt.bridgeMrp.apply('br0', { instance: { ringId: 1, primary: index('v0'), secondary: index('w0') } });
        else rt.bridgeCfm.apply('br0', { mepCreate: { instance: 1, domain: 'port', direction: 'down', port: index('v0') } });
        return false;
      } catch (error) {
        if (!['EINVAL', 'EOPNOTSUPP'].includes((error as { code?: string }).code ?? '')) throw error;
        return true;
      } finally {
        rt.close();
      }
    } finally {
      space.deleteSync();
      space.close();
    }
  },
});

const place = uniqueName('bp');
const index: Record<string, number> = {};
let space: netns.Netns;
let rt: RtnlClient;
beforeAll(async () => {
  space = await netns.create(place);
  sh(ports, { netns: place });
  for (const link of ip(['link', 'show'], { netns: place })) index[link.ifname] = link.ifindex;
  rt = await open({ netns: place });
});
afterAll(async () => {
  rt.close();
  await space.delete();
  space.close();
});

needs(offered('MRP', 'CONFIG_BRIDGE_MRP')).test('a ring', async () => {
  await rt.bridgeMrp.apply('br0', { instance: { ringId: 7, primary: index['v0']!, secondary: index['w0']!, priority: 100 } });
  expect(await rt.bridgeMrp.list()).toMatchObject([
    { dev: 'br0', ringId: 7, primary: index['v0'], secondary: index['w0'], priority: 100, ringRole: 'mra' },
  ]);
  await rt.bridgeMrp.apply('br0', { ringRole: { ringId: 7, role: 'mrc' } });
  expect((await rt.bridgeMrp.list())[0]).toMatchObject({ ringRole: 'mrc' });
  await expect(rt.bridgeMrp.delete('br0', 8)).rejects.toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
  await rt.bridgeMrp.delete('br0', 7);
  expect(await rt.bridgeMrp.list()).toEqual([]);
});

needs(offered('CFM', 'CONFIG_BRIDGE_CFM')).test('an end point', async () => {
  await rt.bridgeCfm.apply('br0', { mepCreate: { instance: 3, domain: 'port', direction: 'down', port: index['v0']! } });
  await rt.bridgeCfm.apply('br0', { mepConfig: { instance: 3, unicastAddress: '02:00:00:00:00:03', level: 5, mepId: 9 } });
  const report = (await rt.bridgeCfm.list()).find(({ mepCreateInfo }) => mepCreateInfo !== undefined);
  expect(report?.mepCreateInfo).toMatchObject([{ instance: 3, domain: 'port', direction: 'down', port: index['v0'] }]);
  expect(report?.mepConfigInfo).toMatchObject([{ instance: 3, unicastAddress: '02:00:00:00:00:03', level: 5, mepId: 9 }]);
  await rt.bridgeCfm.apply('br0', { mepDelete: { instance: 3 } });
  expect((await rt.bridgeCfm.list()).flatMap(({ mepCreateInfo }) => mepCreateInfo ?? [])).toEqual([]);
});

test('a kernel without them says so, or takes them: nothing is left behind', async () => {
  const before = ip(['link', 'show'], { netns: place }).map((link) => link.ifname);
  await expect(rt.bridgeMrp.apply('br0', {})).rejects.toMatchObject({ name: 'InputError', argument: 'request' });
  await expect(rt.bridgeCfm.apply('nosuch', { mepDelete: { instance: 1 } })).rejects.toMatchObject({ name: 'NotFoundError' });
  expect(ip(['link', 'show'], { netns: place }).map((link) => link.ifname)).toEqual(before);
});
