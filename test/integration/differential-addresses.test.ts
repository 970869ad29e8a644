/** Addresses, set by ip(8) and by netloom. */
import type { Address } from '../../src/rtnl/index.ts';
import { differential } from '../support/differential.ts';

differential<Address>('addresses', {
  prepare: [
    'ip link add va type veth peer name vb',
    'ip link set vb addrgenmode none',
    'ip link set va addrgenmode none',
    'ip link set vb up',
    'ip link set va up',
  ],
  show: 'ip address show vb',
  roundTrip: {
    list: (rt) => rt.addresses.list({ dev: 'vb' }),
    delete: (rt, address) => rt.addresses.delete('vb', address),
    create: (rt, address) => rt.addresses.create('vb', address),
  },
  cases: [
    { ip: ['ip address add 10.0.0.1/24 dev vb'], netloom: (rt) => rt.addresses.create('vb', '10.0.0.1/24') },
    {
      ip: ['ip address add 10.0.1.1/24 brd + dev vb'],
      netloom: (rt) => rt.addresses.create('vb', '10.0.1.1/24', { broadcast: 'auto' }),
    },
    {
      ip: ['ip address add 10.0.2.1 peer 10.0.2.2/30 dev vb'],
      netloom: (rt) => rt.addresses.create('vb', '10.0.2.1', { peer: '10.0.2.2/30' }),
    },
    {
      ip: ['ip address add 10.0.3.1/24 dev vb label vb:x metric 50 noprefixroute scope link'],
      netloom: (rt) => rt.addresses.create('vb', '10.0.3.1/24', { label: 'vb:x', metric: 50, flags: ['noprefixroute'], scope: 'link' }),
    },
    {
      ip: ['ip address add 10.0.4.1/24 dev vb valid_lft 1000 preferred_lft 500'],
      netloom: (rt) => rt.addresses.create('vb', '10.0.4.1/24', { validLifetime: 1000, preferredLifetime: 500 }),
    },
    {
      ip: ['ip address add fd00::1/64 dev vb nodad'],
      netloom: (rt) => rt.addresses.create('vb', 'fd00::1/64', { flags: ['nodad'] }),
    },
    {
      ip: ['ip address add fd00:1::1 peer fd00:1::2/64 dev vb nodad'],
      netloom: (rt) => rt.addresses.create('vb', 'fd00:1::1', { peer: 'fd00:1::2/64', flags: ['nodad'] }),
    },
    {
      prepare: ['ip address add fd00::1/64 dev vb nodad'],
      ip: ['ip address replace fd00::1/64 dev vb valid_lft 3000 preferred_lft 2000'],
      netloom: (rt) => rt.addresses.replace('vb', 'fd00::1/64', { validLifetime: 3000, preferredLifetime: 2000 }),
    },
    {
      prepare: ['ip address add 10.0.0.1/24 dev vb'],
      ip: ['ip address del 10.0.0.1/24 dev vb'],
      netloom: (rt) => rt.addresses.delete('vb', '10.0.0.1/24'),
      roundTrip: false,
    },
  ],
});
