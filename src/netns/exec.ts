/** Runs a program to its end. */
import type { ExecFileOptions } from 'node:child_process';

export interface ExecOptions
  extends Pick<ExecFileOptions, 'cwd' | 'env' | 'uid' | 'gid' | 'timeout' | 'killSignal' | 'maxBuffer' | 'signal'> {
  /** Of `stdout` and `stderr`. Default: `utf8`. `buffer`: no decoding. */
  readonly encoding?: BufferEncoding | 'buffer';
  /** What the program reads from its standard input. Default: nothing. */
  readonly input?: string | Uint8Array;
}

/** How a program ended. */
export interface ExecResult<Output = string> {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Exit status; null when a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, or null. */
  readonly signal: NodeJS.Signals | null;
}

/** What execFile reports: an exit status or Node's code of an error. */
type ExecFailure = Error & { code?: string | number | null; signal?: NodeJS.Signals | null; killed?: boolean };

/**
 * Starts a program by means of `start` and collects its output.
 *
 * @throws Error of Node's, through the promise, when it cannot be started (`ENOENT`), writes more than `maxBuffer`, or is ended by `timeout` or `signal`
 */
export function collect(
  start: <T>(spawn: () => T) => T,
  command: string,
  args: readonly string[],
  options: ExecOptions,
): Promise<ExecResult<string | Buffer>> {
  const { input, encoding = 'utf8', ...rest } = options;
  return new Promise((resolve, reject) => {
    const done = (failure: ExecFailure | null, stdout: string | Buffer, stderr: string | Buffer): void => {
      if (failure === null) resolve({ stdout, stderr, code: 0, signal: null });
      else if (typeof failure.code === 'string' || failure.killed === true) reject(failure);
      else resolve({ stdout, stderr, code: failure.code ?? null, signal: failure.signal ?? null });
    };
    const { execFile } = process.getBuiltinModule('node:child_process');
    const child = start(() => execFile(command, args, { ...rest, encoding }, done));
    child.stdin?.on('error', () => {}); // a program need not read all of its input
    child.stdin?.end(input);
  });
}
