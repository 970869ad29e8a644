/**
 * Checks of what a program is started with. Node's own come too late for a program that another thread starts, and pass over what they do not know.
 */
import type { SpawnOptions } from 'node:child_process';
import { constants } from 'node:os';
import { InputError } from '../netlink/errors.ts';
import { checkMembers, checkSignal, inArgument, memberNames } from '../netlink/input.ts';
import { checkInteger, show } from '../netlink/scalar.ts';
import type { ExecOptions } from './exec.ts';

const longestTimeout = 2 ** 31 - 1;
const execMembers = memberNames<Omit<ExecOptions, 'mounts'>>({
  cwd: true,
  env: true,
  uid: true,
  gid: true,
  timeout: true,
  killSignal: true,
  maxBuffer: true,
  signal: true,
  encoding: true,
  input: true,
});

/** What ends a program early. @throws InputError */
export function checkLimits({ signal, timeout, killSignal }: Pick<SpawnOptions, 'signal' | 'timeout' | 'killSignal'>): void {
  checkSignal(signal);
  if (timeout !== undefined) inArgument('timeout', () => checkInteger(timeout, 0, longestTimeout));
  if (killSignal === undefined) return;
  const { signals } = constants;
  const known = typeof killSignal === 'string' ? Object.hasOwn(signals, killSignal) : Object.values<unknown>(signals).includes(killSignal);
  if (!known) throw new InputError('killSignal', `expected a signal, such as "SIGTERM", got ${show(killSignal)}`);
}

/** @param more options beside those that every way of running a program has @throws InputError */
export function checkExecOptions(options: ExecOptions, ...more: readonly ReadonlySet<string>[]): void {
  checkMembers(options, 'options', execMembers, ...more);
  checkLimits(options);
  const { encoding, input, maxBuffer } = options;
  if (encoding !== undefined && encoding !== 'buffer' && !Buffer.isEncoding(encoding))
    throw new InputError('encoding', `expected "buffer" or an encoding of Buffer, got ${show(encoding)}`);
  if (input !== undefined && typeof input !== 'string' && !(input instanceof Uint8Array))
    throw new InputError('input', `expected a string or bytes, got ${show(input)}`, 'ERR_INVALID_ARG_TYPE');
  if (maxBuffer !== undefined && !(typeof maxBuffer === 'number' && maxBuffer >= 0))
    throw new InputError('maxBuffer', `expected a number of bytes, got ${show(maxBuffer)}`, 'ERR_OUT_OF_RANGE');
}
