/** From statements to the expressions that the kernel runs, as nft(8) 1.0 makes them. */
import { noneOf, withChoices } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import { memberNames } from '../../netlink/input.ts';
import { show } from '../../netlink/scalar.ts';
import type { Expression, ExpressionData } from '../expressions/expression.ts';
import { checkName } from '../name.ts';
import { type Family, familyNumber } from '../nfnetlink.ts';
import { checking } from '../options.ts';
import { type ElemExpression, type Expr, isNode } from '../statements/expression.ts';
import type { KernelStatement, MapStatement, SetStatement, Statement } from '../statements/statement.ts';
import * as action from './action.ts';
import { assign } from './assign.ts';
import { targetOf } from './constant.ts';
import type { LinearRule } from './linear-rule.ts';
import { lookUpIn } from './lookup.ts';
import { match } from './match-statement.ts';
import { nat, natHere, tproxy } from './nat-statement.ts';
import { operand } from './operand.ts';
import { registerAt, wordsOf } from './registers.ts';
import { type KnownSets, Scope } from './scope.ts';
import { loadAll, sourcesOf } from './source.ts';
import * as stateful from './stateful.ts';
import { isVerdictName, verdictOf } from './verdict-statement.ts';

/** Where a rule will stand, which decides what it must check itself. */
export interface LinearizeOptions {
  /**
   * Sets that the statements refer to by name: a lookup in a set of intervals takes integers of the machine in another order, and a map
   * of addresses and ports gives both. What `sets.list()` returns, by name, will do. Default: sets of single values, maps of addresses.
   */
  readonly sets?: KnownSets;
}

/**
 * The kernel's expressions of a rule, and the sets it brings along: `{ expressions, sets }` is what `rules.add` takes. What a match depends on
 * is added (`tcp dport 22` lets only TCP by first), and matches on neighboring fields become one.
 *
 * @throws InputError naming the statement (`[2].match`) when it cannot be said, or not in a table of the family
 */
export function linearize(family: Family, statements: readonly Statement[], options: LinearizeOptions = {}): LinearRule {
  familyNumber(family);
  const scope = new Scope(family, options.sets);
  if (!Array.isArray(statements))
    throw new InputError('', `expected an array of statements, such as \`rule(…)\` makes, got ${show(statements)}`, 'ERR_INVALID_ARG_TYPE');
  appendAll(scope, statements);
  return scope.finish();
}

function appendAll(scope: Scope, statements: readonly Statement[]): void {
  for (let i = 0; i < statements.length; i++) {
    try {
      appendStatement(scope, statements[i]!);
    } catch (error) {
      throw error instanceof InputError ? error.within(`[${i}]`) : error;
    }
  }
}

/** Rules in place of the name of a chain. */
function block(scope: Scope, code: 'jump' | 'goto', rules: readonly (readonly Statement[])[]): void {
  if (!Array.isArray(rules) || rules.length === 0)
    throw new InputError('rules', `expected an array of at least one rule, got ${show(rules)}`, 'ERR_INVALID_ARG_TYPE');
  const chainId = scope.addBlock(rules as readonly (readonly Statement[])[], (within, statements, i) => {
    if (!Array.isArray(statements))
      throw new InputError(`rules[${i}]`, `expected an array of statements, got ${show(statements)}`, 'ERR_INVALID_ARG_TYPE');
    checking(`rules[${i}]`, () => appendAll(within, statements));
  });
  scope.act({ kind: 'immediate', data: { dreg: 0, data: { code, chainId } } });
}

/** Appends what a statement does to the rule so far. @throws InputError */
export function appendStatement(scope: Scope, statement: Statement): void {
  if (typeof statement !== 'object' || statement === null)
    throw new InputError('', `expected a statement, got ${show(statement)}`, 'ERR_INVALID_ARG_TYPE');
  const names = Object.keys(statement);
  const [name] = names;
  if (name === undefined || names.length > 1) throw new InputError('', `expected an object with one member, got ${show(statement)}`);
  try {
    appendNamed(scope, name, statement);
  } catch (error) {
    throw error instanceof InputError ? error.within(name) : error;
  }
}

type NamesOf<S> = S extends unknown ? keyof S & string : never;

/** For messages. */
const statementNames = memberNames<Record<NamesOf<Statement>, unknown>>({
  match: true,
  accept: true,
  drop: true,
  continue: true,
  return: true,
  jump: true,
  goto: true,
  vmap: true,
  counter: true,
  quota: true,
  limit: true,
  log: true,
  reject: true,
  snat: true,
  dnat: true,
  masquerade: true,
  redirect: true,
  tproxy: true,
  mangle: true,
  queue: true,
  dup: true,
  fwd: true,
  synproxy: true,
  notrack: true,
  set: true,
  map: true,
  flow: true,
  last: true,
  secmark: true,
  xt: true,
  kernel: true,
  'ct count': true,
  'ct expectation': true,
  'ct helper': true,
  'ct timeout': true,
});

function appendNamed(scope: Scope, name: string, of: Statement): void {
  if ('match' in of) match(scope, of.match);
  else if ('vmap' in of) scope.act(...lookUpIn(scope, of.vmap.key, of.vmap.data, 'verdict').load);
  else if ('mangle' in of) assign(scope, of.mangle);
  else if ('counter' in of) {
    if (isReference(of.counter)) action.objectReference(scope, 'counter', of.counter);
    else scope.act(stateful.counter(of.counter));
  } else if ('quota' in of) {
    if (isReference(of.quota)) action.objectReference(scope, 'quota', of.quota);
    else scope.act(stateful.quota(of.quota));
  } else if ('limit' in of) {
    if (isReference(of.limit)) action.objectReference(scope, 'limit', of.limit);
    else scope.act(stateful.limit(of.limit));
  } else if ('log' in of) scope.act(action.log(of.log ?? {}));
  else if ('reject' in of) action.reject(scope, of.reject ?? {});
  else if ('snat' in of) nat(scope, 'snat', of.snat);
  else if ('dnat' in of) nat(scope, 'dnat', of.dnat);
  else if ('masquerade' in of) natHere(scope, 'masq', of.masquerade ?? {});
  else if ('redirect' in of) natHere(scope, 'redir', of.redirect ?? {});
  else if ('tproxy' in of) tproxy(scope, of.tproxy);
  else if ('queue' in of) action.queue(scope, of.queue ?? {});
  else if ('dup' in of) action.dup(scope, of.dup);
  else if ('fwd' in of) action.fwd(scope, of.fwd);
  else if ('synproxy' in of) {
    if (typeof of.synproxy === 'string') action.objectReference(scope, 'synproxy', of.synproxy);
    else scope.act(action.synproxy(of.synproxy ?? {}));
  } else if ('notrack' in of) scope.act({ kind: 'notrack' });
  else if ('set' in of) updateSet(scope, of.set);
  else if ('map' in of) updateMap(scope, of.map);
  else if ('flow' in of) {
    const table = checkName(of.flow.flowtable.replace(/^@/, ''), 'flowtable');
    scope.act({ kind: 'flow_offload', data: { table } });
  } else if ('ct count' in of) scope.act(stateful.connectionCount(of['ct count']));
  else if ('ct helper' in of) action.objectReference(scope, 'ct helper', of['ct helper']);
  else if ('ct timeout' in of) action.objectReference(scope, 'ct timeout', of['ct timeout']);
  else if ('ct expectation' in of) action.objectReference(scope, 'ct expectation', of['ct expectation']);
  else if ('secmark' in of) action.objectReference(scope, 'secmark', of.secmark);
  else if ('last' in of) scope.act(stateful.last(of.last));
  else if ('xt' in of) scope.act(action.xt(of.xt));
  else if ('kernel' in of) asGiven(scope, of.kernel);
  else if ('jump' in of && of.jump !== null && 'rules' in of.jump) block(scope, 'jump', of.jump.rules);
  else if ('goto' in of && of.goto !== null && 'rules' in of.goto) block(scope, 'goto', of.goto.rules);
  else if (isVerdictName(name)) scope.act({ kind: 'immediate', data: { dreg: 0, data: verdictOf(of) } });
  else throw new InputError('', noneOf(name, statementNames));
}

/** Expressions as they are; the sets that they look into get numbers of this rule. */
function asGiven(scope: Scope, { expressions, sets = [] }: KernelStatement['kernel']): void {
  const ids = new Map(sets.map(({ id, ...set }) => [id, scope.addSet(set)]));
  const numbered = expressions.map((expression) => {
    if (expression.kind !== 'lookup' && expression.kind !== 'objref' && expression.kind !== 'dynset') return expression;
    const setId = expression.data?.setId === undefined ? undefined : ids.get(expression.data.setId);
    return setId === undefined ? expression : ({ ...expression, data: { ...expression.data, setId } } as Expression);
  });
  scope.act(...numbered);
}

function isReference(of: unknown): of is string | { readonly map: { readonly key: Expr; readonly data: Expr } } {
  return typeof of === 'string' || (typeof of === 'object' && of !== null && 'map' in of);
}

/** The key an element is added under, and how long it lives. */
function elementOf(scope: Scope, elem: Expr): { key: ReturnType<typeof loadAll>; timeout?: number } {
  const { val, timeout, ...rest }: ElemExpression['elem'] = isNode(elem) && 'elem' in elem ? elem.elem : { val: elem };
  for (const name in rest)
    throw new InputError(
      `elem.${name}`,
      withChoices('is no member of an element that a rule adds', name, ['val', 'timeout']),
      'ERR_UNKNOWN_OPTION',
    );
  const key = loadAll(sourcesOf(scope, val), 0);
  return { key, ...(timeout === undefined ? {} : { timeout: 1000 * timeout }) };
}

function updateSet(scope: Scope, { op, elem, set, stmt }: SetStatement['set']): void {
  const { key, timeout } = elementOf(scope, elem);
  const data: ExpressionData<'dynset'> = { op, sregKey: 1, set: checkName(set.replace(/^@/, ''), 'set') };
  if (timeout !== undefined) data.timeout = timeout;
  const comes = stmt === undefined ? [] : linearize(scope.family, stmt).expressions;
  if (comes.length === 1) [data.expression] = comes as [Expression];
  else if (comes.length > 1) data.expressions = comes;
  scope.act(...key.expressions, { kind: 'dynset', data });
}

function updateMap(scope: Scope, { op, elem, data: value, map }: MapStatement['map']): void {
  const { key, timeout } = elementOf(scope, elem);
  const word = 4 * Math.ceil(wordsOf(key.bytes) / 4);
  const [target] = typeof value === 'object' ? sourcesOf(scope, value) : [];
  if (target === undefined) throw new InputError('data', 'expected something of the packet');
  const data: ExpressionData<'dynset'> = { op, sregKey: 1, sregData: registerAt(word), set: checkName(map.replace(/^@/, ''), 'map') };
  if (timeout !== undefined) data.timeout = timeout;
  scope.act(...key.expressions, ...operand(scope, targetOf(target.field), value, word), { kind: 'dynset', data });
}
