/** Named objects, chains and tables in all their forms on the real kernel, with nft as the witness. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NetlinkError } from '../../src/netlink/errors.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import {
  accept as accepts,
  change,
  drop,
  type Expression,
  explain,
  expr,
  ip,
  jump,
  type NftClientSync,
  type NftObject,
  open,
  openSync,
  rule,
  tcp,
} from '../../src/nft/index.ts';
import { ipText, nftLoad, nftText } from '../support/oracle.ts';
import { patience } from '../support/patience.ts';

let fd = -1;
let where: { netns: string };
let nf: NftClientSync;
const family = 'inet';
const table = { family, name: 't' } as const;
const at = { family, table: 't' } as const;

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

function refusal(action: () => unknown): NetlinkError {
  try {
    action();
  } catch (error) {
    if (error instanceof NetlinkError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim();
const accept: Expression = expr('immediate', { dreg: 0, data: { code: 'accept' } });

const objects: [NftObject, string][] = [
  [
    { ...at, name: 'o', type: 'counter', data: { packets: 3, bytes: 70 }, comment: 'ours' },
    'counter o { comment "ours" packets 3 bytes 70 }',
  ],
  [{ ...at, name: 'o', type: 'quota', data: { bytes: 10 * 2 ** 20, flags: ['inv'] } }, 'quota o { over 10 mbytes }'],
  [{ ...at, name: 'o', type: 'quota', data: { bytes: 2048, consumed: 1024 } }, 'quota o { 2 kbytes used 1 kbytes }'],
  [{ ...at, name: 'o', type: 'limit', data: { rate: 5, unit: 1, burst: 9, type: 'packets' } }, 'limit o { rate 5/second burst 9 packets }'],
  [
    { ...at, name: 'o', type: 'limit', data: { rate: 1024, unit: 60, burst: 0, type: 'bytes', flags: ['inv'] } },
    'limit o { rate over 1 kbytes/minute }',
  ],
  [
    { ...at, name: 'o', type: 'ct helper', data: { helper: 'ftp', l4proto: 'tcp' } },
    'ct helper o { type "ftp" protocol tcp l3proto inet }',
  ],
  [
    { ...at, name: 'o', type: 'ct timeout', data: { l3proto: 'ip', l4proto: 'tcp', policy: { established: 100, close: 4 } } },
    'ct timeout o { protocol tcp l3proto ip policy = { established : 100, close : 4 } }',
  ],
  [
    { ...at, name: 'o', type: 'ct timeout', data: { l3proto: 'ip', l4proto: 'udp', policy: { unreplied: 7, replied: 8 } } },
    'ct timeout o { protocol udp l3proto ip policy = { unreplied : 7, replied : 8 } }',
  ],
  [
    { ...at, name: 'o', type: 'ct expectation', data: { l3proto: 'ip', l4proto: 'tcp', dport: 5432, timeout: 3_600_000, size: 12 } },
    'ct expectation o { protocol tcp dport 5432 timeout 1h size 12 l3proto ip }',
  ],
  [
    { ...at, name: 'o', type: 'synproxy', data: { mss: 1460, wscale: 7, flags: ['mss', 'wscale', 'sack-perm', 'timestamp'] } },
    'synproxy o { mss 1460 wscale 7 timestamp sack-perm }',
  ],
];

describe('objects', () => {
  test.each(objects)('%j', (object, expected) => {
    const ref = { ...at, name: 'o', type: object.type as 'counter' };
    const made = nf.objects.create(object);
    const text = nftText(where);
    expect(squeezed(text)).toContain(expected);
    expect(made).toMatchObject({ ...object, data: object.data });
    expect(nf.objects.get(ref)).toEqual(made);
    expect(nf.objects.list({ table: 't', type: ref.type })).toEqual([made]);
    expect(nf.objects.list({ ...at, type: 'secmark' })).toEqual([]);
    expect(refusal(() => nf.objects.create(object))).toMatchObject({ code: 'EEXIST', subject: `${object.type} inet t o` });
    nf.objects.add(object);
    nf.objects.delete(ref);
    nf.objects.create(made);
    expect(nftText(where)).toBe(text);
    nf.objects.destroy(ref);
    nf.objects.ensureAbsent(ref);
    expect(refusal(() => nf.objects.delete(ref))).toMatchObject({ code: 'ENOENT', syscall: 'NFT_MSG_DELOBJ' });
  });

  test('of a connection limit', () => {
    const made = nf.objects.create({ ...at, name: 'o', type: 'connlimit', data: { count: 20, flags: ['inv'] } });
    // this nft has no word for it
    expect(made).toMatchObject({ type: 'connlimit', data: { count: 20, flags: ['inv'] } });
    expect(nf.objects.get({ ...at, name: 'o', type: 'connlimit' })).toEqual(made);
  });

  test('are reset, one or all, and say what they were', () => {
    for (const name of ['a', 'b']) nf.objects.create({ ...at, name, type: 'counter', data: { packets: 3, bytes: 70 } });
    nf.objects.create({ ...at, name: 'q', type: 'quota', data: { bytes: 2048, consumed: 1024 } });
    expect(nf.objects.reset({ ...at, name: 'a', type: 'counter' })).toMatchObject({ data: { packets: 3, bytes: 70 } });
    expect(nf.objects.get({ ...at, name: 'a', type: 'counter' }).data).toEqual({ packets: 0, bytes: 0 });
    expect(nf.objects.resetAll({ type: 'counter' })).toMatchObject([{ data: { packets: 0 } }, { data: { packets: 3 } }]);
    expect(nf.objects.get({ ...at, name: 'q', type: 'quota' }).data).toMatchObject({ consumed: 1024 });
    nf.objects.resetAll();
    expect(nf.objects.get({ ...at, name: 'q', type: 'quota' }).data).toMatchObject({ consumed: 0 });
  });

  test('are referred to by rules and maps', () => {
    nf.chains.create({ ...at, name: 'c' });
    nf.transaction((tx) => {
      tx.objects.create({ ...at, name: 'web', type: 'counter' });
      tx.sets.create({ ...at, name: 'm', type: 'ipv4_addr', map: { object: 'counter' }, elements: [{ key: '10.0.0.1', object: 'web' }] });
      tx.rules.add({ ...at, chain: 'c', expressions: [expr('objref', { type: 'counter', name: 'web' })] });
      tx.rules.add({
        ...at,
        chain: 'c',
        expressions: [
          expr('meta', { key: 'nfproto', dreg: 1 }),
          expr('cmp', { sreg: 1, op: 'eq', data: Uint8Array.of(2) }),
          expr('payload', { dreg: 1, base: 'network', offset: 12, len: 4 }),
          expr('objref', { sreg: 1, set: 'm' }),
        ],
      });
    });
    const text = nftText(where);
    expect(text).toContain('counter name "web"');
    expect(text).toContain('counter name ip saddr map @m');
    expect(nf.objects.get({ ...at, name: 'web', type: 'counter' }).use).toBe(2);
    expect(refusal(() => nf.objects.delete({ ...at, name: 'web', type: 'counter' }))).toMatchObject({ code: 'EBUSY' });
  });

  test('of another type than there is are refused before anything is sent', () => {
    expect(() => nf.objects.create({ ...at, name: 'o', type: 'countr' } as never)).toThrow(/type: "countr" is none of counter/);
    expect(() => nf.objects.create({ ...at, name: 'o', type: 'quota', data: { packets: 1 } } as never)).toThrow(
      /data\.packets: NFTA_QUOTA/,
    );
  });
});

describe('tables', () => {
  test('are flushed, put to sleep and woken, and go with a ruleset', () => {
    nf.chains.create({ ...at, name: 'c' });
    nf.rules.add({ ...at, chain: 'c', expressions: [accept] });
    nf.tables.flush(table);
    expect(nf.rules.list()).toEqual([]);
    expect(nf.chains.list()).toHaveLength(1);
    nf.tables.add({ ...table, flags: ['dormant'] });
    expect(nf.tables.get(table).flags).toEqual(['dormant']);
    nf.tables.add({ ...table, flags: [] });
    expect(nf.tables.get(table).flags).toEqual([]);
    nf.tables.create({ family: 'ip', name: 'other' });
    nf.flush({ family: 'inet' });
    expect(nf.tables.list()).toMatchObject([{ family: 'ip', name: 'other' }]);
    nf.flush();
    expect(nf.tables.list()).toEqual([]);
    nf.tables.destroy(table);
  });

  test('with an owner go with its client, unless they persist', async () => {
    const owner = await open({ netns: where.netns });
    try {
      const mine = await owner.tables.create({ family: 'ip', name: 'mine', flags: ['owner'] });
      expect(mine.owner).toBeGreaterThan(0);
      expect(refusal(() => nf.chains.create({ family: 'ip', table: 'mine', name: 'c' })).code).toBe('EPERM');
      await owner.chains.create({ family: 'ip', table: 'mine', name: 'c' });
    } finally {
      owner.close();
    }
    await expect.poll(() => nf.tables.list({ family: 'ip' }), { timeout: 20_000 }).toEqual([]);
  });
});

describe('chains', () => {
  test('are renamed, flushed and destroyed', () => {
    nf.chains.create({ ...at, name: 'c', comment: 'ours' });
    nf.rules.add({ ...at, chain: 'c', expressions: [accept] });
    nf.chains.rename({ ...at, name: 'c' }, 'd');
    expect(squeezed(nftText(where))).toBe('table inet t { chain d { comment "ours" accept } }');
    nf.chains.flush({ ...at, name: 'd' });
    expect(nf.rules.list()).toEqual([]);
    nf.chains.create({ ...at, name: 'e' });
    expect(refusal(() => nf.chains.rename({ ...at, name: 'd' }, 'e')).code).toBe('EEXIST');
    nf.chains.destroy({ ...at, name: 'd' });
    nf.chains.destroy({ ...at, name: 'd' });
    nf.transaction([change.chains.destroy({ ...at, name: 'd' }), change.chains.destroy({ ...at, name: 'e' })]);
    expect(nf.chains.list()).toEqual([]);
  });

  test('stand at every hook of every family', () => {
    const hooks = {
      ip: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
      ip6: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
      inet: ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'],
      arp: ['input', 'output'],
      bridge: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
      netdev: ['ingress', 'egress'],
    } as const;
    for (const [of, names] of Object.entries(hooks) as [keyof typeof hooks, readonly 'input'[]][]) {
      nf.tables.ensure({ family: of, name: 'h' });
      for (const hook of names) {
        const devices = of === 'netdev' || (hook as string) === 'ingress' ? { devices: ['lo'] } : {};
        nf.chains.create({ family: of, table: 'h', name: hook, hook, priority: 'filter', policy: 'accept', ...devices });
        const text = squeezed(nftText(where));
        const device = of === 'netdev' || (hook as string) === 'ingress' ? ' device "lo"' : '';
        expect(text).toMatch(new RegExp(`chain ${hook} \\{ type filter hook ${hook}${device} priority filter; policy accept;`));
        expect(nf.chains.get({ family: of, table: 'h', name: hook })).toMatchObject({ hook, ...devices });
      }
    }
    nf.chains.create({ family: 'ip', table: 'h', name: 'mark', type: 'route', hook: 'output', priority: 'mangle + 1' });
    expect(nftText(where)).toContain('type route hook output priority mangle + 1;');
  });

  test('take on devices and let them go', () => {
    ipText(['link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb'], where);
    nf.tables.create({ family: 'netdev', name: 'n' });
    const chain = { family: 'netdev', table: 'n', name: 'c' } as const;
    nf.chains.create({ ...chain, hook: 'ingress', priority: 0, devices: ['lo', 'va'] });
    expect(nftText(where)).toMatch(/hook ingress devices = \{ lo, va \} priority filter/);
    nf.chains.addDevices(chain, ['vb']);
    expect(nf.chains.get(chain).devices?.toSorted()).toEqual(['lo', 'va', 'vb']);
    nf.chains.deleteDevices(chain, ['lo', 'va']);
    expect(nf.chains.get(chain).devices).toEqual(['vb']);
    const [listed] = nf.chains.list({ family: 'netdev' });
    nf.chains.delete(chain);
    nf.chains.create(listed!);
    expect(nf.chains.get(chain).devices).toEqual(['vb']);
  });
});

test('devices have patterns, where the kernel knows them', async ({ skip }) => {
  ipText(['link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb'], where);
  nf.tables.create({ family: 'netdev', name: 'n' });
  const chain = { family: 'netdev', table: 'n', name: 'c' } as const;
  try {
    nf.chains.create({ ...chain, hook: 'ingress', priority: 0, devices: ['lo', 'v*'] });
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EINVAL') throw error;
    skip(`lacking: NFTA_DEVICE_PREFIX (Linux 6.16): ${error.message}`);
  }
  expect(nf.chains.get(chain).devices?.toSorted()).toEqual(['lo', 'v*']);
  nf.chains.deleteDevices(chain, ['v*']);
  expect(nf.chains.get(chain).devices).toEqual(['lo']);
  nf.chains.delete(chain);
  nf.chains.create({ ...chain, hook: 'ingress', priority: 0, devices: ['v*'] });
  const seen = nf.rules.add({ ...chain, chain: 'c', expressions: [expr('counter', {})] });
  // a link that comes later, and whose name begins so
  ipText(['link', 'add', 'vlater', 'type', 'veth', 'peer', 'name', 'other'], where);
  for (const name of ['vlater', 'other']) ipText(['link', 'set', name, 'up'], where);
  // IPv6 looks for routers and for others with its address
  await vi.waitFor(
    () => expect(nf.rules.get(seen).expressions).not.toEqual([expr('counter', { bytes: 0, packets: 0 })]),
    20_000 * patience,
  );
});

describe('rules', () => {
  const place = { ...at, chain: 'c' } as const;
  const named = (comment: string) => ({ ...place, comment, expressions: [accept] });
  const comments = () => nf.rules.list().map(({ comment }) => comment);
  beforeEach(() => {
    nf.chains.create({ ...at, name: 'c' });
  });

  test('are put beside others, of the ruleset and of the same transaction', () => {
    const old = nf.rules.add(named('old'));
    const { rules } = nf.transaction((tx) => {
      const b = tx.rules.add(named('b'));
      const d = tx.rules.add(named('d'));
      tx.rules.insert(named('a'), { before: b });
      tx.rules.add(named('c'), { after: b });
      tx.rules.add(named('e'), { after: d });
      tx.rules.add(named('between'), { after: old.handle });
    });
    expect(comments()).toEqual(['old', 'between', 'a', 'b', 'c', 'd', 'e']);
    expect(rules.map(({ comment }) => comment)).toEqual(['b', 'd', 'a', 'c', 'e', 'between']);
    for (const { handle } of rules) expect(handle).toBeGreaterThan(0n);
    expect(nf.rules.list().map(({ handle }) => handle)).toEqual(
      ['old', 'between', 'a', 'b', 'c', 'd', 'e'].map((comment) => [old, ...rules].find((rule) => rule.comment === comment)!.handle),
    );
  });

  test('beside one of another transaction are refused by name', () => {
    const stray = change.rules.add(named('stray'));
    expect(refusal(() => nf.transaction((tx) => tx.rules.add(named('x'), { after: stray })))).toMatchObject({
      code: 'ENOENT',
      subject: 'rule inet t c',
      attribute: 'positionId',
    });
    expect(comments()).toEqual([]);
  });

  test('bring blocks of rules along', () => {
    const jump = expr('immediate', { dreg: 0, data: { code: 'jump', chainId: 1 } });
    const made = nf.rules.add({
      ...place,
      expressions: [expr('counter', {}), jump],
      blocks: [{ id: 1, rules: [{ expressions: [accept], comment: 'within' }, { expressions: [expr('counter', {})] }] }],
    });
    expect(squeezed(nftText(where))).toContain('counter packets 0 bytes 0 jump { accept comment "within" counter packets 0 bytes 0 }');
    nf.rules.delete(made);
    expect(nf.chains.list()).toHaveLength(1);
    const stray = { ...jump, data: { dreg: 0, data: { code: 'jump', chainId: 9 } } } as const;
    expect(refusal(() => nf.rules.add({ ...place, expressions: [stray] }))).toMatchObject({ code: 'ENOENT', attribute: 'expressions[0]' });
  });

  test('of statements bring them along as nft writes them', () => {
    nftLoad('add rule inet t c ip saddr 10.0.0.1 jump { tcp dport 22 accept; tcp dport { 80, 81 } drop; }', where);
    const block = jump([rule(tcp.dport.in(22), accepts()), rule(tcp.dport.in(80, 81), drop())]);
    nf.rules.add({ ...place, statements: rule(ip.saddr.in('10.0.0.1'), block) });
    const [theirs, ours, ...more] = nf.rules.list({ ...at, chain: 'c' });
    expect(more).toEqual([]);
    // each chain has a name of the kernel's own
    const anonymous = (text: string): string => text.replace(/__chain\d+/, '__chain');
    expect(explain(ours!.expressions).map(anonymous)).toEqual(explain(theirs!.expressions).map(anonymous));
    const listed = squeezed(nftText(where)).split('ip saddr 10.0.0.1 ');
    expect(listed[1]).toMatch(/^jump \{ tcp dport 22 accept tcp dport \{ 80, 81 \} drop \}/);
    expect(listed[2]).toContain(listed[1]!.trim());
    for (const each of [theirs!, ours!]) nf.rules.delete(each);
    expect(nf.chains.list()).toHaveLength(1);
    expect(nf.sets.list()).toEqual([]);
  });

  test('are reset and destroyed', () => {
    const made = nf.rules.add({ ...place, expressions: [expr('counter', { packets: 4, bytes: 5 })] });
    expect(nf.rules.reset({ table: 't' })).toMatchObject([{ expressions: [{ data: { packets: 4 } }] }]);
    expect(nf.rules.get(made).expressions).toEqual([expr('counter', { bytes: 0, packets: 0 })]);
    nf.rules.destroy(made);
    nf.rules.destroy(made);
    nf.transaction([change.rules.destroy(made)]);
    expect(nf.rules.list()).toEqual([]);
  });
});

describe('the ruleset', () => {
  const text = `table ip n {
    counter web { }
    set a { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }
    map v { type inet_service : verdict; elements = { 80 : accept } }
    chain c {
      ip saddr { 10.0.0.1, 10.0.0.2 } counter accept
      ip saddr @a tcp dport vmap @v
    }
  }`;

  test('is read whole', () => {
    nftLoad(text, where);
    const { tables, chains, rules, sets, objects: found, flowtables } = nf.ruleset({ family: 'ip' });
    expect([tables.length, chains.length, rules.length, found.length, flowtables.length]).toEqual([1, 1, 2, 1, 0]);
    expect(sets.map(({ name, elements }) => [name, elements])).toEqual([
      ['a', [{ key: '10.0.0.0/8' }]],
      ['v', [{ key: 80, data: 'accept' }]],
      ['__set0', expect.arrayContaining([{ key: '10.0.0.1' }, { key: '10.0.0.2' }])],
    ]);
  });
});
