/**
 * The tables that keep endpoints from speaking for others. `bridge netloom-guard`: what comes by the port of a guarded endpoint is looked at before the bridge does, and
 * is dropped unless hardware and IP addresses are the endpoint's own, in ARP and neighbor discovery too. `inet netloom-guard`: the same for endpoints that the host is alone on a link with; nobody is there
 * whom another hardware address or a lie about neighbors could mislead. Sources: nft(8), BRIDGE ADDRESS FAMILY; RFC 4861.
 */
import { accept, arp, concat, counter, drop, ether, Field, goto, icmpv6, ip, ip6, meta, raw, rule } from '../../nft/language/index.ts';
import type { NftSet } from '../../nft/set-definition.ts';
import type { Statement } from '../../nft/statements/statement.ts';
import type { TableRef } from '../../nft/table.ts';
import { traitsOf } from '../driver/traits.ts';
import type { NetworkDefinition } from '../record.ts';
import { type RuleTable, setOf } from '../rule-table.ts';

/** What is between a guarded endpoint and the host: a port of a bridge, or a link of its own. */
export type Guarded = 'port' | 'veth';

/** Which table has something about endpoints of a network. */
export function guardedAs(network: NetworkDefinition): Guarded {
  return traitsOf(network).host === 'veth' ? 'veth' : 'port';
}

const tables: Readonly<Record<Guarded, TableRef>> = {
  port: { family: 'bridge', name: 'netloom-guard' },
  veth: { family: 'inet', name: 'netloom-guard' },
};

/** What endpoints may send from: the host's end of each with what is the endpoint's. */
export function guardSets(guarded: Guarded): { readonly inet: NftSet; readonly inet6: NftSet; readonly mac?: NftSet } {
  const table = tables[guarded];
  return {
    inet: setOf(table, 'addresses4', { type: ['ifname', 'ipv4_addr'] }),
    inet6: setOf(table, 'addresses6', { type: ['ifname', 'ipv6_addr'] }),
    ...(guarded === 'port' ? { mac: setOf(table, 'macs', { type: ['ifname', 'ether_addr'] }) } : {}),
  };
}

const made: { [G in Guarded]?: RuleTable } = {};

/** The table, as it is made for the first endpoint that is guarded. */
export function guardTable(guarded: Guarded): RuleTable {
  made[guarded] ??= guarded === 'port' ? portGuard() : linkGuard();
  return made[guarded];
}

/** Who has no address yet asks whether it may have one, and says what groups it is in (RFC 4862, RFC 3590). */
function withoutAddress(): Statement[] {
  return rule(ip6.saddr.in('::'), icmpv6.type.in('nd-neighbor-solicit', 'mld-listener-report', 'mld2-listener-report'), accept());
}

function linkGuard(): RuleTable {
  const table = tables.veth;
  const { inet, inet6 } = guardSets('veth');
  return {
    table,
    links: setOf(table, 'endpoints', { type: 'ifname' }),
    sets: [inet, inet6],
    chains: [
      {
        // before connections are tracked, and addresses translated
        chain: { name: 'prerouting', type: 'filter', hook: 'prerouting', priority: 'raw' },
        rules: [
          rule(meta.iifname.not('@endpoints'), accept()),
          // no endpoint is a router
          rule(icmpv6.type.in('nd-router-advert', 'nd-redirect'), counter(), drop()),
          rule(concat(meta.iifname, ip.saddr).in('@addresses4'), accept()),
          rule(concat(meta.iifname, ip6.saddr).in('@addresses6'), accept()),
          withoutAddress(),
          rule(counter(), drop()),
        ],
      },
    ],
  };
}

function portGuard(): RuleTable {
  const table = tables.port;
  const { inet, inet6, mac } = guardSets('port');
  /** The address that a neighbor solicitation or advertisement is about. */
  const target = new Field('ipv6_addr', raw('th', 64, 128).expr);
  const own = { inet: concat(meta.iifname, ip.saddr), inet6: concat(meta.iifname, ip6.saddr) };
  return {
    table,
    links: setOf(table, 'endpoints', { type: 'ifname' }),
    sets: [mac!, inet, inet6],
    chains: [
      {
        chain: { name: 'arp' },
        rules: [
          rule(concat(meta.iifname, arp.saddrEther).not('@macs'), counter(), drop()),
          // whether somebody has an address is asked without having it (RFC 5227)
          rule(arp.saddrIp.in('0.0.0.0'), accept()),
          rule(concat(meta.iifname, arp.saddrIp).in('@addresses4'), accept()),
          rule(counter(), drop()),
        ],
      },
      {
        chain: { name: 'ip4' },
        rules: [rule(own.inet.in('@addresses4'), accept()), rule(counter(), drop())],
      },
      {
        chain: { name: 'ip6' },
        rules: [
          // no endpoint is a router, and none has another's addresses
          rule(icmpv6.type.in('nd-router-advert', 'nd-redirect'), counter(), drop()),
          rule(icmpv6.type.in('nd-neighbor-advert'), concat(meta.iifname, target).not('@addresses6'), counter(), drop()),
          rule(own.inet6.in('@addresses6'), accept()),
          withoutAddress(),
          rule(counter(), drop()),
        ],
      },
      {
        chain: { name: 'prerouting', type: 'filter', hook: 'prerouting', priority: 'filter' },
        rules: [
          rule(meta.iifname.not('@endpoints'), accept()),
          rule(concat(meta.iifname, ether.saddr).not('@macs'), counter(), drop()),
          rule(
            ether.type.vmap([
              ['ip', goto('ip4')],
              ['ip6', goto('ip6')],
              ['arp', goto('arp')],
            ]),
          ),
          // anything else, such as frames of a VLAN, could hold what is not looked at
          rule(counter(), drop()),
        ],
      },
    ],
  };
}
