/** One pass over the expressions of a rule, from the first to the last: each statement is what was loaded since the one before, and what is done with it. */
import { dataType } from '../datatype/data-type.ts';
import type { Expression } from '../expressions/expression.ts';
import { innerScope } from '../linearize/inner-scope.ts';
import { appendStatement } from '../linearize/linearize.ts';
import { Scope } from '../linearize/scope.ts';
import type { Family } from '../nfnetlink.ts';
import type { Statement } from '../statements/statement.ts';
import { type Context, keyExpr, type ReadRule, setExpr } from './context.ts';
import { isDependency, needsDependency } from './dependency.ts';
import { loadOf } from './load.ts';
import { opaque } from './opaque.ts';
import { Registers } from './registers.ts';
import { apart, readComparison, readRange } from './relation.ts';
import { statementOf } from './statement.ts';
import type { TableSets } from './table-sets.ts';
import { unless } from './unless.ts';
import { isOrdered, type Value } from './value.ts';

/** A statement, and the expressions that it is made of. */
export interface Item {
  readonly from: number;
  readonly to: number;
  /** Absent: the rule does it because a later statement needs it, and no statement says it. */
  readonly statement?: Statement;
  readonly opaque: boolean;
  /** It may be there only because a later statement needs it. */
  readonly dependency: boolean;
  /** It may need others. */
  readonly needing: boolean;
}

/** What became of one expression: it waits for others, it is the last of statements, or there is no statement for it. */
type Outcome = 'load' | { readonly statements: readonly Statement[]; readonly length: number } | undefined;

export class RuleReader {
  readonly scope: Scope;
  readonly #context: Context;
  readonly #apart: boolean;
  readonly #items: Item[] = [];

  /** `apart`: whether each match of a field says with which neighbors it is compared. */
  constructor(family: Family, sets: TableSets, readRule: ReadRule, apart: boolean) {
    this.scope = new Scope(family, sets.known);
    this.#apart = apart;
    this.#context = { scope: this.scope, registers: new Registers(), sets, readRule };
  }

  /** `closed`: where statements start that are to stay as they are. */
  read(expressions: readonly Expression[], closed: ReadonlySet<number>): Item[] {
    let from = 0;
    for (let at = 0; at < expressions.length; ) {
      const outcome = this.#step(expressions, at);
      if (outcome === 'load') {
        at++;
        continue;
      }
      const to = at + (outcome?.length ?? 1);
      const known = outcome !== undefined && !closed.has(from) && this.#take(outcome.statements, from, to);
      if (!known) this.#leave(expressions, from, to);
      this.#context.registers.clear();
      from = to;
      at = to;
    }
    if (from < expressions.length) this.#leave(expressions, from, expressions.length);
    return this.#items;
  }

  #leave(expressions: readonly Expression[], from: number, to: number): void {
    const { sets } = this.#context;
    appendStatement(this.scope, opaque(expressions.slice(from, to), sets));
    const last = this.#items.at(-1);
    const first = last?.opaque === true ? last.from : from;
    if (first !== from) this.#items.pop();
    const statement = opaque(expressions.slice(first, to), sets);
    this.#items.push({ from: first, to, statement, opaque: true, dependency: false, needing: false });
  }

  /** What follows of the statements is known from here on. @returns false if the linearizer does not take them */
  #take(statements: readonly Statement[], from: number, to: number): boolean {
    if (statements.length === 0) {
      this.#items.push({ from, to, opaque: false, dependency: true, needing: false });
      return true;
    }
    const known = unless(() => {
      for (const statement of statements) appendStatement(this.scope, statement);
      return true;
    });
    if (known === undefined) return false;
    for (const statement of statements)
      this.#items.push({
        from,
        to,
        statement,
        opaque: false,
        dependency: isDependency(statement),
        needing: needsDependency(statement),
      });
    return true;
  }

  #step(expressions: readonly Expression[], at: number): Outcome {
    const expression = expressions[at]!;
    switch (expression.kind) {
      case 'bitwise':
      case 'byteorder':
        return this.#context.registers.change(expression) ? 'load' : undefined;
      case 'cmp':
        return this.#compare(expressions, at);
      case 'range':
        return done(this.#range(expression));
      case 'lookup':
        return this.#lookUp(expression);
      default: {
        const loads = this.#load(expression);
        return loads ?? done(statementOf(this.#context, expression));
      }
    }
  }

  /** undefined: it loads nothing. */
  #load(expression: Expression): Outcome {
    const { registers } = this.#context;
    if (expression.kind === 'hash' && expression.data?.type === 'jhash') return this.#hash(expression.data);
    const data = (expression.kind === 'inner' ? expression.data?.expression?.data : expression.data) as { dreg?: number } | undefined;
    const load = data?.dreg === undefined ? undefined : loadOf(expression);
    return load !== undefined && registers.set(data!.dreg, { load, changes: [] }) ? 'load' : undefined;
  }

  #hash({ sreg, dreg, modulus: mod, seed, offset }: NonNullable<Extract<Expression, { kind: 'hash' }>['data']>): Outcome {
    const parts = this.#context.registers.concatenated(this.scope, sreg);
    if (parts === undefined || mod === undefined) return undefined;
    const expr = keyExpr(parts);
    const rest = { ...(seed === undefined ? {} : { seed }), ...(offset === undefined || offset === 0 ? {} : { offset }) };
    const value: Value = { load: { kind: 'expr', expr: { jhash: { mod, expr, ...rest } } }, changes: [] };
    this.#context.registers.clear();
    return this.#context.registers.set(dreg, value) ? 'load' : undefined;
  }

  #compare(expressions: readonly Expression[], at: number): Outcome {
    const first = bytesCompared(expressions[at]!);
    const value = this.#context.registers.get(first?.sreg);
    if (first === undefined || value === undefined) return undefined;
    const next = expressions[at + 1] === undefined ? undefined : bytesCompared(expressions[at + 1]!);
    if (first.op === 'gte' && next?.op === 'lte' && next.sreg === first.sreg)
      return done(readRange(this.scope, value, false, first.data, next.data), 2);
    const inner = this.#withinTunnel(value, first.op, first.data);
    if (inner) return { statements: [], length: 1 };
    const statements = readComparison(this.scope, value, first.op, first.data);
    if (statements === undefined) return undefined;
    return { statements: this.#apart ? apart(value, statements) : statements, length: 1 };
  }

  /** A property of the packet within a tunnel is compared only because a field of that packet is. */
  #withinTunnel({ load, changes }: Value, op: string, data: Uint8Array): boolean {
    if (load.kind !== 'expr' || load.tunnel === undefined || changes.length > 0 || op !== 'eq' || !('meta' in (load.expr as object)))
      return false;
    const { tunnel, expr } = load;
    const number = data.reduce((sum, byte) => sum * 256 + byte, 0);
    const scope = unless(() => innerScope(this.scope, tunnel));
    scope?.learn('meta', (expr as { meta: { key: string } }).meta.key, number);
    return scope !== undefined;
  }

  #range({ data }: Extract<Expression, { kind: 'range' }>): Statement | undefined {
    const value = this.#context.registers.get(data?.sreg);
    const { fromData, toData } = data ?? {};
    if (value === undefined || !(fromData instanceof Uint8Array) || !(toData instanceof Uint8Array)) return undefined;
    return readRange(this.scope, value, data?.op === 'neq', fromData, toData);
  }

  #lookUp({ data }: Extract<Expression, { kind: 'lookup' }>): Outcome {
    const { scope, registers } = this.#context;
    const { set, sreg, dreg, flags } = data ?? {};
    const known = set === undefined ? undefined : this.#context.sets.anonymous(set);
    const parts =
      (known?.keyType === dataType('integer').id ? registers.unnamed(scope, sreg) : undefined) ?? registers.concatenated(scope, sreg);
    if (set === undefined || parts === undefined) return undefined;
    const keys = parts.map(({ source }) => source);
    if (dreg !== undefined && dreg !== 0) {
      registers.clear();
      return registers.set(dreg, { load: { kind: 'map', key: keyExpr(parts), keys, set }, changes: [] }) ? 'load' : undefined;
    }
    const held = setExpr(this.#context, set, keys);
    if (held === undefined || (known?.interval === true && !parts.every(isOrdered))) return undefined;
    if (dreg === 0) return done({ vmap: { key: keyExpr(parts), data: held } });
    return done({ match: { left: keyExpr(parts), op: flags?.includes('inv') === true ? '!=' : '==', right: held } });
  }
}

function done(statement: Statement | undefined, length = 1): Outcome {
  return statement === undefined ? undefined : { statements: [statement], length };
}

function bytesCompared(
  expression: Expression,
): { sreg: number; op: 'eq'; data: Uint8Array } | { sreg: number; op: 'gte' | 'lte'; data: Uint8Array } | undefined {
  if (expression.kind !== 'cmp') return undefined;
  const { sreg, op, data } = expression.data ?? {};
  return sreg === undefined || typeof op !== 'string' || !(data instanceof Uint8Array) ? undefined : { sreg, op: op as 'eq', data };
}
