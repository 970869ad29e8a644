/** Rules without a kernel: what is sent, what is refused before. */
import { describe, expect, test } from 'vitest';
import { walk } from '../../src/netlink/attributes.ts';
import { ruleMessage } from '../../src/rtnl/index.ts';
import { planRule, type RuleSpec } from '../../src/rtnl/rule/spec.ts';

/** The attributes of the message that makes a rule: type and payload. */
function sent(spec: RuleSpec): Map<number, string> {
  const body = ruleMessage.bytes(planRule(spec).wire);
  return new Map(
    [...walk(body, 12, body.length - 12)].map((found) => [found.type, body.toString('hex', found.offset, found.offset + found.length)]),
  );
}
const [FRA_SUPPRESS_IFGROUP, FRA_SUPPRESS_PREFIXLEN, FRA_TABLE, FRA_IP_PROTO] = [13, 14, 15, 22];

describe('what other libraries got wrong', () => {
  test.each([5, 255, 256, 70_000])('suppressors are sent with table %d', (table) => {
    const attributes = sent({ table, suppressPrefixLength: 0, suppressIfgroup: 7 });
    expect(attributes.get(FRA_SUPPRESS_PREFIXLEN)).toBe('00000000');
    expect(attributes.get(FRA_SUPPRESS_IFGROUP)).toBe('07000000');
    expect(attributes.has(FRA_TABLE)).toBe(table > 255);
  });

  test('the protocol is one byte', () => {
    expect(sent({ ipProto: 'tcp' }).get(FRA_IP_PROTO)).toBe('06');
    expect(sent({ ipProto: 200 }).get(FRA_IP_PROTO)).toBe('c8');
  });

  test('nothing is sent that was not asked for', () => {
    expect([...sent({}).keys()]).toEqual([]);
    expect([...sent({ l3mdev: false, invert: false }).keys()]).toEqual([]);
  });
});

const bad: readonly (readonly [argument: string, spec: unknown, code?: string])[] = [
  ['from', { from: '10.0.0.1/8' }],
  ['from', { from: 'here' }],
  ['from', { from: 'fd00::/8', family: 'inet' }],
  ['to', { from: '10.0.0.0/8', to: 'fd00::/8' }],
  ['to', { to: 5 }, 'ERR_INVALID_ARG_TYPE'],
  ['family', { family: 'mpls' }],
  ['family', { family: 2 }],
  ['priority', { priority: -1 }, 'ERR_OUT_OF_RANGE'],
  ['priority', { priority: '5' }, 'ERR_INVALID_ARG_TYPE'],
  ['type', { type: 'drop' }],
  ['type', { type: 300 }, 'ERR_OUT_OF_RANGE'],
  ['invert', { invert: 'yes' }, 'ERR_INVALID_ARG_TYPE'],
  ['iif', { iif: 'a/b' }],
  ['oif', { oif: 'x'.repeat(200) }, 'ERR_OUT_OF_RANGE'],
  ['mark', { mark: 2 ** 32 }, 'ERR_OUT_OF_RANGE'],
  ['mask', { mask: 1.5 }, 'ERR_OUT_OF_RANGE'],
  ['tos', { tos: 256 }, 'ERR_OUT_OF_RANGE'],
  ['dscp', { dscp: 64 }, 'ERR_OUT_OF_RANGE'],
  ['dscpMask', { dscp: 1, dscpMask: 64 }, 'ERR_OUT_OF_RANGE'],
  ['flowLabel', { flowLabel: 0x100000 }, 'ERR_OUT_OF_RANGE'],
  ['flowLabelMask', { flowLabelMask: -1 }, 'ERR_OUT_OF_RANGE'],
  ['ipProto', { ipProto: 'smoke' }],
  ['ipProto', { ipProto: 256 }, 'ERR_OUT_OF_RANGE'],
  ['sport', { sport: 0 }, 'ERR_OUT_OF_RANGE'],
  ['sport', { sport: '20-10' }, 'ERR_OUT_OF_RANGE'],
  ['dport', { dport: '1-65535' }, 'ERR_OUT_OF_RANGE'],
  ['dport', { dport: 'http' }, 'ERR_INVALID_ARG_TYPE'],
  ['sportMask', { sport: 5, sportMask: 65536 }, 'ERR_OUT_OF_RANGE'],
  ['dportMask', { dport: 5, dportMask: '1' }, 'ERR_INVALID_ARG_TYPE'],
  ['uidRange', { uidRange: '0-4294967295' }, 'ERR_OUT_OF_RANGE'],
  ['uidRange', { uidRange: [1, 2] }, 'ERR_INVALID_ARG_TYPE'],
  ['tunId', { tunId: -1 }, 'ERR_OUT_OF_RANGE'],
  ['l3mdev', { l3mdev: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ['table', { table: 0 }, 'ERR_OUT_OF_RANGE'],
  ['table', { table: 'mine' }],
  ['table', { table: 5, l3mdev: true }],
  ['goto', { type: 'goto' }],
  ['goto', { type: 'nop', goto: 5 }],
  ['goto', { goto: -5 }, 'ERR_OUT_OF_RANGE'],
  ['suppressPrefixLength', { suppressPrefixLength: 33 }, 'ERR_OUT_OF_RANGE'],
  ['suppressIfgroup', { suppressIfgroup: 2 ** 31 }, 'ERR_OUT_OF_RANGE'],
  ['realms', { realms: '1/2' }, 'ERR_INVALID_ARG_TYPE'],
  ['protocol', { protocol: 'me' }],
  ['protocol', { protocol: 256 }, 'ERR_OUT_OF_RANGE'],
  ['colour', { colour: 'red' }, 'ERR_UNKNOWN_OPTION'],
];

test.each(bad)('bad %s: %j', (argument, spec, code = 'ERR_INVALID_ARG_VALUE') => {
  expect(() => planRule(spec as RuleSpec)).toThrow(expect.objectContaining({ name: 'InputError', argument, code }));
});

test('a deletion must say something', () => {
  expect(() => planRule({}, true)).toThrow(expect.objectContaining({ name: 'InputError', argument: 'spec' }));
  expect(() => planRule(undefined as never)).toThrow(expect.objectContaining({ name: 'InputError', argument: 'spec' }));
});
