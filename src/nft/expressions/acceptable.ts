/** Where the kernel does not take what it lists. */
import type { Dynset } from './dynset.ts';
import type { Expression } from './expression.ts';
import type { Exthdr } from './exthdr.ts';

/** The expression as the kernel takes it: what says nothing is left out where its mere presence is refused (EINVAL), and what goes without saying is said. */
export function acceptable(expression: Expression): Expression {
  if (expression.kind === 'exthdr' && expression.data !== undefined) return { ...expression, data: acceptableExthdr(expression.data) };
  if (expression.kind === 'dynset' && expression.data !== undefined) return { ...expression, data: acceptableDynset(expression.data) };
  if (expression.kind === 'osf' && expression.data?.flags?.length === 0) {
    const { flags: _, ...data } = expression.data;
    return { ...expression, data };
  }
  return expression;
}

/** Writing an option takes no flags, and removing one nothing but its type. */
function acceptableExthdr(data: Exthdr): Exthdr {
  if (data.dreg !== undefined || (data.flags !== undefined && data.flags.length > 0)) return data;
  const { flags: _flags, ...written } = data;
  if (written.sreg !== undefined || (written.offset ?? 0) !== 0 || (written.len ?? 0) !== 0) return written;
  const { offset: _offset, len: _len, ...removed } = written;
  return removed;
}

/** A set without timeouts takes none, and lists 0; several expressions need a flag that is not listed. */
function acceptableDynset(data: Dynset): Dynset {
  const { timeout, ...rest } = data;
  const result: Dynset = timeout === undefined || timeout === 0 ? rest : data;
  if (result.expressions === undefined || result.flags?.includes('expr') === true) return result;
  return { ...result, flags: [...(result.flags ?? []), 'expr'] };
}
