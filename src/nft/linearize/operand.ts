/** Values that statements take: constants, something of the packet, or what a map gives. */
import { InputError } from '../../netlink/errors.ts';
import type { Expression } from '../expressions/expression.ts';
import { type Expr, isNode } from '../statements/expression.ts';
import { computed } from './computed.ts';
import { constant, isConstant, isSwapped, type Target } from './constant.ts';
import { lookUpIn } from './lookup.ts';
import { registerAt } from './registers.ts';
import type { Scope } from './scope.ts';

/** Loads a value into the register that starts with a word. @throws InputError */
export function operand(scope: Scope, target: Target, of: Expr, word: number): Expression[] {
  if (isConstant(of)) return [{ kind: 'immediate', data: { dreg: registerAt(word), data: constant(target, of) } }];
  if (isNode(of) && 'map' in of) {
    if (word !== 0) throw new InputError('', 'a map gives the first value of a statement alone');
    return lookUpIn(scope, of.map.key, of.map.data, [target]).load;
  }
  const source = computed(scope, of);
  if (source.shift !== 0) throw new InputError('', 'bits in the middle of a byte cannot be taken over');
  const load = source.load(word);
  const register = registerAt(word);
  if (isSwapped(source) && target.field.order === 'network')
    load.push({ kind: 'byteorder', data: { sreg: register, dreg: register, op: 'hton', len: source.loaded, size: source.loaded } });
  else if (isSwapped(target) && source.field.order === 'network' && source.loaded > 1)
    load.push({ kind: 'byteorder', data: { sreg: register, dreg: register, op: 'ntoh', len: source.loaded, size: source.loaded } });
  return load;
}
