/** Values that depend on the machine (users, groups, the clock), sets of a single value, and rules in place of a chain: the bytecode that nft(8) 1.0.6 prints for the same. */
import { afterEach, describe, expect, test } from 'vitest';
import { InputError, SystemError } from '../../src/netlink/errors.ts';
import {
  accept,
  change,
  concat,
  counter,
  ct,
  drop,
  explain,
  goto,
  ip,
  jump,
  linearize,
  meta,
  range,
  rule,
  type Statement,
  TransactionTooLargeError,
  tcp,
  transaction,
} from '../../src/nft/index.ts';

const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

const bytecode = (statement: Statement): string[] => explain(linearize('inet', [statement]).expressions).slice(1);
const inZone = (name: string, of: () => Statement): string[] => {
  process.env['TZ'] = name;
  return bytecode(of());
};
const swap = '[ byteorder reg 1 = hton(reg 1, 4, 4) ]';

describe('the clock', () => {
  test('hours are those of the zone', () => {
    const at = () => meta.hour.in(range('17:00', '18:30'));
    expect(inZone('UTC', at)).toEqual([swap, '[ cmp gte reg 1 0x10ef0000 ]', '[ cmp lte reg 1 0x28040100 ]']);
    expect(inZone('Asia/Tokyo', at)).toEqual([swap, '[ cmp gte reg 1 0x80700000 ]', '[ cmp lte reg 1 0x98850000 ]']);
  });

  test('hours from late to early are all but those between', () => {
    const late = range('22:00', '03:00') as { from: '22:00'; to: '03:00' };
    expect(inZone('UTC', () => meta.hour.in(late))).toEqual([swap, '[ range neq reg 1 0x302a0000 0x60350100 ]']);
    expect(inZone('UTC', () => meta.hour.not(late))).toEqual([swap, '[ cmp gte reg 1 0x302a0000 ]', '[ cmp lte reg 1 0x60350100 ]']);
    // 18:00 to 20:00 of Bogotá is 23:00 to 01:00 of UTC
    expect(inZone('America/Bogota', () => meta.hour.in(range('18:00', '20:00')))).toEqual([
      swap,
      '[ range neq reg 1 0x100e0000 0x70430100 ]',
    ]);
  });

  test('times are those of the zone, or of the one they name', () => {
    const noon = ['[ cmp eq reg 1 0xf8638000 0x17cb5b99 ]'];
    expect(inZone('UTC', () => meta.time.in('2024-05-01 12:00:00'))).toEqual(noon);
    expect(inZone('Asia/Tokyo', () => meta.time.in('2024-05-01 21:00'))).toEqual(noon);
    expect(inZone('Asia/Tokyo', () => meta.time.in('2024-05-01T12:00:00Z'))).toEqual(noon);
    expect(inZone('UTC', () => meta.time.atLeast('2024-05-01'))).toEqual([
      '[ byteorder reg 1 = hton(reg 1, 8, 8) ]',
      '[ cmp gte reg 1 0x4f34cb17 0x0000bcaf ]',
    ]);
  });

  test.each(['25:00', '9:5', '12:60'])('%s is no hour', (text) => {
    expect(() => linearize('inet', [meta.hour.in(text as '1:0')])).toThrow(InputError);
  });
  test.each(['2024-13-01', '2024-05-01 1:2'])('%s is no time', (text) => {
    expect(() => linearize('inet', [meta.time.in(text as '2024-1-1')])).toThrow(/^\[0\]\.match\.meta\.time: .* is no time such as/);
  });
});

test('users and groups have names', () => {
  expect(bytecode(meta.skuid.in('root'))).toEqual(['[ cmp eq reg 1 0x00000000 ]']);
  expect(bytecode(meta.skgid.not('root'))).toEqual(['[ cmp neq reg 1 0x00000000 ]']);
  const [set] = linearize('inet', [meta.skuid.in('root', 1)]).sets;
  expect(set!.elements.map(({ key }) => key)).toEqual([Uint8Array.of(0, 0, 0, 0), Uint8Array.of(1, 0, 0, 0)]);
  expect(() => linearize('inet', [meta.skuid.in('nobody of this name')])).toThrow(
    '[0].match.meta.skuid: "nobody of this name" is no number and no user of /etc/passwd',
  );
});

describe('a set of a single value', () => {
  const only = (left: { expr: unknown }, element: unknown, op: '==' | '!=' | 'in' = '=='): Statement =>
    ({ match: { left: left.expr, op, right: { set: [element] } } }) as Statement;
  test('is a comparison', () => {
    expect(linearize('inet', [only(tcp.dport, 22)])).toEqual(linearize('inet', [tcp.dport.in(22)]));
    expect(linearize('inet', [only(tcp.dport, 22, '!=')])).toEqual(linearize('inet', [tcp.dport.not(22)]));
    expect(linearize('inet', [only(ip.saddr, { prefix: { addr: '10.0.0.0', len: 8 } })])).toEqual(
      linearize('inet', [ip.saddr.in('10.0.0.0/8')]),
    );
    expect(linearize('inet', [only(tcp.dport, { range: [22, 30] })])).toEqual(linearize('inet', [tcp.dport.in(range(22, 30))]));
    expect(linearize('inet', [only(ct.state, 'new', 'in')])).toEqual(linearize('inet', [ct.state('new')]));
  });
  test('of several fields is a set', () => {
    expect(linearize('inet', [concat(ip.saddr, tcp.dport).in(['10.0.0.1', 22])]).sets).toHaveLength(1);
  });
});

describe('rules in place of a chain', () => {
  const within = rule(ip.saddr.in('10.0.0.1'), jump([rule(tcp.dport.in(22), accept()), rule(tcp.dport.in(80, 81), drop())]));
  const ports = ['[ meta load l4proto => reg 1 ]', '[ cmp eq reg 1 0x00000006 ]', '[ payload load 2b @ transport header + 2 => reg 1 ]'];

  test('are each made by themselves', () => {
    const { expressions, blocks, sets } = linearize('inet', within);
    expect(explain(expressions).slice(-1)).toEqual(['[ immediate reg 0 jump ]']);
    expect(blocks!.map(({ rules }) => rules.map((each) => explain(each.expressions)))).toEqual([
      [
        [...ports, '[ cmp eq reg 1 0x00001600 ]', '[ immediate reg 0 accept ]'],
        [...ports, '[ lookup reg 1 set __set%d ]', '[ immediate reg 0 drop ]'],
      ],
    ]);
    expect(sets).toHaveLength(1);
  });

  test('go out as sets, a chain and its rules, ahead of the rule', () => {
    const { requests } = change.rules.add({ family: 'inet', table: 't', chain: 'c', statements: within });
    expect(requests.map(({ operation }) => operation.name.slice('NFT_MSG_NEW'.length))).toEqual([
      ...['SET', 'SETELEM', 'CHAIN'],
      ...['RULE', 'RULE', 'RULE'],
    ]);
  });

  test('are named in errors', () => {
    const bad = jump([rule(accept()), rule(counter(), tcp.dport.in('http' as never))]);
    expect(() => linearize('inet', [bad])).toThrow(/^\[0\]\.jump\.rules\[1\]\[1\]\.match\.tcp\.dport: "http" is no number/);
    expect(() => linearize('inet', [jump([rule(goto([rule(accept())]))])])).toThrow(
      /^\[0\]\.jump\.rules\[0\]\[0\]\.goto: rules that a rule brings along/,
    );
    expect(() => linearize('inet', [jump([])])).toThrow(/^\[0\]\.jump\.rules: expected an array of at least one rule/);
    expect(() => linearize('inet', [jump([accept()] as never)])).toThrow(/^\[0\]\.jump\.rules\[0\]: expected an array of statements/);
  });
});

test('a transaction that no datagram holds says what can be done', () => {
  const program = transaction([change.tables.add({ family: 'ip', name: 't' })]);
  program.next();
  const EMSGSIZE = 90;
  expect(() => program.throw(new SystemError('send', EMSGSIZE))).toThrow(
    expect.objectContaining({
      constructor: TransactionTooLargeError,
      code: 'EMSGSIZE',
      messages: 1,
      message: expect.stringContaining('net.core.wmem_max'),
    }),
  );
});
