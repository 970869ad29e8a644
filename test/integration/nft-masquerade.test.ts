/** masquerade and forwardAccept on the real kernel, with nft as the witness. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NotFoundError } from '../../src/netlink/errors.ts';
import { Host } from '../../src/netlink/host.ts';
import { SyncHost } from '../../src/netlink/host-sync.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import { defaultTransport } from '../../src/netlink/transport/default.ts';
import {
  forwardAccept,
  type MasqueradeHandle,
  type MasqueradeOptions,
  masqueradeProgram as masquerade,
  openSync,
  removeForwardAccept,
  removeMasquerade,
} from '../../src/nft/index.ts';
import { uniqueName } from '../support/names.ts';
import { type Json, nftJson, nftLoad, nftText } from '../support/oracle.ts';

let fd = -1;
/** The namespace of a test: as netloom takes it, and as nsenter does. */
let netns: { fd: number };
let where: { netns: string };
const host = new SyncHost({ openTransport: defaultTransport() });

beforeEach(() => {
  fd = createNamespace();
  netns = { fd };
  where = { netns: `/proc/${process.pid}/fd/${fd}` };
});
afterEach(() => closeFd(fd));

const add = (options: MasqueradeOptions): MasqueradeHandle => host.run(masquerade({ netns, ...options }), {});
const remove = (handle: MasqueradeHandle): void => host.run(removeMasquerade(handle, { netns }), {});
/** The rules as nft prints them. */
const printed = (): string[] =>
  nftText(where)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(ip|ip6|iifname|oifname|meta) /.test(line));

describe('masquerade', () => {
  test.each<[string, MasqueradeOptions]>([
    [
      'ip saddr 10.0.0.0/24 oifname "up0" counter packets 0 bytes 0 masquerade fully-random',
      { source: '10.0.0.0/24', outInterface: 'up0', fullyRandom: true },
    ],
    ['ip saddr 10.0.0.0/20 counter packets 0 bytes 0 masquerade', { source: '10.0.0.0/20' }],
    [
      'ip saddr 10.0.0.1 ip daddr != 10.0.0.0/8 counter packets 0 bytes 0 masquerade',
      { source: '10.0.0.1', excludeDestination: '10.0.0.0/8' },
    ],
    [
      'ip saddr 0.0.0.0/0 oifname "up*" counter packets 0 bytes 0 masquerade random',
      { source: '0.0.0.0/0', outInterface: 'up*', random: true },
    ],
    [
      'ip saddr 10.0.0.0/24 ip daddr != { 10.0.0.0/8, 192.168.0.0/16 } counter packets 0 bytes 0 masquerade comment "mine"',
      { source: '10.0.0.0/24', excludeDestination: ['192.168.0.0/16', '10.0.0.0/8', '10.1.0.0/16'], comment: 'mine' },
    ],
    [
      'ip saddr 10.0.0.0/24 ip daddr != { 10.0.0.1, 10.0.0.2 } counter packets 0 bytes 0 masquerade',
      { source: '10.0.0.0/24', excludeDestination: ['10.0.0.1', '10.0.0.2'] },
    ],
    [
      'ip saddr 10.0.0.0/24 meta l4proto { tcp, udp } counter packets 0 bytes 0 masquerade to :1024-65535 random,persistent',
      { source: '10.0.0.0/24', toPorts: '1024-65535', random: true, persistent: true },
    ],
    [
      'ip saddr 10.0.0.0/24 meta l4proto { tcp, udp } counter packets 0 bytes 0 masquerade to :1024',
      { source: '10.0.0.0/24', toPorts: 1024 },
    ],
    [
      'ip6 saddr fd00::/61 ip6 daddr != fd00::/8 counter packets 0 bytes 0 masquerade',
      { source: 'fd00::/61', excludeDestination: 'fd00::/8' },
    ],
    [
      'ip6 saddr fd00:1::/64 ip6 daddr != { fd00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ff00::/8 } counter packets 0 bytes 0 masquerade',
      { source: 'fd00:1::/64', excludeDestination: ['fd00::/8', 'ff00::/8'] },
    ],
  ])('%s', (text, options) => {
    const handle = add(options);
    const wanted = text.replace('fd00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fd00::/8');
    expect(printed()).toEqual([wanted]);
    expect(add(options)).toEqual(handle);
    expect(printed()).toEqual([wanted]);
    remove(JSON.parse(JSON.stringify(handle)) as MasqueradeHandle);
    expect(nftJson(where)).toEqual([]);
    remove(handle);
  });

  test('makes the table and chain that nft would', () => {
    add({ source: '10.0.0.0/24' });
    expect(nftText(where)).toContain('chain postrouting {\n\t\ttype nat hook postrouting priority srcnat; policy accept;');
    expect(nftJson(where)).toMatchObject([{ table: { family: 'ip', name: 'netloom' } }, { chain: { name: 'postrouting' } }, { rule: {} }]);
  });

  test('keeps to its namespace', () => {
    // other test files may have rules in the namespace that they share
    const comment = uniqueName('own');
    add({ source: '10.0.0.0/24', comment });
    expect(nftText(where)).toContain(comment);
    expect(nftText()).not.toContain(comment);
    expect(() => host.run(masquerade({ source: '10.0.0.0/24', netns: 'no-such-namespace' }), {})).toThrow(NotFoundError);
  });

  test('leaves the rules of others, and removes the table with the last of its own', () => {
    const first = add({ source: '10.0.0.0/24' });
    const second = add({ source: '10.0.1.0/24', toPorts: '1000-2000', excludeDestination: ['10.0.0.0/8', '172.16.0.0/12'] });
    remove(first);
    expect(printed()).toHaveLength(1);
    remove(second);
    expect(nftJson(where)).toEqual([]);
  });

  test('leaves what was there before as it was', () => {
    nftLoad(
      'table ip netloom {\n set mine { type ipv4_addr; }\n chain web {\n }\n}\ntable ip other {\n chain a {\n accept\n }\n}\n',
      where,
    );
    const before = nftJson(where);
    remove(add({ source: '10.0.0.0/24' }));
    expect(nftJson(where)).toEqual(before);
  });

  test('leaves a chain that was there before, with its policy', () => {
    nftLoad('table ip netloom {\n chain postrouting {\n type nat hook postrouting priority srcnat; policy drop;\n }\n}\n', where);
    const before = nftJson(where);
    const handle = add({ source: '10.0.0.0/24' });
    expect(nftText(where)).toContain('policy drop');
    remove(handle);
    expect(nftJson(where)).toEqual(before);
  });

  test.each([
    ['a rule in the chain', 'add rule ip netloom postrouting accept'],
    ['a chain in the table', 'add chain ip netloom web'],
    ['a set in the table', 'add set ip netloom mine { type ipv4_addr; }'],
    ['an object in the table', 'add counter ip netloom mine'],
  ])('keeps the table for %s that came later', (_what, script) => {
    const handle = add({ source: '10.0.0.0/24' });
    nftLoad(script, where);
    remove(handle);
    const left = nftJson(where).map((object: Json) => Object.keys(object)[0]);
    expect(left[0]).toBe('table');
    expect(left.at(-1)).toBe(/^add (\w+)/.exec(script)?.[1]);
    expect(nftText(where)).not.toContain('masquerade');
  });

  test('removes no rule that has taken its handle', () => {
    const handle = add({ source: '10.0.0.0/24' });
    remove(handle);
    nftLoad('table ip netloom {\n chain postrouting {\n accept\n accept\n accept\n }\n}\n', where);
    const before = nftJson(where);
    remove(handle);
    expect(nftJson(where)).toEqual(before);
  });

  test('names a chain of another kind that is in the way', () => {
    nftLoad('table ip netloom {\n chain postrouting {\n type filter hook postrouting priority 7;\n }\n}\n', where);
    const before = nftJson(where);
    expect(() => add({ source: '10.0.0.0/24' })).toThrow(/NFT_MSG_NEWCHAIN chain ip netloom postrouting: E/);
    expect(nftJson(where)).toEqual(before);
  });

  test('is one rule when many ask at once, and none when all have removed it', async () => {
    const parallel = new Host({ openTransport: defaultTransport() });
    const sources = Array.from({ length: 24 }, (_, i) => `10.0.${i % 3}.0/24`);
    const handles = await Promise.all(sources.map((source) => parallel.run(masquerade({ source, netns }), {})));
    expect(printed().sort()).toEqual([0, 1, 2].map((i) => `ip saddr 10.0.${i}.0/24 counter packets 0 bytes 0 masquerade`));
    expect(new Set(handles.map(({ handles: [handle] }) => handle)).size).toBe(3);
    await Promise.all(handles.map((handle) => parallel.run(removeMasquerade(handle, { netns }), {})));
    expect(nftJson(where)).toEqual([]);
    parallel.close();
  });
});

describe('forwardAccept', () => {
  test('lets an interface through, once, and takes it back', () => {
    const accept = (name: string) => host.run(forwardAccept({ interface: name, comment: 'containers', netns }), {});
    const handle = accept('br0');
    expect(accept('br0')).toEqual(handle);
    expect(handle).toMatchObject({ family: 'inet', table: 'netloom', chain: 'forward' });
    expect(handle.handles).toHaveLength(2);
    expect(printed()).toEqual([
      'iifname "br0" counter packets 0 bytes 0 accept comment "containers"',
      'oifname "br0" counter packets 0 bytes 0 accept comment "containers"',
    ]);
    expect(nftText(where)).toContain('type filter hook forward priority filter; policy accept;');
    const other = accept('br1');
    host.run(removeForwardAccept(handle, { netns }), {});
    expect(printed()).toHaveLength(2);
    host.run(removeForwardAccept(other, { netns }), {});
    expect(nftJson(where)).toEqual([]);
  });

  test('is made whole when one of its rules was deleted', () => {
    const handle = host.run(forwardAccept({ interface: 'br0', netns }), {});
    nftLoad(`delete rule inet netloom forward handle ${handle.handles[0]}`, where);
    const again = host.run(forwardAccept({ interface: 'br0', netns }), {});
    expect(again.handles).not.toContain(handle.handles[1]);
    expect(printed()).toHaveLength(2);
  });
});

test('its rules are marked for netloom alone: nft shows no comment, and a client the entry', () => {
  const handle = add({ source: '10.0.0.0/24' });
  using client = openSync({ netns });
  const [rule] = client.rules.list({ family: 'ip', table: 'netloom', chain: 'postrouting' });
  expect(rule?.comment).toBeUndefined();
  expect(Buffer.from(rule?.userdata?.[0]?.data ?? []).toString()).toBe(`netloom:${handle.key}\0`);
});
