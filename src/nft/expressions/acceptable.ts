/** Where the kernel does not take what it lists. */
import type { Expression } from './expression.ts';

/** The expression as the kernel takes it: flags that say nothing are left out where their mere presence is refused (EINVAL). */
export function acceptable(expression: Expression): Expression {
  if (expression.kind === 'exthdr' && expression.data?.dreg === undefined && expression.data?.flags?.length === 0) {
    const { flags: _, ...data } = expression.data;
    return { ...expression, data };
  }
  if (expression.kind === 'osf' && expression.data?.flags?.length === 0) {
    const { flags: _, ...data } = expression.data;
    return { ...expression, data };
  }
  return expression;
}
