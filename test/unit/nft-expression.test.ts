/** Expressions: bytes of real rules to objects and back, and their printed form. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { forceInterpreted } from '../../src/netlink/compile.ts';
import { expressionKinds } from '../../src/nft/expressions/expression.ts';
import type { Expression } from '../../src/nft/index.ts';
import { explain, expr } from '../../src/nft/index.ts';
import { getRule, type RuleMessage } from '../../src/nft/rule.ts';
import { corpus, corpusPresent, withoutNestedFlags } from '../support/nft-corpus.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Fixture {
  readonly rule: string;
  readonly bytecode: readonly string[];
  readonly message: string;
}
const { rules } = JSON.parse(readFileSync(here('../fixtures/nft/rules.json'), 'utf8')) as { rules: Fixture[] };

function roundTrip(hex: string): RuleMessage {
  const decoded = getRule.body.parse(Buffer.from(hex, 'hex'));
  const [ours, kernels] = withoutNestedFlags(getRule.body.bytes(decoded), hex);
  expect(ours).toBe(kernels);
  return decoded;
}

const every = JSON.parse(readFileSync(here('../fixtures/nft/expressions.json'), 'utf8')) as { rules: Omit<Fixture, 'rule'>[] };

describe('every expression that this kernel has', () => {
  test.each(every.rules.map((rule) => [rule.bytecode.join(' '), rule] as const))('%s', (_, { bytecode, message }) => {
    const { expressions = [], unknown } = roundTrip(message);
    expect(unknown).toBeUndefined();
    expect(expressions.filter(({ kind }) => kind === 'other')).toEqual([]);
    expect(explain(expressions)).toEqual(bytecode);
  });

  test('is among them, or named here', () => {
    const met = new Set(
      every.rules.flatMap(({ message }) => getRule.body.parse(Buffer.from(message, 'hex')).expressions ?? []).map(({ kind }) => kind),
    );
    // NF_FLOW_TABLE, NFT_QUEUE and the like are not in that kernel, and nft 1.0.6 does not write the others
    const absent = ['flow_offload', 'inner', 'last', 'match', 'queue', 'range', 'target', 'tunnel'];
    expect(expressionKinds().filter((kind) => !met.has(kind as never))).toEqual(absent);
  });
});

describe('expressions that no rule at hand has', () => {
  const cases: [Expression, string][] = [
    [expr('flow_offload', { table: 'f' }), '[ flow_offload flowtable f ]'],
    [expr('last', { set: 0 }), '[ last never ]'],
    [expr('last', { set: 1, msecs: 77 }), '[ last 77 ]'],
    [expr('queue', { num: 1, total: 3, flags: ['bypass', 'fanout'] }), '[ queue num 1-3 bypass fanout ]'],
    [expr('queue', { sregQnum: 1 }), '[ queue sreg_qnum 1 ]'],
    [expr('match', { name: 'comment', revision: 0, info: new Uint8Array(256) }), '[ match name comment rev 0 ]'],
    [expr('target', { name: 'LOG', revision: 0, info: new Uint8Array(32) }), '[ target name LOG rev 0 ]'],
    [expr('tunnel', { key: 'id', dreg: 1 }), '[ tunnel load id => reg 1 ]'],
    [
      expr('inner', {
        num: 0,
        type: 'vxlan',
        flags: ['hdrsize', 'll', 'nh', 'th'],
        hdrsize: 8,
        expression: expr('payload', { dreg: 1, base: 'network', offset: 12, len: 4 }),
      }),
      '[ inner type 1 hdrsize 8 flags f [ payload load 4b @ network header + 12 => reg 1 ] ]',
    ],
    [expr('bitwise', { sreg: 1, sreg2: 2, dreg: 1, len: 4, op: 'or' }), '[ bitwise reg 1 = ( reg 1 | reg 2 ) ]'],
  ];
  test.each(cases)('%j', (expression, line) => {
    const bytes = getRule.body.bytes({ expressions: [expression] });
    expect(getRule.body.parse(bytes).expressions).toEqual([expression]);
    expect(explain([expression])).toEqual([line]);
  });
});

describe('rules that nft made', () => {
  test.each(rules)('$rule', ({ bytecode, message }) => {
    const { expressions = [] } = roundTrip(message);
    expect(explain(expressions)).toEqual(bytecode);
  });

  test('decode alike where code cannot be generated', () => {
    const compiled = rules.map(({ message }) => getRule.body.parse(Buffer.from(message, 'hex')));
    forceInterpreted(true);
    try {
      expect(rules.map(({ message }) => getRule.body.parse(Buffer.from(message, 'hex')))).toEqual(compiled);
    } finally {
      forceInterpreted(false);
    }
  });
});

describe('an expression without a schema', () => {
  // a name that no expression has, in place of one of the same length
  const hex = (rules.find(({ rule }) => rule.includes('fib'))?.message ?? '').replaceAll('66696200', '7a7a7a00');

  test('is kept byte for byte', () => {
    const { expressions = [] } = roundTrip(hex);
    const [opaque] = expressions;
    expect(opaque).toMatchObject({ kind: 'other', name: 'zzz' });
    expect(explain([opaque!])).toEqual(['[ zzz (24 bytes) ]']);
  });

  test('stands for itself when it is written by hand', () => {
    const made = getRule.body.bytes({
      expressions: [
        { kind: 'other', name: 'mystery', data: Uint8Array.of(5, 0, 1, 0, 9) },
        { kind: 'other', name: 'bare' },
      ],
    });
    expect(getRule.body.parse(made).expressions).toEqual([
      { kind: 'other', name: 'mystery', data: Uint8Array.of(5, 0, 1, 0, 9) },
      { kind: 'other', name: 'bare' },
    ]);
  });
});

describe('what cannot be said', () => {
  const encode = (expression: unknown) => () => getRule.body.bytes({ expressions: [expression as Expression] });

  test('is refused with the path to it', () => {
    expect(encode({ kind: 'meta', data: { key: 'oifnam', dreg: 1 } })).toThrow(
      /^expressions\[0\]\.data\.key: "oifnam" is none of 36 names \(did you mean oif or oifname\?\)$/,
    );
    expect(encode({ kind: 'cmp', data: { sreg: -1, op: 'eq' } })).toThrow(/sreg: expected an integer from 0/);
    expect(encode({ kind: 'cmp', data: { register: 1 } })).toThrow(/register: NFTA_CMP has no such attribute/);
    expect(encode({ kind: 'compare' })).toThrow(/"compare" is none of bitwise/);
    expect(encode({ kind: 'immediate', data: { dreg: 0, data: { code: 'allow' } } })).toThrow(
      /data\.verdict\.code: "allow" is none of drop/,
    );
  });
});

describe.skipIf(!corpusPresent)('the corpus', () => {
  test('decodes, encodes and prints as nft does', () => {
    let count = 0;
    for (const { id, payload_list: expected, kernel } of corpus()) {
      if (kernel?.rule === undefined) continue;
      const expressions = kernel.rule.flatMap((hex) => {
        count += 1;
        const rule = roundTrip(hex);
        expect(rule.unknown, id).toBeUndefined();
        return rule.expressions ?? [];
      });
      // libnftnl has no name for NFT_CT_ID
      const lines = expected?.map((line) => line.replace('ct load unknown', 'ct load id'));
      if (lines !== undefined) expect(explain(expressions), id).toEqual(lines);
      expect(expressions.filter(({ kind }) => kind === 'other')).toEqual([]);
    }
    expect(count).toBeGreaterThan(1600);
  });
});
