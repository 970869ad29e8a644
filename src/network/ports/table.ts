/**
 * The table of published ports, `inet netloom-ports`: four maps from where packets are sent to where they are sent on, and the same few rules however many ports there
 * are. Source: nft(8), NAT STATEMENTS.
 */
import type { IpFamily } from '../../netlink/address.ts';
import { concat, ct, dnat, fib, goto, ip, ip6, map, masquerade, meta, returnFrom, rule, th } from '../../nft/language/index.ts';
import type { NftSet } from '../../nft/set-definition.ts';
import type { TableRef } from '../../nft/table.ts';
import { linkGroup } from '../name.ts';
import { type RuleTable, setOf } from '../rule-table.ts';

const table: TableRef = { family: 'inet', name: 'netloom-ports' };

const addressType = { inet: 'ipv4_addr', inet6: 'ipv6_addr' } as const;
const digit = { inet: '4', inet6: '6' } as const;

/** The map of ports that are published at any of the host's addresses: protocol and port to address and port. */
export function anyMap(family: IpFamily): NftSet {
  return setOf(table, `any${digit[family]}`, { type: ['inet_proto', 'inet_service'], map: [addressType[family], 'inet_service'] });
}

/** The map of ports that are published at one address: address, protocol and port to address and port. */
export function addressMap(family: IpFamily): NftSet {
  const type = ['ipv4_addr', 'inet_proto', 'inet_service'] as const;
  return setOf(table, `address${digit[family]}`, {
    type: family === 'inet' ? type : ['ipv6_addr', 'inet_proto', 'inet_service'],
    map: [addressType[family], 'inet_service'],
  });
}

/** The addresses that ports lead to, each beside itself: what comes from one and is sent on to the same. */
export function selfSet(family: IpFamily): NftSet {
  return setOf(table, `self${digit[family]}`, { type: [addressType[family], addressType[family]] });
}

/** One number, which whoever publishes at a single address makes another one: see turn.ts. */
export const turnSet: () => NftSet = () => setOf(table, 'turn', { type: 'mark' });

let made: RuleTable | undefined;

/** The table, as it is made when the first port is published. */
export function portTable(): RuleTable {
  made ??= {
    table,
    links: setOf(table, 'endpoints', { type: 'ifname' }),
    sets: [...(['inet', 'inet6'] as const).flatMap((family) => [addressMap(family), anyMap(family), selfSet(family)]), turnSet()],
    initially: [{ set: turnSet(), keys: [0] }],
    chains: [
      {
        chain: { name: 'publish' },
        // where a map has nothing, the next rule is tried: an address before any address
        rules: [
          // the host's own: what comes from a link-local address is not sent on to another link (RFC 4291, 2.5.6)
          rule(ip6.saddr.in('fe80::/10'), returnFrom()),
          rule(dnat({ family: 'ip', addr: map(concat(ip.daddr, meta.l4proto, th.dport), '@address4') })),
          rule(dnat({ family: 'ip6', addr: map(concat(ip6.daddr, meta.l4proto, th.dport), '@address6') })),
          rule(meta.nfproto.in('ipv4'), dnat({ family: 'ip', addr: map(concat(meta.l4proto, th.dport), '@any4') })),
          rule(meta.nfproto.in('ipv6'), dnat({ family: 'ip6', addr: map(concat(meta.l4proto, th.dport), '@any6') })),
        ],
      },
      {
        chain: { name: 'prerouting', type: 'nat', hook: 'prerouting', priority: 'dstnat' },
        rules: [rule(fib(['daddr'], 'type').in('local'), goto('publish'))],
      },
      {
        // what the host itself sends
        chain: { name: 'output', type: 'nat', hook: 'output', priority: -100 },
        rules: [
          // IPv6 has no route_localnet: what is sent from ::1 leaves the host by no link
          rule(ip6.daddr.in('::1'), returnFrom()),
          rule(fib(['daddr'], 'type').in('local'), goto('publish')),
        ],
      },
      {
        chain: { name: 'postrouting', type: 'nat', hook: 'postrouting', priority: 'srcnat' },
        rules: [
          // an endpoint that is sent on to itself or a neighbor: answers would go there without passing through here
          rule(meta.iifgroup.in(linkGroup), meta.oifgroup.in(linkGroup), ct.status('dnat'), masquerade()),
          // the same, where it never leaves the bridge (net.bridge.bridge-nf-call-iptables): rules see no interface then. Answers to a neighbor are seen all the same
          rule(concat(ip.saddr, ip.daddr).in('@self4'), ct.status('dnat'), masquerade()),
          rule(concat(ip6.saddr, ip6.daddr).in('@self6'), ct.status('dnat'), masquerade()),
          // no endpoint could answer 127.0.0.1
          rule(ip.saddr.in('127.0.0.0/8'), meta.oifgroup.in(linkGroup), ct.status('dnat'), masquerade()),
        ],
      },
    ],
  };
  return made;
}
