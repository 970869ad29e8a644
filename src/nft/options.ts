/** Checks of options that every program makes before it sends anything. */
import { InputError } from '../netlink/errors.ts';
import { show } from '../netlink/scalar.ts';

/** Options of every call: see CallOptions, and `netns` where a function takes one. */
const always: readonly string[] = ['signal', 'timeout', 'netns'];

/** @throws InputError for what is no object, and for an option that is none of `known` (`ERR_UNKNOWN_OPTION`) */
export function checkOptions(options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new InputError('options', `expected an object, got ${show(options)}`, 'ERR_INVALID_ARG_TYPE');
  for (const key of Object.keys(options)) {
    if (!known.includes(key) && !always.includes(key))
      throw new InputError(key, `is no option here; known are ${known.join(', ')}`, 'ERR_UNKNOWN_OPTION');
  }
}

/** @throws InputError naming `argument` unless `value` is undefined or a boolean */
export function checkBoolean(value: unknown, argument: string): asserts value is boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean')
    throw new InputError(argument, `expected true or false, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
}

/** Runs a check whose InputError has no path, and gives it one. */
export function checking<T>(argument: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof InputError ? error.within(argument) : error;
  }
}
