/** What expressions are called in errors. */
import { InputError } from '../../netlink/errors.ts';
import { type Expr, isNode } from './expression.ts';

/** `ip6.saddr`, `ct.state`, `tcp option.maxseg.size`; of an expression of several, the word for it. */
export function nameOf(of: Expr): string {
  if (!isNode(of)) return 'value';
  const [kind, inner] = Object.entries(of)[0] as [string, unknown];
  if ('payload' in of) {
    if (!('protocol' in of.payload)) return `@${of.payload.base}`;
    const { tunnel, protocol, field } = of.payload;
    return [tunnel, protocol, field].filter((part) => part !== undefined).join('.');
  }
  const operand = Array.isArray(inner) ? (inner as readonly Expr[])[0] : undefined;
  if (kind !== 'concat' && operand !== undefined) return nameOf(operand);
  const { key, name, field, result } = (inner ?? {}) as Readonly<Record<string, unknown>>;
  return [kind, key, name, field, result].filter((part) => typeof part === 'string').join('.');
}

/** Runs `make`; an error it throws is named after the expression. */
export function inField<T>(of: Expr, make: () => T): T {
  try {
    return make();
  } catch (error) {
    // named when there is an error: most of the time there is none
    throw error instanceof InputError ? error.within(nameOf(of)) : error;
  }
}
