/** What netloom sends is what ip(8) sends for the same command. */
import { describe, expect, test } from 'vitest';
import { NLM_F_ACK, NLM_F_REQUEST } from '../../src/netlink/message.ts';
import type { Request } from '../../src/netlink/operation.ts';
import type { Outcome, Program, Step } from '../../src/netlink/program.ts';
import {
  addressPrograms as addresses,
  addressMessage,
  linkMessage,
  linkPrograms as links,
  routeMessage,
  routePrograms as routes,
} from '../../src/rtnl/index.ts';
import { captured } from '../fixtures/rtnl/read.ts';

const fixtures = captured('requests');
const of = (command: string): (typeof fixtures)[number] => {
  const found = fixtures.find((fixture) => fixture.command === `ip ${command}`);
  if (found === undefined) throw new Error(`no fixture for "${command}"`);
  return found;
};

/** Runs a program as far as its first change, answering what it asks about links. */
function firstChange(program: Program<unknown>, indexes: Readonly<Record<string, number>>): { type: number; flags: number; body: Buffer } {
  let step: IteratorResult<Step, unknown> = program.next();
  while (!step.done) {
    const asked: readonly Request[] =
      step.value.op === 'request' ? [step.value.request] : step.value.op === 'requests' ? step.value.requests : [];
    const change = asked.find((request) => request.operation.name !== 'RTM_GETLINK' || request.expects === 'ack');
    if (change !== undefined) {
      return {
        type: change.operation.type,
        flags: change.flags | NLM_F_REQUEST | NLM_F_ACK,
        body: change.operation.body.bytes(change.value),
      };
    }
    const answers = asked.map((request): Outcome<unknown> => {
      const { name = '', index } = request.value as { name?: string; index?: number };
      return { ok: true, value: { index: index ?? indexes[name], name, flags: 0, type: 1 } };
    });
    const first = answers[0]!;
    step = program.next(step.value.op === 'request' ? (first as { value: unknown }).value : answers);
  }
  throw new Error('nothing was changed');
}

const parsers: Readonly<Record<number, (body: Buffer) => object>> = {
  16: linkMessage.parse,
  17: linkMessage.parse,
  20: addressMessage.parse,
  21: addressMessage.parse,
  24: routeMessage.parse,
  25: routeMessage.parse,
};

/** The indexes that the links had when the requests were captured. */
function indexOf(command: string): number {
  const { type, body } = of(command);
  const parsed = parsers[type]!(body) as { index?: number; oif?: number };
  return (parsed.oif ?? parsed.index)!;
}
const indexes = {
  br0: indexOf('link set br0 up'),
  va: indexOf('link set va up'),
  vb: indexOf('link set vb up'),
  vc: indexOf('link set vc down'),
  vcc: indexOf('link set vc down'),
  vd: indexOf('link set vd up'),
  mac0: indexOf('link del mac0'),
};

const cases: readonly (readonly [string, Program<unknown>])[] = [
  [
    'link add br0 type bridge forward_delay 400 stp_state 1 mcast_snooping 0',
    links.create({ kind: 'bridge', name: 'br0', data: { forwardDelay: 400, stpState: 1, mcastSnooping: false } }),
  ],
  ['link add va type veth peer name vb', links.create({ kind: 'veth', name: 'va', peer: 'vb' })],
  [
    'link add vc mtu 1400 address 02:00:00:00:00:01 txqueuelen 77 numtxqueues 3 numrxqueues 2 type veth peer name vd mtu 1300',
    links.create({
      kind: 'veth',
      name: 'vc',
      mtu: 1400,
      address: '02:00:00:00:00:01',
      txQueueLength: 77,
      numTxQueues: 3,
      numRxQueues: 2,
      peer: { name: 'vd', mtu: 1300 },
    }),
  ],
  ['link add mac0 link vc type macvlan mode bridge', links.create({ kind: 'macvlan', name: 'mac0', link: 'vc', data: { mode: 'bridge' } })],
  [
    'link add vx0 type vxlan id 42 remote 192.0.2.1 dstport 4789',
    links.create({ kind: 'vxlan', name: 'vx0', data: { id: 42, remote: '192.0.2.1', learning: true, port: 4789 } }),
  ],
  ['link set va master br0', links.update('va', { master: 'br0' })],
  ['link set va nomaster', links.update('va', { master: null })],
  ['link set va up', links.update('va', { up: true })],
  ['link set vc down', links.update('vc', { up: false })],
  ['link set vc name vcc', links.update('vc', { name: 'vcc' })],
  ['link set vcc alias hello', links.update('vcc', { alias: 'hello' })],
  ['link set vcc group 7', links.update('vcc', { group: 7 })],
  ['link set br0 type bridge ageing_time 1000', links.update('br0', { kind: 'bridge', data: { ageingTime: 1000 } })],
  ['link del mac0', links.delete(indexes.mac0)],
  ['address add 10.0.0.1/24 dev vb', addresses.create('vb', '10.0.0.1/24')],
  ['address add 10.0.1.1/24 brd + dev vb', addresses.create('vb', '10.0.1.1/24', { broadcast: 'auto' })],
  ['address add 10.0.2.1 peer 10.0.2.2/30 dev vb', addresses.create('vb', '10.0.2.1', { peer: '10.0.2.2/30' })],
  ['address add 127.1.2.3/8 dev vb', addresses.create('vb', '127.1.2.3/8')],
  [
    'address add 10.0.3.1/24 dev vb label vb:x metric 50 noprefixroute',
    addresses.create('vb', '10.0.3.1/24', { label: 'vb:x', metric: 50, flags: ['noprefixroute'] }),
  ],
  [
    'address add 10.0.4.1/24 dev vb valid_lft 1000 preferred_lft 500',
    addresses.create('vb', '10.0.4.1/24', { validLifetime: 1000, preferredLifetime: 500 }),
  ],
  ['address add fd00::1/64 dev vb nodad', addresses.create('vb', 'fd00::1/64', { flags: ['nodad'] })],
  ['address add fd00:1::1 peer fd00:1::2/64 dev vb nodad', addresses.create('vb', 'fd00:1::1', { peer: 'fd00:1::2/64', flags: ['nodad'] })],
  [
    'address replace fd00::1/64 dev vb valid_lft 3000 preferred_lft 2000',
    addresses.replace('vb', 'fd00::1/64', { validLifetime: 3000, preferredLifetime: 2000 }),
  ],
  ['address del 10.0.1.1/24 dev vb', addresses.delete('vb', '10.0.1.1/24')],
  ['route add default via 10.0.0.254', routes.create({ to: 'default', via: '10.0.0.254' })],
  ['route add 10.1.0.0/16 dev vb', routes.create({ to: '10.1.0.0/16', dev: 'vb' })],
  [
    'route add 10.2.0.0/16 via 10.0.0.2 dev vb table 1000 metric 5 src 10.0.0.1 proto static mtu 1200 advmss lock 1000',
    routes.create({
      to: '10.2.0.0/16',
      via: '10.0.0.2',
      dev: 'vb',
      table: 1000,
      metric: 5,
      source: '10.0.0.1',
      protocol: 'static',
      metrics: { mtu: 1200, advmss: 1000, lock: ['advmss'] },
    }),
  ],
  [
    'route add 10.3.0.0/16 via 10.0.0.99 dev vb onlink',
    routes.create({ to: '10.3.0.0/16', via: '10.0.0.99', dev: 'vb', flags: ['onlink'] }),
  ],
  ['route append 10.3.0.0/16 via 10.0.0.98 dev vb', routes.append({ to: '10.3.0.0/16', via: '10.0.0.98', dev: 'vb' })],
  ['route replace 10.3.0.0/16 via 10.0.0.97 dev vb', routes.replace({ to: '10.3.0.0/16', via: '10.0.0.97', dev: 'vb' })],
  [
    'route add 10.4.0.0/16 nexthop via 10.0.0.5 weight 2 nexthop via 10.0.0.6 dev vb',
    routes.create({
      to: '10.4.0.0/16',
      nexthops: [
        { via: '10.0.0.5', weight: 2 },
        { via: '10.0.0.6', dev: 'vb' },
      ],
    }),
  ],
  ['route add 10.5.0.0/16 via inet6 fd00::5 dev vb', routes.create({ to: '10.5.0.0/16', via: 'fd00::5', dev: 'vb' })],
  ['route add blackhole 10.6.0.0/16', routes.create({ to: '10.6.0.0/16', type: 'blackhole' })],
  ['route add unreachable 10.7.0.0/16 metric 9', routes.create({ to: '10.7.0.0/16', type: 'unreachable', metric: 9 })],
  ['route add local 10.8.0.1 dev vb', routes.create({ to: '10.8.0.1', type: 'local', dev: 'vb' })],
  [
    'route add 10.9.0.1 dev vb tos 0x10 scope link initcwnd 10 quickack 1 congctl reno',
    routes.create({
      to: '10.9.0.1',
      dev: 'vb',
      tos: 0x10,
      scope: 'link',
      metrics: { initcwnd: 10, quickack: true, congestionControl: 'reno' },
    }),
  ],
  ['route add fd01::/64 via fd00::2', routes.create({ to: 'fd01::/64', via: 'fd00::2' })],
  [
    'route add fd02::/64 dev vb metric 5 expires 100 pref high',
    routes.create({ to: 'fd02::/64', dev: 'vb', metric: 5, expires: 100, pref: 'high' }),
  ],
  [
    'route add fd03::/64 from fd00::/64 via fd00::2 dev vb',
    routes.create({ to: 'fd03::/64', from: 'fd00::/64', via: 'fd00::2', dev: 'vb' }),
  ],
  [
    'route add fd04::/64 nexthop via fd00::3 dev vb nexthop via fd00::4 dev vb weight 3',
    routes.create({
      to: 'fd04::/64',
      nexthops: [
        { via: 'fd00::3', dev: 'vb' },
        { via: 'fd00::4', dev: 'vb', weight: 3 },
      ],
    }),
  ],
  ['route del 10.1.0.0/16', routes.delete({ to: '10.1.0.0/16' })],
  ['route del 10.2.0.0/16 table 1000 metric 5', routes.delete({ to: '10.2.0.0/16', table: 1000, metric: 5 })],
];

describe('the same request as', () => {
  test.each(cases)('ip %s', (command, program) => {
    const theirs = of(command);
    const ours = firstChange(program, indexes);
    const parse = parsers[theirs.type]!;
    expect({ ...ours, body: parse(ours.body) }).toEqual({ type: theirs.type, flags: theirs.flags, body: parse(theirs.body) });
  });
});
