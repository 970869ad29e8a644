/** As network-cni, for the plugins whose kinds of links not every kernel has: those of scripts/kernels do. */
import { both, extra, ipam, testCni } from '../support/cni.ts';

testCni([
  {
    name: 'ipvlan',
    config: { type: 'ipvlan', master: 'p0', mode: 'l2', ipam: ipam(...both(30)) },
    subnets: both(30),
    options: { driver: 'ipvlan', parent: 'p0' },
    attach: { routes: [extra('10.30.0.1')] },
    kind: 'ipvlan',
    reach: ['10.30.0.1', 'fd00:30::1'],
  },
  {
    name: 'vlan',
    config: { type: 'vlan', master: 'p0', vlanId: 7, mtu: 1400, ipam: ipam(...both(60)) },
    subnets: both(60),
    options: { driver: 'vlan', parent: 'p0', vlanId: 7, mtu: 1400 },
    attach: { routes: [extra('10.60.0.1')] },
    kind: 'vlan',
    reach: [],
  },
]);
