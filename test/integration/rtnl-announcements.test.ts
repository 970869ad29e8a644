/** What a router announces, in a monitor: the router is a tap whose other end is here. `ip monitor prefix` is the witness. */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, type RtnlClient, type TunDevice } from '../../src/rtnl/index.ts';
import { needs, tunDevice } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip } from '../support/oracle.ts';

const place = uniqueName('ra');

/** An address as its 16 bytes. */
function bytesOf(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined): number[] =>
    (text ?? '')
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail)];
  const all = tail === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}

/** A router announcement (RFC 4861, 4.2) with these options, as an Ethernet frame to all nodes. */
function announcement(options: Buffer): Buffer {
  const [source, target] = [bytesOf('fe80::1'), bytesOf('ff02::1')];
  const icmp = Buffer.concat([Buffer.from([134, 0, 0, 0, 64, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0]), options]);
  const pseudo = Buffer.concat([source, target, Buffer.from([0, 0, 0, icmp.length, 0, 0, 0, 58]), icmp]);
  let sum = 0;
  for (let i = 0; i < pseudo.length; i += 2) sum += pseudo.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  icmp.writeUInt16BE(~sum & 0xffff, 2);
  const header = Buffer.from([0x60, 0, 0, 0, 0, icmp.length, 58, 255]);
  return Buffer.concat([Buffer.from('3333000000010200000000ff86dd', 'hex'), header, source, target, icmp]);
}

const prefixOption = (flags: number, prefix: string): Buffer =>
  Buffer.concat([Buffer.from([3, 4, 64, flags, 0, 0, 0x0e, 0x10, 0, 0, 0x07, 0x08, 0, 0, 0, 0]), bytesOf(prefix)]);
const nameServers = Buffer.concat([Buffer.from([25, 3, 0, 0, 0, 0, 0, 90]), bytesOf('2001:db8::53')]);
const searchList = Buffer.concat([Buffer.from([31, 3, 0, 0, 0, 0, 0, 90]), Buffer.from('\x07example\x03org\0\0\0\0')]);

needs({ kind: 'tun' }, tunDevice).describe('announcements of routers', () => {
  let space: netns.Netns;
  let rt: RtnlClient;
  let tap: TunDevice;
  beforeAll(async () => {
    space = await netns.create(place);
    rt = await open({ netns: place });
    tap = await rt.links.openTun({ name: 'tap0', data: { type: 'tap' }, nonBlocking: true });
    space.sysctl.setSync('net.ipv6.conf.tap0.accept_ra', 2);
    space.sysctl.setSync('net.ipv6.conf.tap0.accept_dad', 0);
    await rt.links.update('tap0', { up: true });
  });
  afterAll(async () => {
    tap.close();
    rt.close();
    await space.delete();
    space.close();
  });

  test('prefixes, name servers and domains', async () => {
    const monitor = rt.monitor(['prefix', 'ndUserOption'], { initial: true, resync: true });
    const witness = spawn('nsenter', [`--net=/run/netns/${place}`, 'ip', 'monitor', 'prefix'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    witness.stdout.on('data', (text) => {
      told += text;
    });
    const { index } = await rt.links.get('tap0');
    const options = Buffer.concat([prefixOption(0xc0, '2001:db8:1::'), prefixOption(0x80, '2001:db8:2::'), nameServers, searchList]);
    // an interface that has come up a moment ago may not take any yet, and the witness may not listen yet
    const sender = setInterval(() => writeSync(tap.fd, announcement(options)), 200);
    const seen = new Map<string, unknown>();
    try {
      for await (const event of monitor) {
        if (event.kind === 'prefix' && event.action === 'new') seen.set(event.new.prefix, event.new);
        if (event.kind === 'ndUserOption' && event.action === 'new')
          for (const option of event.new.options) seen.set(option.kind, { ...event.new, options: option });
        if (
          ['2001:db8:1::/64', '2001:db8:2::/64', 'nameServers', 'searchList'].every((key) => seen.has(key)) &&
          told.includes('2001:db8:2::/64')
        )
          break;
      }
    } finally {
      clearInterval(sender);
      witness.kill();
    }
    const common = { dev: 'tap0', devIndex: index, validLifetime: 3600, preferredLifetime: 1800 };
    expect(seen.get('2001:db8:1::/64')).toMatchObject({ ...common, onLink: true, autoconf: true });
    expect(seen.get('2001:db8:2::/64')).toMatchObject({ ...common, onLink: true, autoconf: false });
    const from = { dev: 'tap0', devIndex: index, source: 'fe80::1' };
    expect(seen.get('nameServers')).toEqual({ ...from, options: { kind: 'nameServers', lifetime: 90, addresses: ['2001:db8::53'] } });
    expect(seen.get('searchList')).toEqual({ ...from, options: { kind: 'searchList', lifetime: 90, domains: ['example.org'] } });
    expect(told).toMatch(/prefix 2001:db8:1::\/64\s?dev tap0 /);
    expect(told).toContain('valid 3600');
    // the kernel has made an address of the one, and of the other a route only
    expect(
      ip(['-6', 'address', 'show', 'dev', 'tap0'], { netns: place })[0].addr_info.map((each: { local: string }) => each.local),
    ).toEqual(expect.arrayContaining([expect.stringMatching(/^2001:db8:1:/)]));
  });
});
