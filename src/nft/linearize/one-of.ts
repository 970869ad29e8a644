/** Names that stand for something. */
import { noneOf } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';

/** @throws InputError that lists them */
export function oneOf<T extends string>(table: Readonly<Record<T, unknown>>, name: unknown, argument: string): T {
  if (typeof name === 'string' && Object.hasOwn(table, name)) return name as T;
  throw new InputError(argument, noneOf(name, Object.keys(table)));
}
