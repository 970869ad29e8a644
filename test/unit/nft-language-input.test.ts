/** The typed rule language without a kernel and without a compiler: what makes no sense is refused, by name, before anything is sent. */
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/netlink/errors.ts';
import * as nft from '../../src/nft/index.ts';
import { change, explain, type Family, linearize, type Statement } from '../../src/nft/index.ts';

// as a program in JavaScript sees it
const {
  ct,
  ip,
  ip6,
  tcp,
  meta,
  icmp,
  ether,
  limit,
  log,
  dnat,
  masquerade,
  concat,
  jump,
  tproxy,
  queue,
  ctCount,
  quota,
  exthdr,
  map,
  addTo,
  ipv4,
  ipv6,
  mac,
  // biome-ignore lint/suspicious/noExplicitAny: values of no type on purpose
} = nft as any;

function refusal(make: () => unknown): InputError {
  try {
    make();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const add = (family: Family, ...statements: Statement[]): unknown =>
  change.rules.add({ family, table: 't', chain: 'c', statements: statements.map((each) => each) });

describe('what makes no sense is refused', () => {
  test.each<[string, () => unknown]>([
    ['ip6.saddr: "10.0.0.0/8" is no IPv6 address', () => ip6.saddr.in('10.0.0.0/8')],
    ['ip.daddr: "fd00::1" is no IPv4 address', () => ip.daddr.not('fd00::1')],
    ['ip.saddr: expected at least one value', () => ip.saddr.in()],
    ['ct.state: expected at least one value', () => ct.state()],
    ['ip has no "sport"', () => ip.sport],
    ['exthdr has no "esp"', () => exthdr.esp],
    ['concat: expected 2 values, got an array', () => concat(ip.saddr, tcp.dport).in(['10.0.0.1'])],
    ['"fe80::1" is no IPv4 address', () => ipv4('fe80::1')],
    ['"10.0.0.1" is no IPv6 address', () => ipv6('10.0.0.1')],
    ['"02:00" is no address such as "02:00:00:00:00:01"', () => mac('02:00')],
    ['statements[0].match.tcp.dport: "http" is no number', () => add('inet', tcp.dport.in('http'))],
    ['statements[0].match.tcp.dport: expected an integer from 0 to 65535, got 65536', () => add('inet', tcp.dport.in(65_536))],
    ['statements[0].match.tcp.dport: 90 is beyond 80', () => add('inet', tcp.dport.in({ from: 90, to: 80 }))],
    [
      'statements[0].match.ct.state: "bogus" is none of invalid, new, established, related, untracked and no number',
      () => add('ip', ct.state('bogus')),
    ],
    ['statements[1].match: a rule cannot match ip and ip6', () => add('inet', ip.saddr.in('10.0.0.1'), ip6.saddr.in('fe80::1'))],
    ['statements[0].match: a rule cannot match arp and ip', () => add('arp', ip.saddr.in('10.0.0.1'))],
    ['statements[1].match: a rule cannot match tcp and icmp', () => add('ip', tcp.dport.in(80), icmp.type.in('echo-request'))],
    [
      'statements[0].match.meta.oifname: "a-name-of-sixteen" is 17 bytes long; at most 15 fit',
      () => add('ip', meta.oifname.in('a-name-of-sixteen')),
    ],
    ['statements[0].match.meta.mark: "10.0.0.1" is no number', () => add('ip', meta.mark.in('10.0.0.1'))],
    ['statements[0].match.ether.saddr: "02:00" is no hardware address of 6 bytes', () => add('bridge', ether.saddr.in('02:00'))],
    ['statements[0].vmap.tcp.dport: "x" is no verdict', () => add('ip', tcp.dport.vmap([[80, 'x']]))],
    ['statements[0].mangle.tcp.dport: "http" is no number', () => add('ip', tcp.dport.set('http'))],
    ['statements[0].limit.per: "fortnight" is none of second, minute, hour, day, week', () => add('ip', limit(1, 'fortnight'))],
    ['statements[0].log.level: "loud" is none of emerg', () => add('ip', log({ level: 'loud' }))],
    ['statements[0].dnat.family: an address needs its family in a table of the family inet', () => add('inet', dnat({ addr: '10.0.0.1' }))],
    ['statements[0].dnat.addr: "fe80::1" is no IPv4 address', () => add('inet', dnat({ family: 'ip', addr: 'fe80::1' }))],
    ['statements[0].dnat.flags: "sometimes" is none of random', () => add('ip', dnat({ addr: '10.0.0.1', flags: 'sometimes' }))],
    ['statements[0].dnat.addr: an address, a port or both are needed', () => add('ip', dnat({}))],
    ['statements[0].masquerade: the family arp translates no addresses', () => add('arp', masquerade())],
    ['statements[0].tproxy: the family arp translates no addresses', () => add('arp', tproxy({ port: 80 }))],
    ['statements[0].jump.target: cannot be empty', () => add('ip', jump(''))],
    ['statements[0].queue.num: expected an integer from 0 to 65535, got 70000', () => add('ip', queue(70_000))],
    ['statements[0].ct count.val: ', () => add('ip', ctCount(-1))],
    ['statements[0].quota.val: ', () => add('ip', quota({ val: -1 }))],
    ['statements[0].set.set: ', () => add('ip', addTo('@', ip.saddr))],
    ['statements[0].mangle.meta.mark.tcp.dport: "x" is no number', () => add('ip', meta.mark.set(map(tcp.dport, [[80, 'x']])))],
    ['statements[0].nonsense: "nonsense" is none of match, accept, drop', () => add('ip', { nonsense: 1 } as never)],
    ['statements[0]: expected a statement, got null', () => add('ip', null as never)],
    ['statements: expected an array', () => change.rules.add({ family: 'ip', table: 't', chain: 'c', statements: 5 as never })],
    [
      'expressions: give this or `statements`, not both',
      () => change.rules.add({ family: 'ip', table: 't', chain: 'c', statements: [], expressions: [] } as never),
    ],
  ])('%s', (message, make) => {
    expect(refusal(make).message).toContain(message);
  });
});

test('a rule can be made into expressions as often as one likes', () => {
  const statements = [dnat({ addr: '10.0.0.1', port: 80, flags: ['random'] })];
  const once = linearize('ip', statements);
  expect(linearize('ip', statements)).toEqual(once);
  expect(explain(once.expressions).at(-1)).toBe('[ nat dnat ip addr_min reg 1 proto_min reg 2 flags 0x6 ]');
});

test('named sets that matter are told', () => {
  expect(linearize('ip', [meta.mark.in('@marks')]).unknownSets).toEqual(['marks']);
  expect(linearize('ip', [ip.saddr.in('@blocked')])).not.toHaveProperty('unknownSets');
  const known = linearize('ip', [meta.mark.in('@marks')], { sets: { marks: { flags: ['interval'] } } });
  expect(explain(known.expressions)).toEqual([
    '[ meta load mark => reg 1 ]',
    '[ byteorder reg 1 = hton(reg 1, 4, 4) ]',
    '[ lookup reg 1 set marks ]',
  ]);
  expect(known).not.toHaveProperty('unknownSets');
  const nat = { sets: { servers: { map: ['ipv4_addr', 'inet_service'] } } } as const;
  expect(explain(linearize('ip', [dnat({ addr: map(tcp.dport, '@servers') })], nat).expressions)).toEqual([
    '[ meta load l4proto => reg 1 ]',
    '[ cmp eq reg 1 0x00000006 ]',
    '[ payload load 2b @ transport header + 2 => reg 1 ]',
    '[ lookup reg 1 set servers dreg 1 ]',
    '[ nat dnat ip addr_min reg 1 proto_min reg 9 ]',
  ]);
});

test('what nft(8) 1.0.6 does not write, or this kernel may not have', () => {
  const made = linearize('ip', [
    nft.last(),
    nft.last(5000),
    nft.flowAdd('ft'),
    nft.queue(nft.range(1, 3), 'bypass'),
    nft.queue(nft.symhash(4, 2)),
    nft.fib(['saddr'], 'oifname').exists(),
    nft.xt('match', 'comment', 0, new Uint8Array(256)),
  ]);
  expect(explain(made.expressions)).toEqual([
    '[ last never ]',
    '[ last 5000 ]',
    '[ flow_offload flowtable ft ]',
    '[ queue num 1-3 bypass ]',
    '[ hash reg 1 = symhash() % mod 4 offset 2 ]',
    '[ queue sreg_qnum 1 ]',
    '[ fib saddr oifname present => reg 1 ]',
    '[ cmp eq reg 1 0x00000001 0x00000000 0x00000000 0x00000000 ]',
    '[ match name comment rev 0 ]',
  ]);
});

test('what reject depends on is matched first: nothing is logged that is not rejected', () => {
  expect(explain(linearize('inet', [log({ prefix: 'x' }), nft.reject('tcp reset')]).expressions)).toEqual([
    '[ meta load l4proto => reg 1 ]',
    '[ cmp eq reg 1 0x00000006 ]',
    '[ log prefix x ]',
    '[ reject type 1 code 0 ]',
  ]);
});

test('packets within tunnels: what is loaded is loaded from within', () => {
  const { vxlan, geneve, gre, gretap, udp, counter, concat: join } = nft;
  const made = linearize('inet', [
    udp.dport.in(4789),
    vxlan.vni.in(10),
    vxlan.ip.saddr.in('10.0.0.0/24'),
    vxlan.tcp.dport.in(22, 80),
    join(vxlan.ip.saddr, vxlan.ip.daddr).in('@pairs'),
    counter(),
  ]);
  const inner = (of: string, type = 'type 1 hdrsize 8 flags f') => `[ inner ${type} ${of} ]`;
  expect(explain(made.expressions)).toEqual([
    '[ meta load l4proto => reg 1 ]',
    '[ cmp eq reg 1 0x00000011 ]',
    '[ payload load 2b @ transport header + 2 => reg 1 ]',
    '[ cmp eq reg 1 0x0000b512 ]',
    inner('[ payload load 3b @ tunnel header + 4 => reg 1 ]'),
    '[ cmp eq reg 1 0x000a0000 ]',
    inner('[ meta load protocol => reg 1 ]'),
    '[ cmp eq reg 1 0x00000008 ]',
    inner('[ payload load 3b @ network header + 12 => reg 1 ]'),
    '[ cmp eq reg 1 0x0000000a ]',
    inner('[ meta load l4proto => reg 1 ]'),
    '[ cmp eq reg 1 0x00000006 ]',
    inner('[ payload load 2b @ transport header + 2 => reg 1 ]'),
    '[ lookup reg 1 set __set%d ]',
    inner('[ payload load 4b @ network header + 12 => reg 1 ]'),
    inner('[ payload load 4b @ network header + 16 => reg 9 ]'),
    '[ lookup reg 1 set pairs ]',
    '[ counter pkts 0 bytes 0 ]',
  ]);
  expect(explain(linearize('ip', [gre.version.in(0), gre.ip.daddr.in('10.0.0.1')]).expressions)).toEqual([
    '[ meta load l4proto => reg 1 ]',
    '[ cmp eq reg 1 0x0000002f ]',
    '[ payload load 1b @ transport header + 1 => reg 1 ]',
    '[ bitwise reg 1 = ( reg 1 & 0x00000007 ) ^ 0x00000000 ]',
    '[ cmp eq reg 1 0x00000000 ]',
    inner('[ meta load protocol => reg 1 ]', 'type 3 hdrsize 4 flags c'),
    '[ cmp eq reg 1 0x00000008 ]',
    inner('[ payload load 4b @ network header + 16 => reg 1 ]', 'type 3 hdrsize 4 flags c'),
    '[ cmp eq reg 1 0x0100000a ]',
  ]);
  const ether = linearize('ip', [udp.dport.in(6081), geneve.type.in('ip'), geneve.ether.saddr.in('02:00:00:00:00:01')]);
  expect(ether.expressions.filter(({ kind }) => kind === 'inner')).toHaveLength(2);
  expect(refusal(() => linearize('ip', [vxlan.vni.in(1)])).message).toContain('match that of UDP first');
  expect(refusal(() => linearize('ip', [gretap.ip.saddr.in('10.0.0.1'), gretap.ip6.saddr.in('fe80::1')])).message).toContain(
    'a rule cannot match ip and ip6',
  );
  expect(refusal(() => linearize('ip', [udp.dport.in(1), vxlan.vni.set(1)])).message).toContain('is no field of a header');
});
