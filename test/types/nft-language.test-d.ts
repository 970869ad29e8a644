/** What the compiler makes of the typed rule language: what makes no sense does not compile. */
import { expectTypeOf, test } from 'vitest';
import {
  accept,
  concat,
  counter,
  ct,
  dnat,
  ether,
  exthdr,
  fib,
  icmp,
  icmpv6,
  ip,
  ip6,
  ipv4,
  limit,
  log,
  map,
  masquerade,
  meta,
  type NftClient,
  type NftClientSync,
  range,
  reject,
  rule,
  type Statement,
  tcp,
} from '../../src/nft/index.ts';

declare const nf: NftClient;
declare const sync: NftClientSync;
const place = { family: 'inet', table: 't', chain: 'c' } as const;

test('a rule is its statements', () => {
  const made = rule(
    ip.saddr.in('10.0.0.0/24'),
    meta.oifname.not('br0'),
    ct.state('established', 'related'),
    counter(),
    undefined,
    [log()],
    masquerade(),
  );
  expectTypeOf(made).toEqualTypeOf<Statement[]>();
  nf.rules.add({ ...place, statements: made });
  sync.rules.insert({ ...place, statements: made });
  nf.transaction((tx) => {
    const first = tx.rules.add({ ...place, statements: made });
    tx.rules.insert({ ...place, statements: rule(accept()) }, { before: first });
  });
  // @ts-expect-error: statements or expressions
  nf.rules.add({ ...place, statements: made, expressions: [] });
  // @ts-expect-error: neither
  nf.rules.add(place);
  // @ts-expect-error: a field is no statement
  rule(ip.saddr);
});

test('addresses are of the family of their field', () => {
  ip.saddr.in('10.0.0.1', '10.0.0.0/8', range('10.0.0.1', '10.0.0.9'));
  ip6.saddr.in('fe80::1', 'fd00::/8');
  ip.saddr.in('@blocked');
  const given: string = JSON.parse('"10.0.0.1"');
  ip.saddr.in(ipv4(given));
  // @ts-expect-error: an IPv4 prefix
  ip6.saddr.in('10.0.0.0/8');
  // @ts-expect-error: an IPv6 prefix
  ip.saddr.in('fd00::/8');
  // @ts-expect-error: no address
  ip.saddr.in('localhost');
  // @ts-expect-error: text that nobody looked at
  ip.saddr.in(given);
  // @ts-expect-error: an address of Ethernet has six parts
  ether.saddr.in('02:00:00:00:01');
  // @ts-expect-error: one address is IPv6
  ip.saddr.in('10.0.0.1', 'fe80::1');
  // @ts-expect-error: nothing to match
  ip.saddr.in();
});

test('values are of the type of their field', () => {
  tcp.dport.in(22, range(8000, 8080));
  icmp.type.in('echo-request');
  // @ts-expect-error: a port is a number
  tcp.dport.in('ssh');
  // @ts-expect-error: a port is no address
  tcp.dport.in('10.0.0.1');
  // @ts-expect-error: no such state
  ct.state('connected');
  // @ts-expect-error: no such type of ICMP
  icmp.type.in('packet-too-big');
  icmpv6.type.in('packet-too-big');
  // @ts-expect-error: no such protocol
  meta.l4proto.in('tcpp');
  // @ts-expect-error: bits of TCP have names
  tcp.flags('established');
  // @ts-expect-error: no such field
  void ip.sport;
  // @ts-expect-error: no such header
  void exthdr.esp;
  // @ts-expect-error: a type of address
  fib(['daddr'], 'type').in('localhost');
  // @ts-expect-error: only in one direction
  void ct.original.mark;
});

test('concatenations and maps take what their fields take', () => {
  concat(ip.saddr, tcp.dport).in(['10.0.0.1', 80], ['10.0.0.0/8', range(80, 90)]);
  // @ts-expect-error: in this order
  concat(ip.saddr, tcp.dport).in([80, '10.0.0.1']);
  // @ts-expect-error: both
  concat(ip.saddr, tcp.dport).in(['10.0.0.1']);
  tcp.dport.vmap([[22, accept()]]);
  // @ts-expect-error: a counter is no verdict
  tcp.dport.vmap([[22, counter()]]);
  dnat({ addr: map(tcp.dport, [[80, '10.0.0.1']]), family: 'ip' });
  // @ts-expect-error: a key is a port
  map(tcp.dport, [['http', '10.0.0.1']]);
});

test('statements take their own options', () => {
  limit(10, 'second', { burst: 5 });
  // @ts-expect-error: no such unit of time
  limit(10, 'fortnight');
  // @ts-expect-error: no such level
  log({ level: 'loud' });
  // @ts-expect-error: no such way to refuse
  reject('politely');
  // @ts-expect-error: masquerade takes no address
  masquerade({ addr: '10.0.0.1' });
  // @ts-expect-error: no such flag
  dnat({ addr: '10.0.0.1', flags: 'sometimes' });
  meta.mark.set(1);
  // @ts-expect-error: a mark is a number
  meta.mark.set('one');
});
