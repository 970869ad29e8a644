/** The CNI reference plugins, and netloom told the same: see support/cni. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { both, extra, ipam, testCni } from '../support/cni.ts';

testCni([
  {
    name: 'bridge',
    config: { type: 'bridge', bridge: 'net', isGateway: true, ipMasq: true, hairpinMode: true, mtu: 1400, ipam: ipam(...both(20)) },
    subnets: both(20),
    options: { driver: 'bridge', masquerade: true, hairpin: true, mtu: 1400 },
    attach: { routes: [extra('10.20.0.1')] },
    bridge: 'net',
    hostEnd: true,
    reach: ['10.20.0.1', 'fd00:20::1', '10.30.0.1'],
    hostRoutes: true,
  },
  {
    name: 'ptp',
    config: { type: 'ptp', ipMasq: true, mtu: 1400, ipam: ipam(...both(20)) },
    subnets: both(20),
    options: { driver: 'ptp', masquerade: true, mtu: 1400 },
    attach: { routes: [extra('10.20.0.1')] },
    hostEnd: true,
    reach: ['10.20.0.1', 'fd00:20::1', '10.30.0.1'],
    // the kernel's route is not made, instead of made and deleted
    ignored: ['noprefixroute'],
    hostRoutes: true,
  },
  {
    name: 'macvlan',
    config: { type: 'macvlan', master: 'p0', mode: 'bridge', mtu: 1400, ipam: ipam(...both(30)) },
    subnets: both(30),
    options: { driver: 'macvlan', parent: 'p0', mtu: 1400 },
    attach: { addresses: ['10.30.0.2', 'fd00:30::2'], routes: [extra('10.30.0.1')] },
    kind: 'macvlan',
    reach: ['10.30.0.1', 'fd00:30::1'],
  },
  {
    name: 'host-device',
    config: { type: 'host-device', device: 'p0', ipam: ipam(...both(30)) },
    subnets: both(30),
    options: { driver: 'host-device', parent: 'p0' },
    attach: { routes: [extra('10.30.0.1')] },
    reach: ['10.30.0.1', 'fd00:30::1'],
  },
  {
    name: 'loopback',
    config: { type: 'loopback' },
    subnets: [],
    options: { driver: 'loopback' },
    ifname: 'lo',
    reach: ['127.0.0.1', '::1'],
  },
]);

test('the plugins are there', () => {
  expect(
    spawnSync('/usr/lib/cni/bridge', { env: { ...process.env, CNI_COMMAND: 'VERSION' }, input: '{"cniVersion":"1.0.0"}' }).status,
  ).toBe(0);
});
