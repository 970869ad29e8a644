/** Expressions of ematches: in the bytes that tc(8) sent for the same (iproute2 6.15, by strace), and what is refused. */
import { describe, expect, test } from 'vitest';
import type { BasicOptions } from '../../src/rtnl/index.ts';
import { filterKinds } from '../../src/rtnl/tc/kinds.ts';
import { decodeOptions, encodeOptions } from '../../src/rtnl/tc/options.ts';

/** Options of basic with an expression. TCA_BASIC_EMATCHES and TCA_EMATCH_TREE_LIST are marked as nests, which tc leaves. */
function optionsOf(expression: string): Uint8Array {
  const body = Buffer.from(expression, 'hex');
  body.writeUInt16LE(0x8002, 10);
  const header = Buffer.alloc(4);
  header.writeUInt16LE(4 + body.length, 0);
  header.writeUInt16LE(0x8002, 2);
  return Uint8Array.from(Buffer.concat([header, body]));
}

const expressions: readonly (readonly [command: string, ematches: NonNullable<BasicOptions['ematches']>, sent: string])[] = [
  [
    'cmp(u16 at 2 layer transport mask 0xffff trans gt 20)',
    [{ kind: 'cmp', bits: 16, at: 2, layer: 'transport', mask: 0xffff, transform: true, op: 'gt', value: 20 }],
    '08000100010000001c00020018000100000001000000000014000000ffff000002001212',
  ],
  [
    'cmp(u16 at 3 layer 2 mask 0xff00 gt 20) and meta(priority eq 5) or not u32(u32 0x0a000001 0xffffffff at 12)',
    [
      { kind: 'cmp', bits: 16, at: 3, layer: 'transport', mask: 0xff00, op: 'gt', value: 20 },
      { kind: 'meta', left: { id: 'priority' }, op: 'eq', right: 5, relation: 'or' },
      { kind: 'u32', value: 0x0a000001, mask: 0xffffffff, at: 12, not: true },
    ],
    '0800010003000000600002001800010000000100010000001400000000ff0000030002122800020000000400020000000c0001000610000000100000080002000000000008000300050000001c0003000000030004000000ffffffff0a0000010c00000000000000',
  ],
  [
    'nbyte("abc" at 3 layer 1) and (meta(nf_mark mask 0xff shift 2 gt 24) or not (cmp(u8 at 5 layer 0 eq 7) and u32(u16 0x1122 0xffff at nexthdr+4))) and meta(vlan lt 9)',
    [
      { kind: 'nbyte', needle: Uint8Array.from(Buffer.from('abc')), at: 3, layer: 'network' },
      {
        kind: 'container',
        matches: [
          { kind: 'meta', left: { id: 'nf_mark', shift: 2, mask: 0xff }, op: 'gt', right: 24, relation: 'or' },
          {
            kind: 'container',
            not: true,
            matches: [
              { kind: 'cmp', bits: 8, at: 5, layer: 'link', op: 'eq', value: 7 },
              { kind: 'u32', value: 0x11220000, mask: 0xffff0000, at: 4, offsetMask: -1 },
            ],
          },
        ],
      },
      { kind: 'meta', left: { id: 'vlan' }, op: 'lt', right: 9 },
    ],
    '0800010007000000bc0002001400010000000200010000000300031061626300100002000000000001000000030000002800030000000400000000000c0001002e10000200100000080002000000000008000300090000002800040000000400020000000c0001000c1002010010000008000200ff0000000800030018000000100005000000000004000000050000001800060000000100010000000700000000000000050001001c0007000000030000000000ffff00001122000004000000ffffffff',
  ],
  [
    'canid(sff 0x123 eff 0x124:0xff)',
    [
      {
        kind: 'canid',
        ids: [{ id: 0x123 }, { id: 0x124, mask: 0xff, extended: true }],
      },
    ],
    '0800010001000000200002001c000100000007000000000023010000ff07008024010080ff000080',
  ],
];

describe('expressions', () => {
  test.each(expressions)('%s', (_, ematches, sent) => {
    const wire = optionsOf(sent);
    expect(Buffer.from(encodeOptions(filterKinds, 'basic', { ematches })!).toString('hex')).toBe(Buffer.from(wire).toString('hex'));
    expect(decodeOptions(filterKinds, 'basic', wire)).toEqual({ ematches });
  });

  test('what netloom has no schema for is kept: a kind, and names of links', () => {
    const text = { kind: 5, data: Uint8Array.from([...Buffer.from('bm'.padEnd(16, '\0')), 0, 0, 100, 0, 1, 0, 0x11, 0, 97, 0, 0, 0]) };
    const wire = encodeOptions(filterKinds, 'basic', { ematches: [text] })!;
    expect(decodeOptions(filterKinds, 'basic', wire)).toEqual({ ematches: [text] });
    // meta(dev eq "lo"): a string, of TCF_META_TYPE_VAR
    const names = { kind: 4, data: Uint8Array.from(Buffer.from('0c000100050000000000000006000300' + '6c6f0000', 'hex')) };
    const other = encodeOptions(filterKinds, 'basic', { ematches: [names] })!;
    expect(decodeOptions(filterKinds, 'basic', other)).toEqual({ ematches: [names] });
  });

  test('lists that overlap, or that have no end, stay bytes', () => {
    const match = (type: number, flags: number, at: number): number[] => [16, 0, type, 0, 0, 0, 0, 0, flags, 0, 0, 0, at, 0, 0, 0];
    for (const list of [
      // a container of itself; one that two have; a list without a last
      match(1, 0, 0),
      [...match(1, 1, 2), ...match(2, 0, 2), ...match(3, 0, 3)],
      match(1, 1, 1),
      // doubling with each one, if all were followed
      Array.from({ length: 40 }, (_, i) => match(i + 1, 1, i + 1)).flat(),
    ]) {
      const size = list.length + 4;
      const wire = optionsOf(Buffer.from([8, 0, 1, 0, list.length / 16, 0, 0, 0, size & 0xff, size >> 8, 2, 0, ...list]).toString('hex'));
      const options = decodeOptions(filterKinds, 'basic', wire) as BasicOptions;
      expect(options.ematches).toBeUndefined();
      expect(Uint8Array.from(encodeOptions(filterKinds, 'basic', options)!)).toEqual(wire);
    }
  });

  test.each<[object, string]>([
    [{}, 'options.ematches'],
    [[], 'options.ematches'],
    [[{ kind: 'cmp', bits: 24, at: 0, op: 'eq', value: 1 }], 'options.ematches[0].bits'],
    [[{ kind: 'cmp', bits: 8, at: 0, op: 'ne', value: 1 }], 'options.ematches[0].op'],
    [[{ kind: 'meta', left: { id: 'nfmark' }, op: 'eq', right: 1 }], 'options.ematches[0].left.id'],
    [[{ kind: 'meta', left: { id: 'vlan' }, op: 'eq', right: -1 }], 'options.ematches[0].right'],
    [[{ kind: 'container', matches: [{ kind: 'nbyte', needle: 'abc', at: 0 }] }], 'options.ematches[0].matches[0].needle'],
    [[{ kind: 'canid', ids: [{ id: 0x800 }] }], 'options.ematches[0].ids[0].id'],
    [[{ kind: 'text' }], 'options.ematches[0].kind'],
    [[{ kind: 'u32', value: 1, at: 0, relation: 'xor' }], 'options.ematches[0].relation'],
  ])('%j: %s', (ematches, argument) => {
    expect(() => encodeOptions(filterKinds, 'basic', { ematches })).toThrow(expect.objectContaining({ name: 'InputError', argument }));
  });
});
