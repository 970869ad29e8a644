/** What the compiler makes of the nft API. */
import { expectTypeOf, test } from 'vitest';
import type { Counter, Expression, MasqueradeOptions, NftClient, NftClientSync, Rule, Statement, Table } from '../../src/nft/index.ts';
import { expr, masqueradeProgram as masquerade, readStatements } from '../../src/nft/index.ts';

declare const nf: NftClient;
declare const sync: NftClientSync;
declare const expression: Expression;

test('the two clients have the same methods', () => {
  expectTypeOf(nf.tables.list).returns.resolves.toEqualTypeOf<Table[]>();
  expectTypeOf(sync.tables.list).returns.toEqualTypeOf<Table[]>();
  expectTypeOf<keyof NftClient['rules']>().toEqualTypeOf<keyof NftClientSync['rules']>();
  expectTypeOf(sync.rules.list({ family: 'ip' })).toEqualTypeOf<Rule[]>();
  // @ts-expect-error: no such family
  sync.rules.list({ family: 'ipv4' });
});

test('rules that were read are made again as they were listed', () => {
  const [read] = sync.rules.list({ statements: true });
  expectTypeOf(read!.statements).toEqualTypeOf<Statement[] | undefined>();
  sync.rules.add(read!);
  sync.rules.add({ ...read!, chain: 'copy' });
  const { family, table, chain } = read!;
  // @ts-expect-error: a new rule is of one or of the other
  sync.rules.add({ family, table, chain, expressions: [], statements: [] });
  // @ts-expect-error: no such option
  sync.rules.list({ statement: true });
  expectTypeOf(readStatements(read!, sync.ruleset().sets, sync.ruleset().rules)).toEqualTypeOf<Statement[]>();
});

test('kinds narrow their data', () => {
  if (expression.kind === 'meta') expectTypeOf(expression.data?.dreg).toEqualTypeOf<number | undefined>();
  if (expression.kind === 'other') expectTypeOf(expression.data).toEqualTypeOf<Uint8Array | undefined>();
  // @ts-expect-error: no such operator
  const bad: Expression = { kind: 'cmp', data: { sreg: 1, op: 'equals' } };
  void bad;
});

test('options are checked', () => {
  masquerade({ source: '10.0.0.0/24', toPorts: [1, 2], excludeDestination: ['10.0.0.0/8'] });
  // @ts-expect-error: the source is needed
  masquerade({});
  // @ts-expect-error: no such option
  masquerade({ source: '10.0.0.0/24', outinterface: 'eth0' });
  // @ts-expect-error: undefined is not the same as absent
  expectTypeOf<{ source: string; comment: undefined }>().toExtend<MasqueradeOptions>();
});

test('sets and objects are what they say', () => {
  sync.sets.create({ family: 'ip', table: 't', name: 's', type: ['ipv4_addr', 'inet_service'], elements: [['10.0.0.1', 80]] });
  // @ts-expect-error: no such type
  sync.sets.create({ family: 'ip', table: 't', name: 's', type: 'ipv4' });
  const object = sync.objects.get({ family: 'ip', table: 't', name: 'c', type: 'counter' });
  expectTypeOf(object.data).toEqualTypeOf<Counter | undefined>();
  expectTypeOf(sync.objects.reset({ family: 'ip', table: 't', name: 'q', type: 'quota' }))
    .toHaveProperty('type')
    .toEqualTypeOf<'quota'>();
  // @ts-expect-error: a quota has no rate
  sync.objects.create({ family: 'ip', table: 't', name: 'q', type: 'quota', data: { rate: 1 } });
  expectTypeOf(expr('cmp', { sreg: 1, op: 'eq' }).kind).toEqualTypeOf<'cmp'>();
  // @ts-expect-error: no such operator
  expr('cmp', { sreg: 1, op: 'equals' });
});
