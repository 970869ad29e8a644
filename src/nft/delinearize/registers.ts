/** Registers while a rule is read: what each of their words holds since the statement began. */
import type { Expression } from '../expressions/expression.ts';
import { fullRegister } from '../linearize/registers.ts';
import type { Scope } from '../linearize/scope.ts';
import { type Change, type Computed, readUnnamed, readValue, type Value, wordAfter } from './value.ts';

/** The word that a register starts with; undefined: it takes the verdict, or there is none. */
export function wordOf(register: number | undefined): number | undefined {
  if (register === undefined || register < 1) return undefined;
  return register <= fullRegister ? (register - 1) * fullRegister : register - 8;
}

export class Registers {
  readonly #values = new Map<number, Value>();

  clear(): void {
    this.#values.clear();
  }

  get(register: number | undefined): Value | undefined {
    const word = wordOf(register);
    return word === undefined ? undefined : this.#values.get(word);
  }

  set(register: number | undefined, value: Value): boolean {
    const word = wordOf(register);
    if (word !== undefined) this.#values.set(word, value);
    return word !== undefined;
  }

  /** Takes an expression that changes a register in. @returns whether it can be told */
  change(expression: Expression): boolean {
    if (expression.kind !== 'bitwise' && expression.kind !== 'byteorder') return false;
    const { sreg, dreg } = expression.data ?? {};
    const value = this.get(sreg);
    const change = changeOf(expression);
    if (value === undefined || sreg !== dreg || change === undefined) return false;
    return this.set(dreg, { load: value.load, changes: [...value.changes, change] });
  }

  /** Bits of a header by their number: keys of a set that knows them as a number only, where the field that they are has a type. */
  unnamed(scope: Scope, register: number | undefined): Computed[] | undefined {
    const value = this.get(register);
    if (value?.load.kind !== 'payload' || value.changes.length > 0) return undefined;
    const named = readValue(scope, value);
    if (named === undefined || named.source.field.type.name === 'integer') return undefined;
    const part = readUnnamed(scope, value.load);
    return part === undefined ? undefined : [part];
  }

  /** The values of a concatenation from a register on: as many as follow one another, up to the word `end`. */
  concatenated(scope: Scope, register: number | undefined, end = Number.POSITIVE_INFINITY): Computed[] | undefined {
    const parts: Computed[] = [];
    for (let word = wordOf(register); word !== undefined && word < end; ) {
      const value = this.#values.get(word);
      if (value === undefined) break;
      const part = readValue(scope, value);
      if (part === undefined) return undefined;
      parts.push(part);
      word = wordAfter(word, part);
    }
    return parts.length === 0 ? undefined : parts;
  }
}

function changeOf(expression: Expression): Change | undefined {
  if (expression.kind === 'byteorder') {
    const { len, size } = expression.data ?? {};
    return size === undefined || len !== size ? undefined : { kind: 'swap', size };
  }
  if (expression.kind !== 'bitwise') return undefined;
  const { op = 'bool', mask, xor, data } = expression.data ?? {};
  if (op === 'bool') return mask instanceof Uint8Array && xor instanceof Uint8Array ? { kind: 'bits', mask, xor } : undefined;
  if ((op !== 'lshift' && op !== 'rshift') || !(data instanceof Uint8Array) || data.length !== 4) return undefined;
  return { kind: 'shift', op: op === 'lshift' ? '<<' : '>>', by: new DataView(data.buffer, data.byteOffset).getUint32(0, true) };
}
