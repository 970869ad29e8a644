/** As network-killed-drivers, for the drivers whose kinds of links not every kernel has: those of scripts/kernels do. */
import { both, testKilledEndpoints } from '../support/killed-endpoints.ts';

testKilledEndpoints([
  { driver: 'ipvlan', options: { parent: 'p0' }, subnets: both(30), kind: 'ipvlan' },
  { driver: 'vlan', options: { parent: 'p0', vlanId: 7 }, subnets: both(60), kind: 'vlan' },
  { driver: 'dummy', subnets: both(70), kind: 'dummy' },
]);
