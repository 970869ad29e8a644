/** Nexthop objects without a kernel: what is refused before anything is sent. */
import { expect, test } from 'vitest';
import { nexthopObjectMessage } from '../../src/rtnl/index.ts';
import { type NexthopObjectSpec, planNexthop } from '../../src/rtnl/nexthop/spec.ts';

const bad: readonly (readonly [argument: string, spec: unknown, code?: string])[] = [
  ['id', { id: 0, blackhole: true }, 'ERR_OUT_OF_RANGE'],
  ['id', { id: '1', blackhole: true }, 'ERR_INVALID_ARG_TYPE'],
  ['family', { family: 'mpls', dev: 'eth0' }],
  ['via', { via: 'gateway', dev: 'eth0' }],
  ['via', { via: '10.0.0.1', family: 'inet6', dev: 'eth0' }],
  ['via', { via: '10.0.0.1', blackhole: true }],
  ['dev', { dev: 'eth0', blackhole: true }],
  ['dev', { via: '10.0.0.1' }],
  ['dev', {}],
  ['dev', { dev: 'a/b' }],
  ['devIndex', { devIndex: -1 }, 'ERR_OUT_OF_RANGE'],
  ['blackhole', { blackhole: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ['fdb', { fdb: 'yes', via: '10.0.0.1' }, 'ERR_INVALID_ARG_TYPE'],
  ['via', { fdb: true }],
  ['group', { group: [] }, 'ERR_INVALID_ARG_TYPE'],
  ['group', { group: 5 }, 'ERR_INVALID_ARG_TYPE'],
  ['group[1]', { group: [1, 0] }, 'ERR_OUT_OF_RANGE'],
  ['group[0].id', { group: [{}] }, 'ERR_INVALID_ARG_TYPE'],
  ['group[0].weight', { group: [{ id: 1, weight: 0 }] }, 'ERR_OUT_OF_RANGE'],
  ['group[0].weight', { group: [{ id: 1, weight: 65_536 }] }, 'ERR_OUT_OF_RANGE'],
  ['group[0].wieght', { group: [{ id: 1, wieght: 1 }] }, 'ERR_UNKNOWN_OPTION'],
  ['via', { group: [1], via: '10.0.0.1' }],
  ['encap', { group: [1], encap: { type: 'ip' } }],
  ['blackhole', { group: [1], blackhole: true }],
  ['groupType', { group: [1], groupType: 'best' }],
  ['groupType', { dev: 'eth0', groupType: 'mpath' }],
  ['resilient', { group: [1], groupType: 'mpath', resilient: {} }],
  ['resilient', { dev: 'eth0', resilient: {} }],
  ['resilient.buckets', { group: [1], resilient: { buckets: 0 } }, 'ERR_OUT_OF_RANGE'],
  ['resilient.idleTimer', { group: [1], resilient: { idleTimer: -1 } }, 'ERR_OUT_OF_RANGE'],
  ['resilient.unbalancedTimer', { group: [1], resilient: { unbalancedTimer: '5' } }, 'ERR_INVALID_ARG_TYPE'],
  ['hwStats', { dev: 'eth0', hwStats: true }],
  ['protocol', { dev: 'eth0', protocol: 'me' }],
  ['protocol', { dev: 'eth0', protocol: 256 }, 'ERR_OUT_OF_RANGE'],
  ['flags', { dev: 'eth0', flags: ['offlink'] }],
  ['encap.type', { dev: 'eth0', encap: { type: 'tube' } }],
  ['encap.ttl', { dev: 'eth0', encap: { type: 'ip', ttl: 256 } }, 'ERR_OUT_OF_RANGE'],
  ['colour', { dev: 'eth0', colour: 'red' }, 'ERR_UNKNOWN_OPTION'],
];

test.each(bad)('bad %s: %j', (argument, spec, code = 'ERR_INVALID_ARG_VALUE') => {
  expect(() => planNexthop(spec as NexthopObjectSpec)).toThrow(expect.objectContaining({ name: 'InputError', code }));
  try {
    planNexthop(spec as NexthopObjectSpec);
  } catch (error) {
    expect((error as { argument: string }).argument).toBe(argument);
  }
});

test('nothing is sent that was not asked for', () => {
  expect(nexthopObjectMessage.bytes(planNexthop({ blackhole: true }).wire).toString('hex')).toBe('020000000000000004000400');
});
