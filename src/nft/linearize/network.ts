/** Which network protocol a packet is of: what matches on its header depend on. */
import { InputError } from '../../netlink/errors.ts';
import { compare } from './operator.ts';
import type { NetworkProtocol, RuleBuilder } from './rule-builder.ts';

/** NFPROTO_IPV4 and NFPROTO_IPV6 (include/uapi/linux/netfilter.h). */
const protocolNumbers = { ip: 2, ip6: 10 } as const;
/** ETH_P_IP and ETH_P_IPV6 (include/uapi/linux/if_ether.h), in network order. */
const etherTypes = { ip: [0x08, 0x00], ip6: [0x86, 0xdd] } as const;

/**
 * Lets only packets of `protocol` by, unless the rule or its table has seen to that already: `meta nfproto ipv4` in the
 * family inet, `meta protocol ip` in bridge and netdev.
 *
 * @throws InputError when no packet of that protocol gets this far
 */
export function requireNetwork(rule: RuleBuilder, protocol: NetworkProtocol): void {
  if (rule.network === protocol) return;
  if (rule.network !== undefined) throw new InputError('', `a rule cannot match ${rule.network} and ${protocol}`);
  if (rule.family === 'arp') throw new InputError('', `the family arp sees no packets of ${protocol}`);
  if (rule.family === 'inet') {
    rule.emit({ kind: 'meta', data: { key: 'nfproto', dreg: 1 } });
    compare(rule, 'eq', Uint8Array.of(protocolNumbers[protocol]));
  } else {
    rule.emit({ kind: 'meta', data: { key: 'protocol', dreg: 1 } });
    compare(rule, 'eq', Uint8Array.from(etherTypes[protocol]));
  }
  rule.network = protocol;
}
