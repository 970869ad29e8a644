/** Names that stand for something. */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';

/** @throws InputError that lists them */
export function oneOf<T extends string>(table: Readonly<Record<T, unknown>>, name: unknown, argument: string): T {
  if (typeof name === 'string' && Object.hasOwn(table, name)) return name as T;
  throw new InputError(argument, `${show(name)} is none of ${Object.keys(table).join(', ')}`);
}
