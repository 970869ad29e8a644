/** Routes, set by ip(8) and by netloom. */
import type { Route } from '../../src/rtnl/index.ts';
import { type DifferentialCase, differential, type RoundTrip } from '../support/differential.ts';

const prepare = [
  'ip link add va type veth peer name vb',
  'ip link set vb addrgenmode none',
  'ip link set va addrgenmode none',
  'ip link set vb up',
  'ip link set va up',
  'ip address add 10.0.0.1/24 dev vb',
  'ip address add fd00::1/64 dev vb nodad',
];
/** Those that somebody set: the kernel sets its own again with the addresses. */
const roundTrip: RoundTrip<Route> = {
  list: async (rt) => (await rt.routes.list({ table: 'all' })).filter((route) => route.protocol !== 'kernel'),
  delete: (rt, route) => rt.routes.delete(route),
  create: (rt, route) => rt.routes.create(route),
};

const ipv4: readonly DifferentialCase<Route>[] = [
  { ip: ['ip route add default via 10.0.0.254'], netloom: (rt) => rt.routes.create({ to: 'default', via: '10.0.0.254' }) },
  {
    ip: ['ip route add 10.2.0.0/16 via 10.0.0.2 dev vb table 1000 metric 5 src 10.0.0.1 proto static mtu 1200 advmss lock 1000'],
    netloom: (rt) =>
      rt.routes.create({
        to: '10.2.0.0/16',
        via: '10.0.0.2',
        dev: 'vb',
        table: 1000,
        metric: 5,
        source: '10.0.0.1',
        protocol: 'static',
        metrics: { mtu: 1200, advmss: 1000, lock: ['advmss'] },
      }),
  },
  {
    ip: ['ip route add 10.3.0.0/16 via 10.0.0.99 dev vb onlink', 'ip route append 10.3.0.0/16 via 10.0.0.98 dev vb'],
    netloom: async (rt) => {
      await rt.routes.create({ to: '10.3.0.0/16', via: '10.0.0.99', dev: 'vb', flags: ['onlink'] });
      await rt.routes.append({ to: '10.3.0.0/16', via: '10.0.0.98', dev: 'vb' });
    },
    roundTrip: false,
  },
  {
    ip: ['ip route replace 10.3.0.0/16 via 10.0.0.97 dev vb'],
    prepare: ['ip route add 10.3.0.0/16 via 10.0.0.98'],
    netloom: (rt) => rt.routes.replace({ to: '10.3.0.0/16', via: '10.0.0.97', dev: 'vb' }),
  },
  {
    ip: ['ip route add 10.4.0.0/16 nexthop via 10.0.0.5 weight 2 nexthop via 10.0.0.6 dev vb'],
    netloom: (rt) =>
      rt.routes.create({
        to: '10.4.0.0/16',
        nexthops: [
          { via: '10.0.0.5', weight: 2 },
          { via: '10.0.0.6', dev: 'vb' },
        ],
      }),
  },
  {
    ip: ['ip route add 10.5.0.0/16 via inet6 fd00::5 dev vb'],
    netloom: (rt) => rt.routes.create({ to: '10.5.0.0/16', via: 'fd00::5', dev: 'vb' }),
  },
  { ip: ['ip route add blackhole 10.6.0.0/16'], netloom: (rt) => rt.routes.create({ to: '10.6.0.0/16', type: 'blackhole' }) },
  {
    ip: ['ip route add unreachable 10.7.0.0/16 metric 9'],
    netloom: (rt) => rt.routes.create({ to: '10.7.0.0/16', type: 'unreachable', metric: 9 }),
  },
  {
    ip: ['ip route add 10.9.0.1 dev vb tos 0x10 scope link initcwnd 10 quickack 1 congctl reno'],
    netloom: (rt) =>
      rt.routes.create({
        to: '10.9.0.1',
        dev: 'vb',
        tos: 0x10,
        scope: 'link',
        metrics: { initcwnd: 10, quickack: true, congestionControl: 'reno' },
      }),
  },
  {
    ip: ['ip route del 10.1.0.0/16'],
    prepare: ['ip route add 10.1.0.0/16 dev vb'],
    netloom: (rt) => rt.routes.delete({ to: '10.1.0.0/16' }),
    roundTrip: false,
  },
];

const ipv6: readonly DifferentialCase<Route>[] = [
  { ip: ['ip route add fd01::/64 via fd00::2'], netloom: (rt) => rt.routes.create({ to: 'fd01::/64', via: 'fd00::2' }) },
  {
    ip: ['ip route add fd02::/64 dev vb metric 5 expires 1000 pref high'],
    netloom: (rt) => rt.routes.create({ to: 'fd02::/64', dev: 'vb', metric: 5, expires: 1000, pref: 'high' }),
  },
  {
    ip: ['ip route add fd04::/64 nexthop via fd00::3 dev vb nexthop via fd00::4 dev vb weight 3'],
    netloom: (rt) =>
      rt.routes.create({
        to: 'fd04::/64',
        nexthops: [
          { via: 'fd00::3', dev: 'vb' },
          { via: 'fd00::4', dev: 'vb', weight: 3 },
        ],
      }),
  },
];

differential('IPv4 routes', { prepare, roundTrip, show: 'ip route show table all', cases: ipv4 });
differential('IPv6 routes', { prepare, roundTrip, show: 'ip -6 route show table all', cases: ipv6 });
