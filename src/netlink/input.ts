/** Checks of what callers pass in: options are known, errors name the argument. Nothing has been sent when they throw. */
import { withChoices } from './choices.ts';
import { InputError } from './errors.ts';
import { show } from './scalar.ts';

/** The members of every options object that belong to the call and not to the object it is about. */
const callMembers: ReadonlySet<string> = new Set(['signal', 'timeout']);

/** The names of a table of options, checked against the interface that declares them: each name once, none missing. */
export function memberNames<T extends object>(names: Record<keyof T & string, true>): ReadonlySet<string> {
  return new Set(Object.keys(names));
}

/**
 * Checks that `options`, the last argument of a call, is an object that holds nothing unknown.
 *
 * @throws InputError `ERR_INVALID_ARG_TYPE` naming `argument`, `ERR_UNKNOWN_OPTION` naming the option
 */
export function checkOptions(options: unknown, argument: string, ...known: readonly ReadonlySet<string>[]): void {
  checkObject(options, argument);
  // for-in reads the shape's own list of keys; Object.keys would copy it for every call
  for (const key in options) if (!isKnown(key, known) && !callMembers.has(key)) refuse(options, key, [...known, callMembers]);
}

/** {@link checkOptions} for an object within another, and for the options of a function that can neither be aborted nor take too long. */
export function checkMembers(object: unknown, argument: string, ...known: readonly ReadonlySet<string>[]): void {
  checkObject(object, argument);
  for (const key in object) if (!isKnown(key, known)) refuse(object, key, known);
}

function checkObject(value: unknown, argument: string): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InputError(argument, `expected an object, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
}

function isKnown(key: string, known: readonly ReadonlySet<string>[]): boolean {
  // by index: an iterator for every key of every call adds up
  for (let i = 0; i < known.length; i++) if (known[i]!.has(key)) return true;
  return false;
}

function refuse(object: object, key: string, known: readonly ReadonlySet<string>[]): void {
  if (!Object.hasOwn(object, key)) return;
  throw unknownOption(key, new Set(known.flatMap((set) => [...set])));
}

/** The names that a refused option could have been. */
const refused = new WeakMap<InputError, ReadonlySet<string>>();

function unknownOption(key: string, names: ReadonlySet<string>): InputError {
  const error = new InputError(key, withChoices('is no option of this call', key, names), 'ERR_UNKNOWN_OPTION');
  refused.set(error, names);
  return error;
}

/** `error`, or where it refuses an option of the call itself one that knows `names` too: options that were taken off before the check. */
export function alsoKnowing(error: unknown, ...names: readonly string[]): unknown {
  const known = error instanceof InputError && !error.argument.includes('.') ? refused.get(error) : undefined;
  return known === undefined ? error : unknownOption((error as InputError).argument, new Set([...names, ...known]));
}

const none: ReadonlySet<string> = new Set();

/** Checks the options of a call that has none but `signal` and `timeout`; they may be left out. */
export function checkCallOptions(options: unknown): void {
  if (options !== undefined) checkOptions(options, 'options', none);
}

/** Runs `check`; an error it throws is put below `argument`. */
export function inArgument<T>(argument: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof InputError ? error.within(argument) : error;
  }
}

/** {@link inArgument} for a check of one value: without a closure, for what is called by the hundred thousand. */
export function checked<V, T>(argument: string, check: (value: V) => T, value: V): T {
  try {
    return check(value);
  } catch (error) {
    throw error instanceof InputError ? error.within(argument) : error;
  }
}

/** @throws InputError unless `value` is true, false or undefined */
export function checkBoolean(value: unknown, argument: string): asserts value is boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new InputError(argument, `expected true or false, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
  }
}

/** @throws InputError unless `value` is an AbortSignal or undefined */
export function checkSignal(value: unknown): asserts value is AbortSignal | undefined {
  if (value !== undefined && !(value instanceof AbortSignal))
    throw new InputError('signal', `expected an AbortSignal, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
}

/** Checks that `value` can be said in a message, without sending it. `rename`: from the path of an attribute to what callers call it. @throws InputError */
export function encodable<T>(message: { bytes(value: T): unknown }, value: T, rename: (path: string) => string): void {
  try {
    message.bytes(value);
  } catch (error) {
    throw error instanceof InputError ? error.renamed(rename) : error;
  }
}
