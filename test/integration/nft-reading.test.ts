/** Rules read back from the kernel as statements: those that nft(8) loads as text, and those of the typed language. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import {
  accept,
  addTo,
  concat,
  counter,
  ct,
  dnat,
  drop,
  type Expression,
  explain,
  type Family,
  icmp,
  ip,
  ip6,
  jump,
  limit,
  log,
  map,
  masquerade,
  meta,
  type NftClient,
  type NftMonitor,
  open,
  range,
  reject,
  returnFrom,
  rule,
  type Statement,
  tcp,
  th,
  udp,
} from '../../src/nft/index.ts';
import { nftLoad, tool } from '../support/oracle.ts';

let fd = -1;
let where: { netns: string };
let nf: NftClient;

const setUp = `
add table inet t
add table ip n
add chain inet t web
add chain inet t c
add chain inet t copy
add chain ip n c { type nat hook prerouting priority -100; }
add chain ip n copy { type nat hook prerouting priority -90; }
add chain ip n post { type nat hook postrouting priority 100; }
add chain ip n postcopy { type nat hook postrouting priority 110; }
add set inet t seen { type ipv4_addr; flags dynamic, timeout; timeout 1h; }
add set inet t marks { type mark; flags interval; elements = { 16-31 }; }
add map ip n to { type inet_service : ipv4_addr . inet_service; elements = { 80 : 10.0.0.2 . 8080 }; }`;

beforeAll(async () => {
  fd = createNamespace();
  where = { netns: `/proc/${process.pid}/fd/${fd}` };
  nf = await open({ netns: { fd } });
  nftLoad(setUp, where);
});
afterAll(() => {
  nf.close();
  closeFd(fd);
});

/** Family, table, chain, what nft(8) is told, and the same rule in the typed language. */
const texts: readonly (readonly [Family, string, string, string, readonly Statement[]])[] = [
  [
    'inet',
    't',
    'c',
    'ip saddr 10.1.0.0/16 tcp dport { 443, 80, 8000-8010 } ct state established,new counter accept',
    rule(ip.saddr.in('10.1.0.0/16'), tcp.dport.in(80, 443, range(8000, 8010)), ct.state('new', 'established'), counter(), accept()),
  ],
  [
    'inet',
    't',
    'c',
    'iifname "br-*" ip6 daddr != fd00:1::/61 udp sport 1024-65535 limit rate 10/minute burst 7 packets log prefix "odd " drop',
    rule(
      meta.iifname.in('br-*'),
      ip6.daddr.not('fd00:1::/61'),
      udp.sport.in(range(1024, 65535)),
      limit(10, 'minute', { burst: 7 }),
      log({ prefix: 'odd ' }),
      drop(),
    ),
  ],
  ['inet', 't', 'c', 'tcp flags & (fin | syn | rst) == syn jump web', rule(tcp.flags.and('fin', 'syn', 'rst').exactly('syn'), jump('web'))],
  ['inet', 't', 'c', 'icmp type { echo-request, echo-reply } icmp id 7 return', rule(icmp.id.in(7), returnFrom())],
  [
    'inet',
    't',
    'c',
    'meta mark @marks meta l4proto { tcp, udp } th dport 53 reject',
    [...rule(meta.mark.in('@marks'), meta.l4proto.in('tcp', 'udp'), th.dport.in(53), reject())],
  ],
  ['inet', 't', 'c', 'tcp dport 25 reject with tcp reset', rule(tcp.dport.in(25), reject('tcp reset'))],
  ['inet', 't', 'c', 'ct mark set meta mark and 0xff', rule(ct.mark.set(meta.mark.and(0xff)))],
  ['inet', 't', 'c', 'ip dscp set af21', rule(ip.dscp.set('af21'))],
  ['inet', 't', 'c', 'add @seen { ip saddr timeout 30s counter }', rule(addTo('@seen', ip.saddr, { timeout: 30, with: [counter()] }))],
  ['inet', 't', 'c', 'add @seen { ip daddr }', rule(addTo('@seen', ip.daddr))],
  [
    'inet',
    't',
    'c',
    'ip saddr . tcp dport vmap { 10.0.0.0/8 . 22 : accept, 192.0.2.1 . 80-90 : jump web }',
    rule(
      concat(ip.saddr, tcp.dport).vmap([
        [['10.0.0.0/8', 22], accept()],
        [['192.0.2.1', range(80, 90)], jump('web')],
      ]),
    ),
  ],
  [
    'inet',
    't',
    'c',
    'udp dport { 53 counter, 80-90 comment "web", 60000-65535 counter comment "high" } ip saddr vmap { 10.0.0.0/8 : accept, * : drop }',
    [
      {
        match: {
          ...udp.dport.in(1).match,
          right: {
            set: [
              { elem: { val: 53, counter: null } },
              { elem: { val: { range: [80, 90] }, comment: 'web' } },
              { elem: { val: { range: [60000, 65535] }, counter: null, comment: 'high' } },
            ],
          },
        },
      },
      ...rule(
        ip.saddr.vmap([
          ['10.0.0.0/8', accept()],
          ['*', drop()],
        ]),
      ),
    ],
  ],
  ['ip', 'n', 'c', 'dnat ip to tcp dport map @to', rule(dnat({ addr: map(tcp.dport, '@to') }))],
  [
    'ip',
    'n',
    'c',
    'udp dport 5000 dnat to 10.0.0.5-10.0.0.9:53',
    rule(udp.dport.in(5000), dnat({ addr: range('10.0.0.5', '10.0.0.9'), port: 53 })),
  ],
  [
    'ip',
    'n',
    'post',
    'oifname "eth0" ip saddr 10.0.0.0/24 masquerade random',
    rule(meta.oifname.in('eth0'), ip.saddr.in('10.0.0.0/24'), masquerade({ flags: 'random' })),
  ],
];

/** The texts of a chain's rules as nft(8) lists them. */
function listing(family: string, table: string, chain: string): string[] {
  const text = tool(['nft', 'list', 'chain', family, table, chain], where);
  return text
    .split('\n')
    .filter((line) => line.startsWith('\t\t') && !line.includes('type nat hook'))
    .map((line) => line.trim());
}

describe('rules that nft loads', () => {
  test('are read as statements, and made again from these they are the same rules', async () => {
    nftLoad(texts.map(([family, table, chain, text]) => `add rule ${family} ${table} ${chain} ${text}`).join('\n'), where);
    for (const [family, table, chain, copy] of [
      ['inet', 't', 'c', 'copy'],
      ['ip', 'n', 'c', 'copy'],
      ['ip', 'n', 'post', 'postcopy'],
    ] as const) {
      const rules = await nf.rules.list({ family, table, chain, statements: true });
      const expected = texts.filter((text) => text[1] === table && text[2] === chain).map((text) => text[4]);
      expect(rules.map(({ statements }) => statements)).toEqual(expected);
      // what a list returns, `add` accepts: with sets of their own
      await nf.transaction((tx) => {
        for (const each of rules) tx.rules.add({ ...each, chain: copy });
      });
      expect(listing(family, table, copy)).toEqual(listing(family, table, chain));
      const copied = await nf.rules.list({ family, table, chain: copy, statements: true });
      expect(copied.map(({ statements }) => statements)).toEqual(expected);
      const bare = (expressions: Parameters<typeof explain>[0]): string[] =>
        explain(expressions).map((line) => line.replace(/__(set|map)\d+/, '__$1'));
      expect(copied.map(({ expressions }) => bare(expressions))).toEqual(rules.map(({ expressions }) => bare(expressions)));
    }
    const one = (await nf.rules.list({ family: 'inet', table: 't', chain: 'c' }))[0]!;
    expect(one.statements).toBeUndefined();
    expect((await nf.rules.get(one, { statements: true })).statements).toEqual(texts[0]![4]);
    const all = await nf.ruleset({ statements: true });
    expect(all.rules.map(({ statements }) => statements?.some((statement) => 'kernel' in statement))).toEqual(all.rules.map(() => false));
  });
});

/** What a monitor tells of so many rules. */
async function rulesTold(monitor: NftMonitor, count: number): Promise<unknown[]> {
  const told: unknown[] = [];
  while (told.length < count) {
    const { value: event } = await monitor.next();
    if (event?.kind === 'synced') continue;
    if (event?.kind !== 'transaction') throw new Error(`expected a transaction, got ${event?.kind}`);
    for (const change of event.changes)
      if (change.kind === 'rule') told.push(change.action === 'delete' ? ['old', change.old.statements] : ['new', change.new.statements]);
  }
  return told;
}

function countedBy(expressions: readonly Expression[]): number {
  return expressions.reduce((sum, each) => sum + (each.kind === 'counter' ? (each.data?.packets ?? 0) : 0), 0);
}

test('rules of a chain in any family are those of all tables of the name', async () => {
  nftLoad('add table ip same\nadd table inet same\nadd table ip6 same', where);
  nftLoad('add chain ip same c\nadd chain inet same c\nadd rule ip same c drop\nadd rule inet same c accept', where);
  const rules = await nf.rules.list({ table: 'same', chain: 'c' });
  expect(rules.map(({ family }) => family).sort()).toEqual(['inet', 'ip']);
  expect(await nf.rules.list({ family: 'inet', table: 'same', chain: 'c' })).toHaveLength(1);
  const counters = async (chain: string): Promise<number> =>
    (await nf.rules.list({ family: 'ip', table: 'same', chain })).reduce((sum, each) => sum + countedBy(each.expressions), 0);
  nftLoad('add chain ip same d\nadd rule ip same c counter packets 3 bytes 9\nadd rule ip same d counter packets 3 bytes 9', where);
  // two rules and the counter; the chain beside it is left alone
  expect(await nf.rules.reset({ table: 'same', chain: 'c' })).toHaveLength(3);
  expect([await counters('c'), await counters('d')]).toEqual([0, 3]);
  nftLoad('delete table ip same\ndelete table inet same\ndelete table ip6 same', where);
});

describe('rules of the typed language', () => {
  test('come back the same: from the transaction, in the monitor, when they are replaced and when they go', async () => {
    const monitor = nf.monitor({ statements: true });
    const place = { family: 'inet', table: 't', chain: 'web' } as const;
    const statements = rule(tcp.dport.in(80, 443), meta.mark.in('@marks'), counter(), accept());
    const made = await nf.rules.add({ ...place, statements }, { statements: true });
    expect(made.statements).toEqual(statements);
    const changed = rule(concat(ip.daddr, udp.dport).not(['192.0.2.1', 53], ['192.0.2.2', 53]), drop());
    const replaced = await nf.rules.replace(made.handle, { ...place, statements: changed }, { statements: true });
    expect(replaced.statements).toEqual(changed);
    await nf.rules.delete(replaced);
    const block = rule(tcp.dport.in(22), jump([rule(ip.saddr.in('10.0.0.0/8', '192.0.2.1'), accept()), rule(counter(), drop())]));
    const nested = await nf.rules.add({ ...place, statements: block }, { statements: true });
    expect(nested.statements).toEqual(block);
    expect((await nf.rules.get(nested, { statements: true })).statements).toEqual(block);
    expect((await nf.rules.list({ ...place, statements: true })).map(({ statements }) => statements)).toEqual([block]);
    // the kernel does not tell that what it brought along goes with it: one has heard that it came, the others what was there
    const later = nf.monitor({ statements: true });
    const whole = nf.monitor({ statements: true, initial: true });
    const settled = nf.tables.create({ family: 'ip6', name: 'settled' });
    await Promise.all([settled, later.next(), whole.next(), whole.next()]);
    await nf.rules.delete(nested);
    const told: unknown[] = await rulesTold(monitor, 8);
    for (const each of [later, whole]) expect(await rulesTold(each, 1)).toEqual([['old', block]]);
    expect(told).toEqual([
      ['new', statements],
      ['old', statements],
      ['new', changed],
      ['old', changed],
      // those that it brings along, one by one, before it
      ['new', rule(ip.saddr.in('10.0.0.0/8', '192.0.2.1'), accept())],
      ['new', rule(counter(), drop())],
      ['new', block],
      ['old', block],
    ]);
  });
});
