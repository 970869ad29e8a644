/** Tun and tap links: made by ioctl, as ip-tuntap(8) makes them, and links like any other. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { type CreateLink, open, openSync, type RtnlClient, type RtnlClientSync } from '../../src/rtnl/index.ts';
import { needs, tunDevice } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json, sh } from '../support/oracle.ts';

const ours = uniqueName('tn');
const theirs = uniqueName('ti');
const show = (name: string, place = ours): Json => ip(['link', 'show', name], { netns: place })[0];
const names = (place = ours): string[] => ip(['link', 'show'], { netns: place }).map((link) => link.ifname);

needs({ kind: 'tun' }, tunDevice).describe('tun and tap', () => {
  const spaces: netns.Netns[] = [];
  beforeAll(async () => {
    for (const name of [ours, theirs]) spaces.push(await netns.create(name));
  });
  afterAll(async () => {
    for (const namespace of spaces) {
      await namespace.delete();
      namespace.close();
    }
  });
  afterEach(() => {
    // the other end of a pair goes with the first
    for (const place of [ours, theirs]) {
      const made = names(place).filter((name) => name !== 'lo');
      if (made.length > 0) sh(`printf 'link del %s\\n' ${made.join(' ')} | ip -force -batch - 2>/dev/null || true`, { netns: place });
    }
  });

  describe.each([
    ['async', (): Promise<RtnlClient> => open({ netns: ours })],
    ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: ours }))],
  ] as const)('%s', (_name, openClient) => {
    let rt: RtnlClient | RtnlClientSync;
    beforeAll(async () => {
      rt = await openClient();
    });
    afterAll(() => rt.close());
    const failure = async (run: () => unknown): Promise<Json> => {
      try {
        await run();
      } catch (error) {
        return error;
      }
      throw new Error('did not fail');
    };

    const cases: readonly (readonly [string, Extract<CreateLink, { kind: 'tun' }>['data'] & object])[] = [
      ['tun', {}],
      ['tap', { type: 'tap' }],
      ['tun user 1000 group 1001', { owner: 1000, group: 1001 }],
      ['tap multi_queue vnet_hdr pi', { type: 'tap', multiQueue: true, vnetHdr: true, pi: true }],
    ];
    test.each(cases)('ip tuntap add x0 mode %s', async (mode, data) => {
      ipText(['tuntap', 'add', 'x0', 'mode', ...mode.split(' ')], { netns: theirs });
      const made = await rt.links.create({ kind: 'tun', name: 'x0', data });
      const { ifindex: _theirs, address: theirAddress, ...expected } = show('x0', theirs);
      const { ifindex: index, address, ...actual } = show('x0');
      expect(actual).toEqual(expected);
      // that of a tap is made up
      expect(address === undefined).toBe(theirAddress === undefined);
      expect(made).toMatchObject({ kind: 'tun', name: 'x0', index, data: { type: 'tun', persist: true, pi: false, ...data } });

      const listed = await rt.links.get('x0');
      await rt.links.delete('x0');
      expect(names()).not.toContain('x0');
      expect(await rt.links.create(listed)).toEqual(listed);
      expect(show('x0')).toMatchObject({ ...actual, ifindex: index });
    });

    test('with everything that links have, in one call', async ({ task }) => {
      task.meta.kind = 'tun';
      await rt.links.create({ kind: 'bridge', name: 'br0' });
      const link = await rt.links.create({
        kind: 'tun',
        name: 'x0',
        index: 4711,
        data: { type: 'tap' },
        mtu: 1400,
        address: '02:00:00:00:00:51',
        master: 'br0',
        up: true,
        txQueueLength: 77,
        group: 5,
        alias: 'to a machine',
        altNames: ['x-long-alternative-name'],
      });
      expect(link).toMatchObject({ index: 4711, mtu: 1400, master: 'br0', up: true, alias: 'to a machine', group: 5 });
      expect(show('x0')).toMatchObject({
        ifindex: 4711,
        mtu: 1400,
        address: '02:00:00:00:00:51',
        master: 'br0',
        txqlen: 77,
        ifalias: 'to a machine',
        altnames: ['x-long-alternative-name'],
      });
      await rt.links.update('x0', { mtu: 1300, master: null, up: false });
      expect(show('x0')).toMatchObject({ mtu: 1300 });
      expect(show('x0')).not.toHaveProperty('master');
      expect(await rt.links.ensure({ kind: 'tun', name: 'x0', mtu: 1300 })).toMatchObject({ index: 4711 });
    });

    test('in another namespace', async () => {
      const link = await rt.links.create({ kind: 'tun', name: 'x0', netns: theirs });
      expect(names()).not.toContain('x0');
      expect(show('x0', theirs)).toMatchObject({ ifindex: link.index, linkinfo: { info_kind: 'tun' } });
    });

    test('the kernel numbers a name', async () => {
      expect((await rt.links.create({ kind: 'tun', name: 'y%d' })).name).toBe('y0');
      expect((await rt.links.create({ kind: 'tun', name: 'y%d' })).name).toBe('y1');
      expect((await rt.links.create({ kind: 'tun', data: { type: 'tap' } })).name).toBe('tap0');
    });

    test('a name or an index that is taken is EEXIST, and what has it stays', async () => {
      await rt.links.create({ kind: 'veth', name: 'x0', peer: 'x1' });
      const { index } = await rt.links.create({ kind: 'tun', name: 'x2' });
      expect(await failure(() => rt.links.create({ kind: 'tun', name: 'x0' }))).toMatchObject({ code: 'EEXIST', attribute: 'name' });
      expect(await failure(() => rt.links.create({ kind: 'tun', name: 'x2' }))).toMatchObject({ code: 'EEXIST', attribute: 'name' });
      expect(await failure(() => rt.links.create({ kind: 'tun', name: 'x3', index }))).toMatchObject({
        code: 'EEXIST',
        attribute: 'index',
      });
      expect(names().sort()).toEqual(['lo', 'x0', 'x1', 'x2']);
    });

    test('what is refused after the link was made takes it away again', async () => {
      const before = names();
      expect(await failure(() => rt.links.create({ kind: 'tun', name: 'x0', mtu: 10 }))).toMatchObject({ code: 'EINVAL' });
      expect(await failure(() => rt.links.create({ kind: 'tun', name: 'x0', master: 99_999 }))).toMatchObject({ name: 'NotFoundError' });
      expect(await failure(() => rt.links.create({ kind: 'tun', name: 'x0', altNames: ['lo'] }))).toMatchObject({ code: 'EEXIST' });
      expect(names()).toEqual(before);
    });

    test('bad input is refused before anything is made', async () => {
      const bad: readonly (readonly [object, string])[] = [
        [{ data: { type: 'tan' } }, 'data.type'],
        [{ data: { owner: -1 } }, 'data.owner'],
        [{ data: { pi: 1 } }, 'data.pi'],
        [{ data: { nosuch: true } }, 'data.nosuch'],
        [{ link: 1 }, 'link'],
      ];
      for (const [members, argument] of bad) {
        const error = await failure(() => rt.links.create({ kind: 'tun', name: 'x0', ...members } as CreateLink));
        expect(error).toMatchObject({ name: 'InputError', argument });
      }
      expect(names()).toEqual(['lo']);
    });

    test('leaves no descriptor open', async () => {
      // of the device and of sockets; the test runner opens files of its own as it pleases
      const count = (): number => sh(`ls -l /proc/${process.pid}/fd`).match(/ -> (\/dev\/net\/tun|socket:)/g)?.length ?? 0;
      await rt.links.create({ kind: 'tun', name: 'x0' });
      const before = count();
      for (let i = 1; i < 4; i++) await rt.links.create({ kind: 'tun', name: `x${i}` });
      await failure(() => rt.links.create({ kind: 'tun', name: 'x0' }));
      // sockets that nobody uses any more are closed in the meantime
      expect(count()).toBeLessThanOrEqual(before);
    });
  });
});
