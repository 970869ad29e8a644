/** createBridge, createLink, getLink, setLink, deleteLink, enslave, release, moveToNs and findPeer at the package root, both forms, with ip as the witness. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTick, setTimeout as sleep } from 'node:timers/promises';
import * as netloom from 'netloom';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json } from '../support/oracle.ts';
import { type Snapshot, snapshot } from '../support/state.ts';

const { netns, rtnl } = netloom;

/** The builders as functions that may be awaited, whichever form they are. */
type Builders = Pick<typeof netloom, keyof typeof netloom.sync>;
const forms: [string, Builders][] = [
  ['asynchronous', netloom],
  ['synchronous', netloom.sync as unknown as Builders],
];

type Named = netloom.netns.Netns & { name: string };
const opened: netloom.netns.Netns[] = [];
function newNamespace(prefix: string): Named {
  const space = netns.createSync(uniqueName(prefix));
  opened.push(space);
  return space as Named;
}

let host: Named;
let near: string;
beforeEach(() => {
  host = newNamespace('h');
  near = host.name;
});
afterEach(() => {
  for (const space of opened.splice(0)) {
    space.deleteSync();
    space.close();
  }
});

const link = (name: string, where = near): Json => ip(['link', 'show', 'dev', name], { netns: where })[0];
const names = (where = near): string[] =>
  ip(['link', 'show'], { netns: where })
    .map(({ ifname }) => ifname)
    .sort();
const add = (text: string, where = near): string => ipText(['link', 'add', ...text.split(' ')], { netns: where });
function state(where = near): Omit<Snapshot, 'namespaces'> {
  const { namespaces: _others, ...rest } = snapshot(where);
  return rest;
}
/** The addresses of a link as `ip address` has them, without those that IPv6 gives by itself. */
const addresses = (name: string, where = near): string[] =>
  ip(['address', 'show', 'dev', name], { netns: where })[0]
    .addr_info.filter(({ local }: Json) => !local.startsWith('fe80:'))
    .map(({ local, prefixlen }: Json) => `${local}/${prefixlen}`);

describe.each(forms)('%s', (_form, builders) => {
  describe('createBridge', () => {
    test('makes a bridge that is up, with its addresses', async () => {
      const bridge = await builders.createBridge({
        name: 'br0',
        up: true,
        mtu: 1400,
        addresses: ['10.0.0.254/24', 'fd00:1::fe/64', '10.9.0.1'],
        netns: near,
      });
      expect(link('br0')).toMatchObject({ ifindex: bridge.index, mtu: 1400, linkinfo: { info_kind: 'bridge' } });
      expect(link('br0').flags).toContain('UP');
      expect(addresses('br0').sort()).toEqual(['10.0.0.254/24', '10.9.0.1/32', 'fd00:1::fe/64']);
      expect(bridge).toMatchObject({ name: 'br0', kind: 'bridge', up: true, mtu: 1400, address: link('br0').address });
    });

    test('has the settings of a bridge', async () => {
      const data = { ageingTime: 1000, forwardDelay: 300, maxAge: 1200 };
      const bridge = await builders.createBridge({ name: 'br0', netns: host, data });
      expect(link('br0').linkinfo.info_data).toMatchObject({ ageing_time: 1000, forward_delay: 300, max_age: 1200 });
      expect(bridge.data).toMatchObject(data);
    });

    test('with an address that is refused is gone again', async () => {
      const before = state();
      const options = { name: 'br0', up: true, netns: near, addresses: ['10.0.0.1/24', '10.0.0.1/24'] };
      await expect(async () => await builders.createBridge(options)).rejects.toMatchObject({
        name: 'NetlinkError',
        code: 'EEXIST',
        syscall: 'RTM_NEWADDR',
      });
      expect(state()).toEqual(before);
      await expect(
        async () => await builders.createBridge({ ...options, addresses: ['10.0.0.1/24', '10.0.0.300/24'] }),
      ).rejects.toMatchObject({
        argument: 'addresses[1]',
      });
      expect(state()).toEqual(before);
    });

    test('a name that is taken is refused, and what has it stays', async () => {
      add('br0 type bridge');
      const before = state();
      await expect(async () => await builders.createBridge({ name: 'br0', netns: near, addresses: ['10.0.0.1/24'] })).rejects.toMatchObject(
        { code: 'EEXIST' },
      );
      expect(state()).toEqual(before);
    });

    test('what was read can be created again', async () => {
      add('br0 type bridge forward_delay 300');
      ipText(['link', 'set', 'br0', 'mtu', '1300', 'up'], { netns: near });
      const other = newNamespace('o');
      await builders.createLink({ ...(await builders.getLink('br0', { netns: near })), netns: other });
      expect(link('br0', other.name)).toMatchObject({
        mtu: 1300,
        address: link('br0').address,
        linkinfo: { info_data: { forward_delay: 300 } },
      });
    });
  });

  describe('createLink', () => {
    test.each([
      ['ifb', {}, {}],
      ['macvlan', { link: 'v0' }, { link: 'v0' }],
      ['bridge', {}, {}],
      ['veth', {}, { link: 'veth0' }],
    ])('makes a link of the kind %s', async (kind, options, expected) => {
      add('v0 type veth peer name v1');
      const made = await builders.createLink({ kind, name: 'new0', netns: near, mtu: 1280, ...options });
      expect(link('new0')).toMatchObject({ ifindex: made.index, mtu: 1280, linkinfo: { info_kind: kind }, ...expected });
      expect(made).toMatchObject({ name: 'new0', kind, mtu: 1280, up: false });
    });

    test('takes the data of a kind without a schema byte for byte', async () => {
      // IFLA_VXLAN_ID 77, IFLA_VXLAN_PORT 4789
      const data = Uint8Array.of(8, 0, 1, 0, 77, 0, 0, 0, 6, 0, 15, 0, 4789 >> 8, 4789 & 255, 0, 0);
      await builders.createLink({ kind: 'vxlan' as string, name: 'vx', netns: near, data });
      expect(link('vx').linkinfo).toMatchObject({ info_kind: 'vxlan', info_data: { id: 77, port: 4789 } });
      await expect(async () => await builders.createLink({ kind: 'vxlan', name: 'vy', netns: near })).rejects.toMatchObject({
        name: 'NetlinkError',
        code: 'EINVAL',
        message: expect.stringContaining('Required attributes not provided'),
      });
      expect(names()).not.toContain('vy');
    });

    test('sets what all kinds have in one go', async () => {
      add('br0 type bridge');
      const settings = { address: '02:00:00:00:00:07', group: 5, txQueueLength: 33, index: 4100, mtu: 1300 };
      const made = await builders.createLink({
        kind: 'ifb',
        name: 'new0',
        netns: near,
        up: true,
        altNames: ['a-name-of-more-than-15-bytes'],
        ...settings,
      });
      expect(link('new0')).toMatchObject({
        address: settings.address,
        group: '5',
        txqlen: 33,
        ifindex: 4100,
        mtu: 1300,
        altnames: made.altNames,
      });
      expect(link('new0').flags).toContain('UP');
      expect(made).toMatchObject({ ...settings, up: true, altNames: ['a-name-of-more-than-15-bytes'] });
    });

    test('makes a veth with its peer elsewhere, and a port of a bridge', async () => {
      const red = newNamespace('r');
      add('br0 type bridge');
      const made = await builders.createLink({
        kind: 'veth',
        name: 'a',
        netns: host,
        master: 'br0',
        up: true,
        peer: { name: 'b', netns: red, mtu: 1400 },
      });
      expect(link('a')).toMatchObject({ master: 'br0' });
      expect(link('b', red.name)).toMatchObject({ mtu: 1400, ifindex: made.peerIndex });
      expect(made).toMatchObject({ master: 'br0', up: true });
    });

    test('lets the kernel number a name', async () => {
      expect((await builders.createLink({ kind: 'bridge', name: 'br%d', netns: near })).name).toBe('br0');
      expect((await builders.createLink({ kind: 'bridge', name: 'br%d', netns: near })).name).toBe('br1');
      expect(names()).toEqual(['br0', 'br1', 'lo']);
    });

    test('of a kind that this kernel lacks says which option it needs', async () => {
      const before = state();
      const refused = async (kind: string): Promise<unknown> => await builders.createLink({ kind, name: 'x', netns: near });
      // no kernel has it
      await expect(async () => await refused('nosuch')).rejects.toMatchObject({
        name: 'UnsupportedError',
        code: 'EOPNOTSUPP',
        syscall: 'RTM_NEWLINK',
      });
      // a kernel may have these: then nothing is to be seen here
      for (const [kind, option] of [
        ['dummy', 'CONFIG_DUMMY'],
        ['vrf', 'CONFIG_NET_VRF'],
        ['bond', 'CONFIG_BONDING'],
      ] as const) {
        try {
          await refused(kind);
          await builders.deleteLink('x', { netns: near });
        } catch (error) {
          if (!(error instanceof netloom.UnsupportedError)) continue;
          expect(error.message).toContain(option);
          expect(error.code).toBe('EOPNOTSUPP');
        }
      }
      expect(state()).toEqual(before);
    });
  });

  describe('getLink', () => {
    test('finds a link by name, index, object and alternative name', async () => {
      add('v0 mtu 1400 type veth peer name v1');
      for (const altname of ['alt0', 'a-name-of-more-than-15-bytes'])
        ipText(['link', 'property', 'add', 'dev', 'v0', 'altname', altname], { netns: near });
      const seen = link('v0');
      for (const ref of ['v0', seen.ifindex as number, { index: seen.ifindex as number }, 'alt0', 'a-name-of-more-than-15-bytes']) {
        expect(await builders.getLink(ref, { netns: near })).toMatchObject({
          name: 'v0',
          index: seen.ifindex,
          mtu: 1400,
          address: seen.address,
          kind: 'veth',
          peer: 'v1',
        });
      }
      const found = await builders.getLink('v0', { netns: host });
      expect(await builders.getLink(found, { netns: host })).toEqual(found);
      expect(found.altNames?.sort()).toEqual(seen.altnames.sort());
      expect(found.stats).toBeUndefined();
      expect((await builders.getLink('v0', { netns: near, stats: true })).stats).toBeDefined();
      expect((await builders.getLink('lo', { netns: near })).kind).toBeUndefined();
    });

    test.each([['nosuch'], [4711], [{ index: 4711 }], ['no-such-alternative-name']])('of %j that is not there says so', async (ref) => {
      await expect(async () => await builders.getLink(ref, { netns: near })).rejects.toMatchObject({
        name: 'NotFoundError',
        code: 'ENODEV',
        argument: 'link',
      });
    });
  });

  describe('setLink', () => {
    test('changes what it is given and nothing else', async () => {
      add('br0 type bridge');
      const before = link('br0');
      await builders.setLink('br0', { mtu: 1300 }, { netns: near });
      expect(link('br0')).toMatchObject({ mtu: 1300, address: before.address, flags: before.flags, txqlen: before.txqlen });
      await builders.setLink(
        'br0',
        { up: true, alias: 'mine', group: 3, txQueueLength: 55, address: '02:00:00:00:00:09' },
        { netns: host },
      );
      expect(link('br0')).toMatchObject({ mtu: 1300, ifalias: 'mine', group: '3', txqlen: 55, address: '02:00:00:00:00:09' });
      expect(link('br0').flags).toContain('UP');
      await builders.setLink(before.ifindex, { up: false, name: 'br1' }, { netns: near });
      expect(link('br1').ifindex).toBe(before.ifindex);
      expect(link('br1').flags).not.toContain('UP');
      await builders.setLink('br1', { data: { ageingTime: 4000 } }, { netns: near });
      expect(link('br1').linkinfo.info_data.ageing_time).toBe(4000);
      await builders.setLink('br1', {}, { netns: near });
    });

    test('takes a link object, an index and an alternative name', async () => {
      add('v0 type veth peer name v1');
      ipText(['link', 'property', 'add', 'dev', 'v0', 'altname', 'a-name-of-more-than-15-bytes'], { netns: near });
      const found = await builders.getLink('v0', { netns: near });
      for (const [i, ref] of [found, found.index, 'a-name-of-more-than-15-bytes'].entries()) {
        await builders.setLink(ref, { mtu: 1300 + i }, { netns: near });
        expect(link('v0').mtu).toBe(1300 + i);
      }
    });

    test('a name that is taken is refused', async () => {
      add('v0 type veth peer name v1');
      const before = state();
      await expect(async () => await builders.setLink('v0', { name: 'v1' }, { netns: near })).rejects.toMatchObject({
        code: 'EEXIST',
        syscall: 'RTM_NEWLINK',
      });
      expect(state()).toEqual(before);
    });
  });

  describe('deleteLink', () => {
    test('deletes by name, index, object and alternative name, with the other end of a veth', async () => {
      const refs: ((seen: Json) => netloom.rtnl.LinkRef)[] = [
        () => 'v0',
        ({ ifindex }) => ifindex,
        ({ ifindex }) => ({ index: ifindex }),
        () => 'a-name-of-more-than-15-bytes',
      ];
      for (const ref of refs) {
        add('v0 type veth peer name v1');
        ipText(['link', 'property', 'add', 'dev', 'v0', 'altname', 'a-name-of-more-than-15-bytes'], { netns: near });
        await builders.deleteLink(ref(link('v0')), { netns: near });
        expect(names()).toEqual(['lo']);
      }
      await expect(async () => await builders.deleteLink('v0', { netns: near })).rejects.toMatchObject({
        name: 'NotFoundError',
        code: 'ENODEV',
        argument: 'link',
      });
      await expect(async () => await builders.deleteLink('lo', { netns: near })).rejects.toMatchObject({
        name: 'UnsupportedError',
        code: 'EOPNOTSUPP',
      });
      expect(names()).toEqual(['lo']);
    });
  });

  describe('enslave and release', () => {
    test('make a port and free it, by name, index and object', async () => {
      add('br0 type bridge');
      add('br1 type bridge');
      add('v0 type veth peer name v1');
      await builders.enslave('v0', 'br0', { netns: near });
      expect(link('v0')).toMatchObject({ master: 'br0', linkinfo: { info_slave_kind: 'bridge' } });
      // to another master at once
      await builders.enslave(link('v0').ifindex, link('br1').ifindex, { netns: host });
      expect(link('v0').master).toBe('br1');
      await builders.release('v0', { netns: near });
      expect(link('v0').master).toBeUndefined();
      await builders.enslave(await builders.getLink('v0', { netns: near }), await builders.getLink('br0', { netns: near }), {
        netns: near,
      });
      expect(link('v0').master).toBe('br0');
      await builders.release({ index: link('v0').ifindex }, { netns: near });
      await builders.release('v0', { netns: near });
      expect(link('v0').master).toBeUndefined();
    });

    test('the ports of a bridge can be read', async () => {
      add('br0 type bridge');
      for (const name of ['va', 'vb', 'vc']) add(`${name} type veth peer name ${name}1`);
      for (const name of ['va', 'vc']) await builders.enslave(name, 'br0', { netns: near });
      await using rt = await rtnl.open({ netns: near });
      using rtSync = rtnl.openSync({ netns: near });
      expect((await rt.links.list({ master: 'br0' })).map(({ name }) => name).sort()).toEqual(['va', 'vc']);
      expect(rtSync.links.list({ master: 'br0' }).map(({ name, master }) => [name, master])).toEqual([
        ['va', 'br0'],
        ['vc', 'br0'],
      ]);
    });

    test('what cannot be a master, or a port, is refused and stays as it is', async () => {
      add('br0 type bridge');
      add('br1 type bridge');
      add('v0 type veth peer name v1');
      const before = state();
      await expect(async () => await builders.enslave('v0', 'lo', { netns: near })).rejects.toMatchObject({
        code: 'EOPNOTSUPP',
        syscall: 'RTM_NEWLINK',
      });
      await expect(async () => await builders.enslave('lo', 'br0', { netns: near })).rejects.toMatchObject({ code: 'EINVAL' });
      await expect(async () => await builders.enslave('br1', 'br0', { netns: near })).rejects.toMatchObject({ code: 'ELOOP' });
      const missing = { name: 'NotFoundError', argument: 'master', subject: 'link 4711' };
      await expect(async () => await builders.enslave('v0', 4711, { netns: near })).rejects.toMatchObject(missing);
      await expect(async () => await builders.createLink({ kind: 'ifb', name: 'x', master: 4711, netns: near })).rejects.toMatchObject(
        missing,
      );
      const pair = { name: 'x', netns: near, peer: { name: 'y', netns: near } };
      await expect(async () => await builders.createVethPair({ ...pair, master: 4711 })).rejects.toMatchObject(missing);
      await expect(async () => await builders.createVethPair({ ...pair, peer: { ...pair.peer, master: 4711 } })).rejects.toMatchObject({
        ...missing,
        argument: 'peer.master',
      });
      await expect(async () => await builders.setLink('v0', { address: '' }, { netns: near })).rejects.toMatchObject({
        name: 'InputError',
        argument: 'address',
      });
      expect(state()).toEqual(before);
    });
  });

  describe('moveToNs', () => {
    let red: Named;
    beforeEach(() => {
      red = newNamespace('r');
    });

    test('moves to a name, a path and a handle, and returns the link as it is there', async () => {
      for (const [i, target] of [red.name, `/run/netns/${red.name}`, red].entries()) {
        add(`v${i} type veth peer name p${i}`);
        const moved = await builders.moveToNs(`v${i}`, target, { netns: near });
        const there = link(`v${i}`, red.name);
        expect(names()).not.toContain(`v${i}`);
        expect(moved).toMatchObject({
          name: `v${i}`,
          index: there.ifindex,
          address: there.address,
          mtu: there.mtu,
          kind: 'veth',
          up: false,
        });
        expect(moved.peerIndex).toBe(link(`p${i}`).ifindex);
      }
    });

    test('moves to the namespace of a process', async () => {
      const child: ChildProcess = spawn('unshare', ['--net', 'sleep', '60'], { stdio: 'ignore' });
      try {
        const pid = child.pid as number;
        const space = `/proc/${pid}/ns/net`;
        while (readlinkSync(space) === readlinkSync('/proc/self/ns/net')) await sleep(5);
        add('v0 type veth peer name v1');
        const moved = await builders.moveToNs('v0', pid, { netns: near, name: 'eth0' });
        expect(link('eth0', space)).toMatchObject({ ifindex: moved.index, linkinfo: { info_kind: 'veth' } });
        expect(moved.name).toBe('eth0');
        expect(names()).toEqual(['lo', 'v1']);
      } finally {
        child.kill();
      }
    });

    test('renames on the way, and may meet a name that is taken here', async () => {
      add('v0 type veth peer name eth0');
      const moved = await builders.moveToNs('v0', red, { netns: host, name: 'eth0' });
      expect(moved).toMatchObject({ name: 'eth0', kind: 'veth', peerIndex: link('eth0').ifindex });
      expect(names(red.name)).toEqual(['eth0', 'lo']);
      const back = await builders.moveToNs('eth0', near, { netns: red, name: 'v0' });
      expect(back.name).toBe('v0');
      expect(names()).toEqual(['eth0', 'lo', 'v0']);
    });

    test('takes an index, an object and an alternative name', async () => {
      for (const i of [0, 1, 2]) add(`v${i} type veth peer name p${i}`);
      ipText(['link', 'property', 'add', 'dev', 'v2', 'altname', 'a-name-of-more-than-15-bytes'], { netns: near });
      const object = await builders.getLink('v1', { netns: near });
      expect((await builders.moveToNs(link('v0').ifindex, red, { netns: near })).name).toBe('v0');
      expect((await builders.moveToNs(object, red, { netns: near })).name).toBe('v1');
      expect((await builders.moveToNs('a-name-of-more-than-15-bytes', red, { netns: near })).name).toBe('v2');
      expect(names(red.name)).toEqual(['lo', 'v0', 'v1', 'v2']);
    });

    test('takes the address, the master and the up state away, and keeps mtu and hardware address', async () => {
      add('br0 type bridge');
      add('v0 address 02:00:00:00:00:05 mtu 1400 type veth peer name v1');
      ipText(['link', 'set', 'v0', 'up', 'master', 'br0'], { netns: near });
      await builders.addAddress('v0', '10.0.0.1/24', { netns: near });
      const moved = await builders.moveToNs('v0', red, { netns: near });
      expect(moved).toMatchObject({ mtu: 1400, address: '02:00:00:00:00:05', up: false });
      expect(moved.master).toBeUndefined();
      expect(addresses('v0', red.name)).toEqual([]);
    });

    test('a name that is taken there, or a link that cannot move, stays where it is', async () => {
      add('v0 type veth peer name v1');
      add('br0 type bridge');
      add('v0 type ifb', red.name);
      const before = [state(), state(red.name)];
      await expect(async () => await builders.moveToNs('v0', red, { netns: near })).rejects.toMatchObject({
        code: 'EEXIST',
        syscall: 'RTM_NEWLINK',
      });
      await expect(async () => await builders.moveToNs('v1', red, { netns: near, name: 'v0' })).rejects.toMatchObject({ code: 'EEXIST' });
      await expect(async () => await builders.moveToNs('lo', red, { netns: near })).rejects.toMatchObject({ code: 'EINVAL' });
      expect([state(), state(red.name)]).toEqual(before);
    });

    test('to where it is already is no error', async () => {
      add('v0 type veth peer name v1');
      const before = state();
      expect(await builders.moveToNs('v0', host, { netns: near })).toMatchObject({ name: 'v0', index: link('v0').ifindex });
      expect(state()).toEqual(before);
    });
  });

  describe('findPeer', () => {
    test('finds the other end in its own namespace', async () => {
      add('v0 type veth peer name v1');
      expect(await builders.findPeer('v0', { netns: near })).toEqual({
        link: await builders.getLink('v1', { netns: near }),
        netns: undefined,
      });
    });

    test('finds it in a named namespace, or in one of the candidates', async () => {
      const [red, blue] = [newNamespace('r'), newNamespace('b')];
      const { peer } = await builders.createVethPair({ name: 'v0', netns: near, peer: { name: 'eth0', netns: red, up: true } });
      const found = await builders.findPeer('v0', { netns: near });
      expect(found).toMatchObject({
        netns: `/run/netns/${red.name}`,
        link: { name: 'eth0', index: peer.index, address: peer.address, up: true },
      });
      expect(await builders.findPeer('eth0', { netns: red })).toMatchObject({ netns: `/run/netns/${near}`, link: { name: 'v0' } });
      expect(await builders.findPeer('v0', { netns: near, candidates: [blue, red] })).toEqual({ link: found?.link, netns: red });
      expect(await builders.findPeer('v0', { netns: near, candidates: ['no such', blue.name, red.name] })).toMatchObject({
        netns: red.name,
      });
      expect(await builders.findPeer('v0', { netns: near, candidates: [blue, host] })).toBeUndefined();
      expect(await builders.findPeer('v0', { netns: near, candidates: [] })).toBeUndefined();
    });

    test('of one that is in no named namespace is undefined', async () => {
      const hidden = netns.createSync();
      try {
        await builders.createVethPair({ name: 'v0', netns: near, peer: { name: 'eth0', netns: hidden } });
        expect(await builders.findPeer('v0', { netns: near })).toBeUndefined();
        expect(await builders.findPeer('v0', { netns: near, candidates: [hidden] })).toMatchObject({
          netns: hidden,
          link: { name: 'eth0' },
        });
      } finally {
        hidden.close();
      }
    });

    test('passes over names that no namespace is behind', async () => {
      const red = newNamespace('r');
      const stale = `/run/netns/${uniqueName('000')}`;
      writeFileSync(stale, '');
      try {
        await builders.createVethPair({ name: 'v0', netns: near, peer: { name: 'eth0', netns: red } });
        expect(await builders.findPeer('v0', { netns: near })).toMatchObject({ netns: `/run/netns/${red.name}` });
      } finally {
        rmSync(stale);
      }
    });

    test('passes over names that go while it looks', async () => {
      const [leaving, red] = [newNamespace('00'), newNamespace('r')];
      opened.splice(opened.indexOf(leaving), 1);
      await builders.createVethPair({ name: 'v0', netns: near, peer: { name: 'eth0', netns: red } });
      // they are listed when it is called; as a deletion does, which unmounts the file first
      const found = builders.findPeer('v0', { netns: near });
      leaving.deleteSync();
      leaving.close();
      writeFileSync(`/run/netns/${leaving.name}`, '');
      try {
        expect(await found).toMatchObject({ netns: `/run/netns/${red.name}` });
      } finally {
        rmSync(`/run/netns/${leaving.name}`);
      }
    });

    test('of what is no veth, or not there, says so', async () => {
      await expect(async () => await builders.findPeer('lo', { netns: near })).rejects.toMatchObject({
        name: 'InputError',
        argument: 'link',
      });
      await expect(async () => await builders.findPeer('nosuch', { netns: near })).rejects.toMatchObject({
        name: 'NotFoundError',
        argument: 'link',
      });
    });
  });
});

describe('an abort', () => {
  test('of createBridge leaves the bridge with its addresses, or nothing, at whatever moment it comes', async () => {
    const before = state();
    for (let moment = 0; moment < 40; moment++) {
      const controller = new AbortController();
      const options = { name: 'br0', netns: near, addresses: ['10.0.0.1/24', '10.0.1.1/24', '10.0.2.1/24'], signal: controller.signal };
      const pending = netloom.createBridge(options).then(
        () => 'complete',
        (error: unknown) => error,
      );
      for (let i = 0; i < moment % 20; i++) await (moment < 20 ? undefined : nextTick());
      controller.abort(moment);
      const outcome = await pending;
      if (outcome === 'complete') {
        expect(addresses('br0')).toEqual(['10.0.0.1/24', '10.0.1.1/24', '10.0.2.1/24']);
        await netloom.deleteLink('br0', { netns: near });
      } else expect(outcome).toBe(moment);
      expect(names()).toEqual(['lo']);
    }
    expect(state()).toEqual(before);
  });

  test('before a call sends nothing', async () => {
    add('v0 type veth peer name v1');
    add('br0 type bridge');
    const before = state();
    const red = newNamespace('r');
    const where = { netns: near, signal: AbortSignal.abort(new Error('changed my mind')) };
    const calls: ((builders: Builders) => unknown)[] = [
      (builders) => builders.createBridge({ name: 'br1', addresses: ['10.0.0.1/24'], ...where }),
      (builders) => builders.createLink({ kind: 'ifb', name: 'x', ...where }),
      (builders) => builders.getLink('v0', where),
      (builders) => builders.setLink('v0', { mtu: 1400 }, where),
      (builders) => builders.deleteLink('v0', where),
      (builders) => builders.enslave('v0', 'br0', where),
      (builders) => builders.release('v0', where),
      (builders) => builders.moveToNs('v0', red, where),
      (builders) => builders.addAddress('v0', '10.0.0.1/24', where),
      (builders) => builders.removeAddress('v0', '10.0.0.1/24', where),
      (builders) => builders.addRoute({ to: '10.0.0.0/24', dev: 'v0', ...where }),
      (builders) => builders.removeRoute({ to: '10.0.0.0/24', dev: 'v0', ...where }),
      (builders) => builders.enableForwarding(where),
      (builders) => builders.masquerade({ source: '10.0.0.0/24', ...where }),
      (builders) => builders.addForwardAccept({ interface: 'v0', ...where }),
      (builders) => builders.findPeer('v0', where),
    ];
    for (const [, builders] of forms) {
      for (const call of calls) await expect(async () => await call(builders), String(call)).rejects.toBe(where.signal.reason);
    }
    expect(state()).toEqual(before);
  });
});
