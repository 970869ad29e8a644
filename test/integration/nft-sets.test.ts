/** Sets, maps and their elements on the real kernel, with nft as the witness. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError, NetlinkError, NotFoundError } from '../../src/netlink/errors.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import { type ElementInput, expr, type NftClientSync, open, openSync, type SetInput } from '../../src/nft/index.ts';
import { nftLoad, nftText } from '../support/oracle.ts';

let fd = -1;
let where: { netns: string };
let nf: NftClientSync;
const table = { family: 'inet', name: 't' } as const;
const set = (name: string): { family: 'inet'; table: string; name: string } => ({ family: 'inet', table: 't', name });

beforeEach(() => {
  fd = createNamespace();
  where = { netns: `/proc/${process.pid}/fd/${fd}` };
  nf = openSync({ netns: { fd } });
  nf.tables.create(table);
});
afterEach(() => {
  nf.close();
  closeFd(fd);
});

/** What nft prints of the elements of a set. */
function printed(name: string): string {
  const [, content = ''] = new RegExp(`(?:set|map) ${name} \\{([\\s\\S]*?)\\n\\t\\}`).exec(nftText(where)) ?? [];
  return (/elements = \{([\s\S]*?)\}/.exec(content)?.[1] ?? '').replace(/\s+/g, ' ').trim();
}

function refusal(action: () => unknown): NetlinkError {
  try {
    action();
  } catch (error) {
    if (error instanceof NetlinkError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

type Case = [type: SetInput['type'], elements: ElementInput[], printed: string, more?: Partial<SetInput>];
const cases: Case[] = [
  ['ipv4_addr', ['10.0.0.1', '10.0.0.2'], '10.0.0.1, 10.0.0.2'],
  ['ipv6_addr', ['fd00::1'], 'fd00::1'],
  ['ether_addr', ['02:00:00:00:00:01'], '02:00:00:00:00:01'],
  ['inet_service', [80, 443], '80, 443'],
  ['inet_proto', ['tcp', 'udp', 200], 'tcp, udp, 200'],
  ['mark', [10, 0xdeadbeef], '0x0000000a, 0xdeadbeef'],
  ['ifname', ['lo', 'eth0'], '"lo", "eth0"'],
  ['iface_index', [1], '"lo"'],
  ['icmp_type', ['echo-request', 'echo-reply'], 'echo-reply, echo-request'],
  ['icmpv6_type', ['nd-router-advert'], 'nd-router-advert'],
  ['ct_state', ['new', 'established'], 'established, new'],
  ['ct_status', ['assured', 'dnat'], 'assured, dnat'],
  ['ether_type', ['ip', 'arp'], 'ip, arp'],
  ['pkt_type', ['broadcast', 'host'], 'host, broadcast'],
  ['dscp', ['cs1', 'ef', 5], 'cs1, ef, 0x05'],
  ['tcp_flag', ['syn', 'ack'], 'syn, ack'],
  ['uid', [1000], '1000'],
  ['day', ['Monday'], '"Monday"'],
  ['fib_addrtype', ['local', 'unicast'], 'unicast, local'],
  ['boolean', [true], 'exists'],
  [['ipv4_addr', 'inet_service'], [['10.0.0.1', 80]], '10.0.0.1 . 80'],
  [['inet_proto', 'ipv6_addr', 'inet_service'], [['tcp', 'fd00::1', 80]], 'tcp . fd00::1 . 80'],
  [['ifname', 'mark'], [['lo', 7]], '"lo" . 0x00000007'],
  ['ipv4_addr', ['10.0.0.0/24', '10.1.0.1-10.1.0.9', '10.2.0.0'], '10.0.0.0/24, 10.1.0.1-10.1.0.9, 10.2.0.0', { flags: ['interval'] }],
  ['ipv4_addr', ['0.0.0.0/8', '224.0.0.0/3'], '0.0.0.0/8, 224.0.0.0/3', { flags: ['interval'] }],
  ['ipv4_addr', ['10.0.0.0/24', '10.0.1.0/24'], '10.0.0.0/24, 10.0.1.0/24', { flags: ['interval'] }],
  ['ipv4_addr', ['10.0.0.0/24', '10.0.1.0/24', '10.0.0.7'], '10.0.0.0/23', { flags: ['interval'], autoMerge: true }],
  ['ipv6_addr', ['fd00::/8', '::-::ffff'], '::/112, fd00::/8', { flags: ['interval'] }],
  ['inet_service', ['80-90', 443, '1000-65535'], '80-90, 443, 1000-65535', { flags: ['interval'] }],
  ['mark', ['1-10', { from: 100, to: 200 }], '0x00000001-0x0000000a, 0x00000064-0x000000c8', { flags: ['interval'] }],
  ['ifname', ['eth*', 'lo'], '"eth*", "lo"', { flags: ['interval'] }],
  [
    ['ipv4_addr', 'inet_service'],
    [
      ['10.0.0.0/8', '80-90'],
      ['1.2.3.4', 443],
    ],
    '10.0.0.0/8 . 80-90, 1.2.3.4 . 443',
    { flags: ['interval'] },
  ],
  [['mark', 'ipv4_addr'], [['5-6', '10.0.0.0/24']], '0x00000005-0x00000006 . 10.0.0.0/24', { flags: ['interval'] }],
  [
    'inet_service',
    [
      { key: 80, data: '10.0.0.1' },
      { key: '*', data: '10.0.0.9' },
    ],
    '80 : 10.0.0.1, * : 10.0.0.9',
    { map: 'ipv4_addr' },
  ],
  ['inet_service', [{ key: '80-90', data: '10.0.0.1' }], '80-90 : 10.0.0.1', { map: 'ipv4_addr', flags: ['interval'] }],
  ['ipv4_addr', [{ key: '10.0.0.1', data: 5 }], '10.0.0.1 : 0x00000005', { map: 'mark' }],
  [
    'inet_service',
    [
      { key: 80, data: 'accept' },
      { key: 90, data: { code: 'jump', chain: 'web' } },
      { key: '*', data: 'drop' },
    ],
    '80 : accept, 90 : jump web, * : drop',
    { map: 'verdict' },
  ],
  ['inet_service', [{ key: 80, data: ['10.0.0.1', 8080] }], '80 : 10.0.0.1 . 8080', { map: ['ipv4_addr', 'inet_service'] }],
  ['ipv4_addr', [{ key: '10.0.0.1', data: '10.0.1.0-10.0.1.9' }], '10.0.0.1 : 10.0.1.0-10.0.1.9', { map: 'ipv4_addr', mapInterval: true }],
  ['ipv4_addr', [{ key: '10.0.0.1', object: 'web' }], '10.0.0.1 : "web"', { map: { object: 'counter' } }],
  ['ipv4_addr', [{ key: '10.0.0.1', comment: 'a "b"' }], '10.0.0.1 comment "a "b""'],
  ['ipv4_addr', [{ key: '10.0.0.1', timeout: 3_600_000 }], '10.0.0.1 timeout 1h', { flags: ['timeout'] }],
  [
    'ipv4_addr',
    [{ key: '10.0.0.1', expressions: [expr('counter', { packets: 3, bytes: 180 })] }],
    '10.0.0.1 counter packets 3 bytes 180',
    { expressions: [expr('counter', {})] },
  ],
];

describe('elements', () => {
  test.each(cases)('of %j: %j', (type, elements, expected, more = {}) => {
    nf.chains.create({ family: 'inet', table: 't', name: 'web' });
    nf.objects.create({ family: 'inet', table: 't', name: 'web', type: 'counter' });
    nf.sets.create({ ...set('s'), type, ...more, elements });
    const text = printed('s').replace(/ expires \S+/g, '');
    expect(text.split(', ').sort()).toEqual(expected.split(', ').sort());
    // what is listed can be created again, and is the same then
    const listed = nf.sets.get(set('s'));
    expect(listed).toMatchObject({ type, ...more });
    const held = nf.elements.list(listed);
    const loaded = nftText(where);
    nf.sets.delete(set('s'));
    nf.sets.create({ ...listed, elements: held });
    expect(nftText(where).replace(/ expires \S+/g, '')).toBe(loaded.replace(/ expires \S+/g, ''));
  });

  test('of nft are read as they would be written', () => {
    nftLoad(
      `table ip n {
        set a { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.168.0.1-192.168.0.9, 255.0.0.0/8 } }
        set b { typeof udp length . ip saddr; elements = { 5 . 1.2.3.4 } }
        set c { typeof udp length; elements = { 5 } }
        map d { type ipv4_addr . inet_service : interval ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/24 . 80-90 : 1.1.1.1-1.1.1.9 . 5-6 } }
        set e { typeof meta mark; flags interval; auto-merge; comment "ours"; elements = { 5-9 } }
      }`,
      where,
    );
    const of = (name: string) => ({ family: 'ip', table: 'n', name }) as const;
    expect(nf.elements.list(of('a'))).toEqual([{ key: '10.0.0.0/8' }, { key: '192.168.0.1-192.168.0.9' }, { key: '255.0.0.0/8' }]);
    expect(nf.sets.get(of('b')).type).toEqual([{ type: 'integer', length: 4 }, 'ipv4_addr']);
    expect(nf.sets.get(of('c')).type).toEqual({ type: 'integer', length: 2 });
    expect(nf.elements.list(of('c'))).toEqual([{ key: 5 }]);
    expect(nf.elements.list(of('d'))).toEqual([{ key: ['10.0.0.0/24', '80-90'], data: ['1.1.1.1-1.1.1.9', '5-6'] }]);
    expect(nf.sets.get(of('e'))).toMatchObject({ type: 'mark', flags: ['interval'], autoMerge: true, comment: 'ours' });
    expect(nf.elements.list(of('e'))).toEqual([{ key: '5-9' }]);
    // and created again as they were
    const before = nftText(where);
    for (const each of nf.sets.list({ family: 'ip', table: 'n' })) {
      const elements = nf.elements.list(each);
      nf.sets.delete(each);
      nf.sets.create({ ...each, elements });
    }
    expect(nftText(where)).toBe(before);
  });

  test('are added, got, deleted, destroyed and flushed', () => {
    const s = set('s');
    nf.sets.create({ ...s, type: 'ipv4_addr', flags: ['interval'] });
    nf.elements.add(s, ['10.0.0.0/24', '10.0.2.1']);
    nf.elements.add(s, ['10.0.2.1']);
    expect(nf.elements.get(s, ['10.0.0.7', '10.0.2.1'])).toEqual([{ key: '10.0.0.0/24' }, { key: '10.0.2.1' }]);
    expect(refusal(() => nf.elements.get(s, ['10.9.0.0']))).toMatchObject({ code: 'ENOENT' });
    expect(refusal(() => nf.elements.create(s, ['10.0.3.0/24', '10.0.2.1']))).toMatchObject({
      code: 'EEXIST',
      subject: 'elements of set inet t s',
    });
    expect(printed('s')).toBe('10.0.0.0/24, 10.0.2.1');
    nf.elements.delete(s, ['10.0.2.1']);
    expect(refusal(() => nf.elements.delete(s, ['10.0.2.1']))).toMatchObject({ code: 'ENOENT' });
    nf.elements.destroy(s, ['10.0.2.1']);
    expect(printed('s')).toBe('10.0.0.0/24');
    nf.elements.flush(s);
    expect(nf.elements.list(s)).toEqual([]);
  });

  test('that are refused are named', () => {
    const s = set('s');
    nf.sets.create({ ...s, type: 'ipv4_addr', map: 'mark', elements: [{ key: '10.0.0.77', data: 1 }] });
    const many = Array.from({ length: 5000 }, (_, i) => ({ key: `10.0.${i >> 8}.${i & 255}`, data: 2 }));
    expect(refusal(() => nf.elements.add(s, many))).toMatchObject({
      code: 'EEXIST',
      subject: 'elements of set inet t s',
      attribute: expect.stringContaining('element "10.0.0.77"'),
    });
    expect(nf.elements.list(s)).toEqual([{ key: '10.0.0.77', data: 1 }]);
  });

  test('that cannot be said are refused before anything is sent', () => {
    const s = { ...set('s'), type: 'ipv4_addr' } as const;
    const add =
      (elements: unknown, more = {}) =>
      () =>
        nf.elements.add({ ...s, ...more }, elements as ElementInput[]);
    expect(add(['10.0.0.1', '10.0.0'])).toThrow(/^elements\[1\]\.key: "10\.0\.0" is not an IP address/);
    expect(add(['fd00::1'])).toThrow(/elements\[0\]\.key: "fd00::1" is no IPv4 address/);
    expect(add(['10.0.0.0/8'])).toThrow(InputError);
    expect(add(['10.0.0.9-10.0.0.1'], { flags: ['interval'] })).toThrow(/is beyond/);
    expect(add(['10.0.0.0/8', '10.1.0.0/16'], { flags: ['interval'] })).toThrow(/overlap; a set with autoMerge/);
    expect(add([70000], { type: 'inet_service' })).toThrow(/expected an integer from 0 to 65535/);
    expect(add(['http'], { type: 'inet_service' })).toThrow(/"http" is no number/);
    expect(add([['10.0.0.1']], { type: ['ipv4_addr', 'mark'] })).toThrow(/expected an array of 2 values \(ipv4_addr, mark\)/);
    expect(add([{ key: '10.0.0.1', coment: 'x' }])).toThrow(/coment: is no member of an element/);
    expect(add([{ key: '10.0.0.1', data: 1 }])).toThrow(/data: is for a map/);
    expect(add(['10.0.0.1'], { type: 'ipv4' })).toThrow(/^type: "ipv4" is none of \d+ names \(did you mean ipv4_addr\?\)$/);
  });
});

describe('a set with autoMerge', () => {
  const s = set('s');
  beforeEach(() => {
    nf.sets.create({ ...s, type: 'ipv4_addr', flags: ['interval'], autoMerge: true, elements: ['10.0.0.0/24', '10.0.2.0/24'] });
  });
  const keys = () => nf.elements.list(s).map(({ key }) => key);

  test('takes what overlaps and adjoins', () => {
    nf.elements.add(s, ['10.0.0.128/25']);
    expect(keys()).toEqual(['10.0.0.0/24', '10.0.2.0/24']);
    nf.elements.add(s, ['10.0.0.200-10.0.1.5', '10.0.9.9']);
    expect(keys()).toEqual(['10.0.0.0-10.0.1.5', '10.0.2.0/24', '10.0.9.9']);
    nf.elements.add(s, ['10.0.1.6-10.0.1.255', '10.0.2.7']);
    expect(keys()).toEqual(['10.0.0.0-10.0.2.255', '10.0.9.9']);
    expect(printed('s')).toBe('10.0.0.0-10.0.2.255, 10.0.9.9');
    nf.elements.add(s, ['0.0.0.0/0']);
    expect(keys()).toEqual(['0.0.0.0/0']);
  });

  test('gives up parts', () => {
    nf.elements.delete(s, ['10.0.0.5', '10.0.0.7-10.0.0.8', '10.0.2.0/25']);
    expect(keys()).toEqual(['10.0.0.0-10.0.0.4', '10.0.0.6', '10.0.0.9-10.0.0.255', '10.0.2.128/25']);
    expect(() => nf.elements.delete(s, ['10.0.0.5'])).toThrow(NotFoundError);
    nf.elements.delete(s, ['10.0.0.6', '10.0.2.128/25']);
    expect(keys()).toEqual(['10.0.0.0-10.0.0.4', '10.0.0.9-10.0.0.255']);
  });

  test('agrees with a list of numbers, whatever is added and deleted', () => {
    const seed = 20240607;
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    nf.elements.flush(s);
    const held = new Set<number>();
    for (let round = 0; round < 60; round++) {
      const from = random(60);
      const to = Math.min(59, from + random(12));
      const key = `10.0.0.${from}-10.0.0.${to}`;
      const range = Array.from({ length: to - from + 1 }, (_, i) => from + i);
      if (round % 3 < 2) {
        nf.elements.add(s, [key]);
        for (const n of range) held.add(n);
      } else if (range.every((n) => held.has(n))) {
        nf.elements.delete(s, [key]);
        for (const n of range) held.delete(n);
      }
      const expected: string[] = [];
      for (let n = 0; n < 61; n++) {
        if (!held.has(n) || held.has(n - 1)) continue;
        let last = n;
        while (held.has(last + 1)) last++;
        expected.push(`${n}-${last}`);
      }
      const found = nf.elements.list({ ...s, type: 'ipv4_addr', flags: ['interval'] }).map(({ key: text }) => {
        const [address, bits] = String(text).split('/');
        const [first, second = first] = address!.split('-').map((part) => Number(part.split('.')[3]));
        return `${first}-${bits === undefined ? second : first! + 2 ** (32 - Number(bits)) - 1}`;
      });
      expect(found, `seed ${seed}, round ${round}: ${key}`).toEqual(expected);
    }
  });
});

describe('sets', () => {
  test('whose elements live long, or next to no time, are asked for as patiently as others', async () => {
    const clients = [nf, await open({ netns: { fd } })];
    for (const [i, timeout] of [100 * 24 * 3_600_000, 1].entries())
      for (const [j, client] of clients.entries()) {
        const made = await client.sets.create({ ...set(`s${i}${j}`), type: 'ipv4_addr', timeout });
        // the kernel rounds up to its ticks
        expect(made.timeout).toBeGreaterThanOrEqual(timeout);
        await client.sets.add({ ...set(`s${i}${j}`), type: 'ipv4_addr', timeout });
        expect(await client.elements.list(made)).toEqual([]);
        await client.elements.add(made, ['10.0.0.1']);
        await client.elements.flush(made);
        await client.sets.delete(made);
      }
    for (const client of clients) client.close();
    nf = openSync({ netns: { fd } });
  });

  test('have the verbs of nft', () => {
    const s = { ...set('s'), type: 'ipv4_addr', size: 2, timeout: 60_000, gcInterval: 5_000, policy: 'memory', comment: 'ours' } as const;
    const made = nf.sets.create(s);
    expect(made).toMatchObject({ ...s, flags: ['timeout'] });
    expect(typeof made.handle).toBe('bigint');
    const text = nftText(where);
    for (const part of ['type ipv4_addr', 'size 2', 'policy memory', 'timeout 1m', 'gc-interval 5s', 'comment "ours"'])
      expect(text).toContain(part);
    nf.sets.add(s);
    expect(refusal(() => nf.sets.create(s))).toMatchObject({ code: 'EEXIST', subject: 'set inet t s' });
    expect(refusal(() => nf.sets.add({ ...s, type: 'ipv6_addr' }))).toMatchObject({ code: 'EEXIST' });
    nf.elements.add(s, ['10.0.0.1']);
    nf.sets.create({ ...set('full'), type: 'ipv4_addr', size: 2, elements: ['10.0.0.1', '10.0.0.2'] });
    expect(refusal(() => nf.elements.add(set('full'), ['10.0.0.3']))).toMatchObject({ code: 'ENFILE' });
    nf.sets.delete(set('full'));
    expect(nf.sets.list({ table: 't' })).toMatchObject([{ name: 's' }]);
    expect(nf.sets.list({ family: 'inet', table: 'other' })).toEqual([]);
    expect(nf.sets.list({ table: 'other' })).toEqual([]);
    nf.sets.flush(s);
    expect(printed('s')).toBe('');
    nf.sets.destroy(s);
    nf.sets.ensureAbsent(s);
    expect(refusal(() => nf.sets.delete(s))).toMatchObject({ code: 'ENOENT', syscall: 'NFT_MSG_DELSET' });
  });

  test('give elements several expressions, and reset their counters', () => {
    const s = set('s');
    nf.sets.create({
      ...s,
      type: 'ipv4_addr',
      flags: ['dynamic'],
      expressions: [expr('counter', {}), expr('limit', { rate: 5, unit: 1, burst: 5, type: 'packets', flags: [] })],
    });
    expect(nftText(where)).toContain('counter limit rate 5/second');
    nf.sets.create({ ...set('c'), type: 'ipv4_addr', expressions: [expr('counter', {})] });
    nf.elements.add(set('c'), [{ key: '10.0.0.1', expressions: [expr('counter', { packets: 7, bytes: 70 })] }]);
    expect(nf.elements.reset(set('c'))).toEqual([{ key: '10.0.0.1', expressions: [expr('counter', { bytes: 70, packets: 7 })] }]);
    expect(nf.elements.reset(set('c'), ['10.0.0.1'])).toEqual([
      { key: '10.0.0.1', expressions: [expr('counter', { bytes: 0, packets: 0 })] },
    ]);
  });

  test('hold many elements', () => {
    const s = { ...set('s'), type: 'ipv4_addr', size: 200_000 } as const;
    const keys = Array.from({ length: 150_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    nf.sets.create({ ...s, elements: keys });
    const found = new Set(nf.elements.list(s).map(({ key }) => key));
    expect(found.size).toBe(keys.length);
    expect(keys.every((key) => found.has(key))).toBe(true);
  });
});
