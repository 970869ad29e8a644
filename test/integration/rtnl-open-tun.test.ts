/** Tun and tap links that this process is the other end of: what is written to a descriptor comes in, what the kernel sends is read. */
import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { type LinkKinds, open, openSync, type RtnlClient, type RtnlClientSync, type TunDevice } from '../../src/rtnl/index.ts';
import { needs, tunDevice } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText } from '../support/oracle.ts';

const place = uniqueName('ot');
const names = (): string[] => ip(['link', 'show'], { netns: place }).map((link) => link.ifname);
const shown = (name: string): LinkKinds['tun'] & { numqueues?: number } =>
  ip(['link', 'show', name], { netns: place })[0].linkinfo.info_data;

/** The checksum of the internet protocols (RFC 1071). */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An echo request from 10.0.0.2 to 10.0.0.1. */
function echoRequest(): Buffer {
  const packet = Buffer.alloc(28 + 4);
  packet.set([0x45, 0, 0, 32, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1], 0);
  packet.writeUInt16BE(checksum(packet.subarray(0, 20)), 10);
  packet.set([8, 0, 0, 0, 0, 7, 0, 9, 0x61, 0x62, 0x63, 0x64], 20);
  packet.writeUInt16BE(checksum(packet.subarray(20)), 22);
  return packet;
}

/** The first packet that `wanted` takes. What else the kernel sends (neighbor discovery, reports of groups) is passed over. */
async function readUntil(fds: readonly number[], wanted: (packet: Buffer) => boolean): Promise<Buffer> {
  const end = Date.now() + 20_000 * Number(process.env['NETLOOM_TIMEOUT_FACTOR'] ?? 1);
  const buffer = Buffer.alloc(65_536);
  while (Date.now() < end) {
    for (const fd of fds) {
      try {
        const packet = buffer.subarray(0, readSync(fd, buffer));
        if (wanted(packet)) return Buffer.from(packet);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('no such packet came');
}

const isOpen = (fd: number): boolean => {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
};

needs({ kind: 'tun' }, tunDevice).describe('tun and tap with their other end here', () => {
  let space: netns.Netns;
  beforeAll(async () => {
    space = await netns.create(place);
  });
  afterAll(async () => {
    await space.delete();
    space.close();
  });
  afterEach(() => {
    for (const name of names()) if (name !== 'lo') ipText(['link', 'del', name], { netns: place });
  });

  describe.each([
    ['async', (): Promise<RtnlClient> => open({ netns: place })],
    ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: place }))],
  ] as const)('%s', (_name, openClient) => {
    let rt: RtnlClient | RtnlClientSync;
    beforeAll(async () => {
      rt = await openClient();
    });
    afterAll(() => rt.close());
    const failure = async (run: () => unknown): Promise<unknown> => {
      try {
        await run();
      } catch (error) {
        return error;
      }
      throw new Error('did not fail');
    };

    test('a tun answers what is written to it, and goes with its descriptor', async () => {
      const device: TunDevice = await rt.links.openTun({ name: 't0', up: true, mtu: 1400, alias: 'mine', nonBlocking: true });
      expect(device.link).toMatchObject({
        kind: 'tun',
        name: 't0',
        up: true,
        mtu: 1400,
        alias: 'mine',
        data: { type: 'tun', persist: false },
      });
      expect(device.fds).toEqual([device.fd]);
      await rt.addresses.create('t0', '10.0.0.1/24');
      writeSync(device.fd, echoRequest());
      const reply = await readUntil(device.fds, (packet) => packet[0] === 0x45 && packet[9] === 1);
      expect(reply.subarray(12, 20)).toEqual(Buffer.from([10, 0, 0, 1, 10, 0, 0, 2]));
      expect(reply[20]).toBe(0);
      expect(reply.subarray(28).toString()).toBe('abcd');

      device.close();
      device.close();
      expect(isOpen(device.fd)).toBe(false);
      expect(names()).not.toContain('t0');
    });

    test('a tap with several queues; the kernel names it', async () => {
      using device = await rt.links.openTun({ data: { type: 'tap', multiQueue: true }, queues: 3, nonBlocking: true });
      expect(device.fds).toHaveLength(3);
      const { name } = device.link;
      expect(name).toMatch(/^tap\d+$/);
      expect(shown(name)).toMatchObject({ type: 'tap', multi_queue: true, numqueues: 3 });
      await rt.links.update(name, { up: true });
      await rt.addresses.create(name, '10.0.0.1/24');
      // who has 10.0.0.1?
      const request = Buffer.from(
        `${'ff'.repeat(6)}0200000000020806${'0001080006040001'}0200000000020a000002${'00'.repeat(6)}0a000001`,
        'hex',
      );
      writeSync(device.fds[2]!, request);
      const reply = await readUntil(device.fds, (frame) => frame.readUInt16BE(12) === 0x0806 && frame.readUInt16BE(20) === 2);
      expect(reply.subarray(28, 32)).toEqual(Buffer.from([10, 0, 0, 1]));
    });

    test('one that stays is attached to again', async () => {
      const device = await rt.links.openTun({ name: 't0', data: { type: 'tap', vnetHdr: true, multiQueue: true }, persist: true });
      const before = await rt.links.get('t0');
      device.close();
      expect(names()).toContain('t0');
      using first = await rt.links.attachTun('t0', { nonBlocking: true });
      using second = await rt.links.attachTun(first.link);
      expect(first.fd).not.toBe(second.fd);
      // attaching changes nothing of what the link is
      expect(await rt.links.get('t0')).toMatchObject({ data: { ...before.data, numQueues: 2 } });
      expect(shown('t0')).toMatchObject({ type: 'tap', vnet_hdr: true, multi_queue: true, numqueues: 2, persist: true });
    });

    test('what is refused leaves neither link nor descriptor', async () => {
      const before = openDescriptors();
      expect(await failure(() => rt.links.openTun({ name: 't0', master: 'nosuch' }))).toMatchObject({ name: 'NotFoundError' });
      expect(await failure(() => rt.links.openTun({ name: 'lo' }))).toMatchObject({ code: 'EEXIST', attribute: 'name' });
      expect(await failure(() => rt.links.openTun({ name: 't0', data: { type: 'tap' }, address: '01:00:00:00:00:01' }))).toMatchObject({
        code: 'EADDRNOTAVAIL',
      });
      expect(await failure(() => rt.links.openTun({ name: 't0', queues: 2 }))).toMatchObject({ name: 'InputError', argument: 'queues' });
      expect(await failure(() => rt.links.openTun({ name: 't0', queues: 257, data: { multiQueue: true } }))).toMatchObject({
        name: 'InputError',
        argument: 'queues',
      });
      // @ts-expect-error: no such option
      expect(await failure(() => rt.links.openTun({ qeues: 2 }))).toMatchObject({ name: 'InputError', argument: 'qeues' });
      expect(await failure(() => rt.links.attachTun('lo'))).toMatchObject({ name: 'InputError', argument: 'link' });
      expect(await failure(() => rt.links.attachTun('nosuch'))).toMatchObject({ name: 'NotFoundError' });
      using device = await rt.links.openTun({ name: 't0' });
      expect(await failure(() => rt.links.attachTun('t0'))).toMatchObject({ name: 'SystemError', code: 'EBUSY' });
      expect(openDescriptors()).toBe(before + 1);
      expect(names().sort()).toEqual(['lo', 't0']);
      expect(device.link.name).toBe('t0');
    });
  });

  /** Descriptors open on the device of tun and tap. */
  function openDescriptors(): number {
    let count = 0;
    for (let fd = 0; fd < 1024; fd++) {
      try {
        const { rdev } = fstatSync(fd);
        if (rdev === ((10 << 8) | 200)) count++;
      } catch {
        // not open
      }
    }
    return count;
  }

  test('a descriptor can be handed to who closes it himself', async () => {
    await using rt = await open({ netns: place });
    const device = await rt.links.openTun({ name: 't0' });
    closeSync(device.fd);
    expect(names()).not.toContain('t0');
  });
});
