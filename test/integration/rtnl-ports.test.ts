/** Ports of bridges, bonds and VRFs: created with their settings, also from what a listing returned. */
import { netns, rtnl } from 'netloom';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json, tool } from '../support/oracle.ts';

describe('ports', () => {
  let space: netns.Netns;
  let rt: rtnl.RtnlClient;
  const name = uniqueName('po');
  const run = (command: string): string => ipText(command.split(' '), { netns: name });
  /** The settings of a port, without what runs by itself. */
  const portOf = (link: string): Json => {
    const { info_slave_kind, info_slave_data: data } = ip(['link', 'show', link], { netns: name })[0].linkinfo;
    const still = Object.entries(data ?? {}).filter(
      ([key]) => !/timer|state|id$|no$|bridge|designated_port|count|mii|perm_hwaddr|churn/.test(key),
    );
    return { kind: info_slave_kind, ...Object.fromEntries(still) };
  };
  const failure = async (promise: Promise<unknown>): Promise<unknown> => {
    try {
      await promise;
    } catch (error) {
      return error;
    }
    throw new Error('did not fail');
  };

  beforeEach(async () => {
    space = await netns.create(name);
    rt = await rtnl.open({ netns: name });
  });
  afterEach(async () => {
    rt.close();
    await space.delete();
    space.close();
  });

  test('a link is created as the port that it shall be', async () => {
    run('link add br0 type bridge');
    run('link add v2 type veth peer name v3');
    run('link set v2 master br0');
    const settings = {
      cost: 50,
      priority: 7,
      hairpin: true,
      guard: true,
      learning: false,
      isolated: true,
      mcastRouter: 2,
      backupPort: 'v2',
    } as const;
    const link = await rt.links.create({
      kind: 'veth',
      name: 'v0',
      peer: 'v1',
      master: 'br0',
      up: true,
      port: { kind: 'bridge', data: settings },
    });
    const { index } = await rt.links.get('v2');
    expect(link.port).toMatchObject({ kind: 'bridge', data: { ...settings, backupPort: index } });

    run('link add v4 type veth peer name v5');
    run('link set v4 master br0');
    run('link set v4 type bridge_slave cost 50 priority 7 hairpin on guard on learning off isolated on mcast_router 2 backup_port v2');
    expect(portOf('v0')).toEqual(portOf('v4'));

    // from a listing
    const listed = await rt.links.get('v0');
    const before = portOf('v0');
    await rt.links.delete('v0');
    const again = await rt.links.create(listed);
    expect(portOf('v0')).toEqual(before);
    expect(again).toMatchObject({ index: listed.index, master: 'br0', up: true, port: { data: { cost: 50, isolated: true } } });
  });

  test('settings that are refused leave no link', async () => {
    run('link add br0 type bridge');
    const spec = { kind: 'veth', name: 'v0', peer: 'v1', master: 'br0' } as const;
    const port: rtnl.PortSettings = { kind: 'bridge', data: { backupPort: 1 } };
    // the backup of a port is a port of the same bridge
    expect(await failure(rt.links.create({ ...spec, port }))).toMatchObject({
      name: 'NetlinkError',
    });
    expect(ip(['link', 'show'], { netns: name }).map((link) => link.ifname)).toEqual(['lo', 'br0']);
    // what JavaScript callers may pass
    for (const [port, argument] of [
      [{ kind: 'bridge', data: { priority: 64 } }, 'port.data.priority'],
      [{ kind: 'bridge', data: { cost: 0 } }, 'port.data.cost'],
      [{ kind: 'bridge', data: { cots: 1 } }, 'port.data.cots'],
      [{ kind: 'bridge', data: { backupPort: 'nosuch' } }, 'port.data.backupPort'],
      [{ kind: '' }, 'port.kind'],
      [{ kind: 'bridge', dtaa: {} }, 'dtaa'],
    ] as const)
      expect(await failure(rt.links.create({ ...spec, port } as never))).toMatchObject({ argument });
    expect(await failure(rt.links.create({ kind: 'veth', name: 'v0', port: { kind: 'bridge', data: { cost: 5 } } }))).toMatchObject({
      name: 'InputError',
      argument: 'port',
    });
    expect(ip(['link', 'show'], { netns: name }).map((link) => link.ifname)).toEqual(['lo', 'br0']);
  });

  needs({ kernel: { atLeast: '6.3', why: 'a limit of groups of a port' } }).test('groups of a port are limited', async () => {
    run('link add br0 type bridge mcast_snooping 1');
    run('link set br0 up');
    const port: rtnl.PortSettings = { kind: 'bridge', data: { mcastMaxGroups: 1 } };
    const link = await rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1', master: 'br0', up: true, port });
    expect(link.port).toMatchObject({ data: { mcastMaxGroups: 1, mcastGroups: 0 } });
    const join = (group: string): string =>
      tool(['bridge', 'mdb', 'add', 'dev', 'br0', 'port', 'v0', 'grp', group, 'permanent'], { netns: name });
    join('239.1.1.1');
    expect((await rt.links.get('v0')).port).toMatchObject({ data: { mcastMaxGroups: 1, mcastGroups: 1 } });
    // the kernel keeps to it, whoever asks
    expect(() => join('239.1.1.2')).toThrow(/mcast_max_groups/);
    expect(await failure(rt.mdb.create({ dev: 'br0', port: 'v0', group: '239.1.1.2', state: 'permanent' }))).toMatchObject({
      name: 'NetlinkError',
      extack: { message: expect.stringMatching(/mcast_max_groups/) },
    });
    await rt.links.update('v0', { port: { kind: 'bridge', data: { mcastMaxGroups: 0 } } });
    join('239.1.1.2');
  });

  test('the active port of a bond is not for its creation', async () => {
    expect(await failure(rt.links.create({ kind: 'bond', name: 'bond0', data: { activeSlave: 'v0' } }))).toMatchObject({
      name: 'InputError',
      argument: 'data.activeSlave',
    });
  });

  needs({ kind: 'bond' }).test('ports of a bond come up with it, and come back', async () => {
    run('link add bond0 type bond mode active-backup miimon 100');
    const spec = { kind: 'veth', name: 'v0', peer: 'v1', master: 'bond0', up: true } as const;
    // a bond takes no link that is up
    const port: rtnl.PortSettings = { kind: 'bond', data: { queueId: 0, prio: 5 } };
    const link = await rt.links.create({ ...spec, port });
    expect(link).toMatchObject({ master: 'bond0', up: true, port: { kind: 'bond', data: { prio: 5 } } });
    await rt.links.create({ ...spec, name: 'v2', peer: 'v3', port: { kind: 'bond' } });
    const [listed, second] = [await rt.links.get('v0'), await rt.links.get('v2')];
    const bond = await rt.links.get('bond0');
    for (const port of ['v0', 'v2', 'bond0']) await rt.links.delete(port);
    await rt.links.create(bond);
    await rt.links.create(listed);
    await rt.links.create(second);
    expect(portOf('v0')).toMatchObject({ kind: 'bond', prio: 5 });
    expect(await rt.links.get('v0')).toMatchObject({ master: 'bond0', up: true, index: listed.index });
    expect(await rt.links.get('v2')).toMatchObject({ master: 'bond0', up: true, port: { kind: 'bond', data: { prio: 0 } } });
  });

  needs({ kind: 'vrf' }).test('ports of a VRF come back', async () => {
    run('link add vrf0 type vrf table 10');
    await rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1', master: 'vrf0', port: { kind: 'vrf' } });
    const listed = await rt.links.get('v0');
    expect(listed.port).toEqual({ kind: 'vrf', data: { table: 10 } });
    await rt.links.delete('v0');
    expect((await rt.links.create(listed)).port).toEqual(listed.port);
  });
});
