/** What is loaded, with its bits changed: `meta mark & 0xff`, `ct mark >> 8`. Source: nft(8), EXPRESSIONS (binary operations). */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { type Expr, isNode } from '../statements/expression.ts';
import { constant, isConstant } from './constant.ts';
import { registerAt } from './registers.ts';
import type { Scope } from './scope.ts';
import { type Source, sourceOf } from './source.ts';

/** What is compared, and what the constant is to be changed by (exclusive or) before. */
export function operandOf(scope: Scope, of: Expr): { source: Source; flip?: Uint8Array } {
  if (isNode(of) && '^' in of && of['^'].length === 2 && !isConstant(of['^'][0])) {
    const [of0, bits] = of['^'];
    const source = operandOf(scope, of0).source;
    return { source, flip: constant(source, bits) };
  }
  return { source: computed(scope, of) };
}

/** A source, or one whose bits are changed by constants. */
export function computed(scope: Scope, of: Expr): Source {
  if (!isNode(of) || !('&' in of || '|' in of || '^' in of || '<<' in of || '>>' in of)) return sourceOf(scope, of);
  const [op, operands] = Object.entries(of)[0] as [string, readonly [Expr, ...Expr[]]];
  const [first, ...rest] = operands;
  const source = computed(scope, first);
  if (op === '<<' || op === '>>') return shifted(source, op, rest);
  const length = source.loaded;
  const mask = new Uint8Array(length).fill(0xff);
  const xor = new Uint8Array(length);
  const changes = changesOf(source);
  for (const [name, bits] of [...changes.list, ...rest.map((each) => [op, constant(source, each)] as const)]) {
    for (let i = 0; i < length; i++) {
      const bit = bits[i]!;
      if (name === '&') {
        mask[i]! &= bit;
        xor[i]! &= bit;
      } else if (name === '|') {
        mask[i]! &= ~bit;
        xor[i] = (xor[i]! & ~bit) | bit;
      } else xor[i]! ^= bit;
    }
  }
  const { load } = changes.plain;
  const result: Source = {
    field: source.field,
    bits: source.bits,
    shift: source.shift,
    loaded: length,
    load: (word) => {
      const register = registerAt(word);
      return [...load(word), { kind: 'bitwise', data: { sreg: register, dreg: register, len: length, mask, xor } }];
    },
  };
  changed.set(result, { plain: changes.plain, list: [...changes.list, ...rest.map((each) => [op, constant(source, each)] as const)] });
  return result;
}

interface Changes {
  readonly plain: Source;
  readonly list: readonly (readonly [op: string, bits: Uint8Array])[];
}
/** Several changes of one value are one expression. */
const changed = new WeakMap<Source, Changes>();

function changesOf(source: Source): Changes {
  return changed.get(source) ?? { plain: source, list: [] };
}

function shifted(source: Source, op: '<<' | '>>', [by, more]: readonly Expr[]): Source {
  if (typeof by !== 'number' || !Number.isInteger(by) || by < 0 || by > 31 || more !== undefined)
    throw new InputError(op, `expected a number of bits from 0 to 31, got ${show(by)}`, 'ERR_OUT_OF_RANGE');
  if (source.shift !== 0 || source.bits !== 8 * source.loaded) throw new InputError(op, 'only whole bytes can be shifted');
  const { payload: _payload, names: _names, loadFirst: _first, ...rest } = source;
  return {
    ...rest,
    load: (word) => {
      const register = registerAt(word);
      const data = Uint8Array.of(by, 0, 0, 0);
      return [
        ...source.load(word),
        { kind: 'bitwise', data: { sreg: register, dreg: register, len: source.loaded, op: op === '<<' ? 'lshift' : 'rshift', data } },
      ];
    },
  };
}
