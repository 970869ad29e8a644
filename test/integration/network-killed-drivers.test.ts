/** Processes that attach and detach endpoints are killed after each thing they do: the drivers besides bridge, for which see network-killed. */
import { both, testKilledEndpoints } from '../support/killed-endpoints.ts';

testKilledEndpoints([
  {
    driver: 'ptp',
    subnets: both(20),
    options: { masquerade: true },
    attach: {
      rateLimits: { ingressRate: 80_000_000, egressRate: 40_000_000 },
      ports: [{ hostPort: 8080, containerPort: 80 }],
    },
  },
  { driver: 'macvlan', options: { parent: 'p0' }, subnets: both(30), kind: 'macvlan' },
  { driver: 'host-device', options: { parent: 'd0' }, subnets: both(40), attach: { sysctls: { 'net.ipv4.conf.IFNAME.arp_notify': 1 } } },
  { driver: 'tap', options: { user: 0, multiQueue: true }, subnets: both(50), kind: 'tun', everywhere: true },
  { driver: 'loopback', subnets: [], attach: { ifname: 'lo' } },
]);
