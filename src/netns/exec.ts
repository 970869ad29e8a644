/** Runs a program to its end. */
import type { ChildProcess, ExecFileOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { MountOptions } from './mounts.ts';

/** How a program is run in a namespace. */
export interface ExecOptions
  extends Pick<ExecFileOptions, 'cwd' | 'env' | 'uid' | 'gid' | 'timeout' | 'killSignal' | 'maxBuffer' | 'signal'>,
    MountOptions {
  /** Of `stdout` and `stderr`. Default: `utf8`. `buffer`: no decoding. */
  readonly encoding?: BufferEncoding | 'buffer';
  /** What the program reads from its standard input. Default: nothing. */
  readonly input?: string | Uint8Array;
}

/** How a program ended. */
export interface ExecResult<Output = string> {
  /** All that the program wrote to its standard output. */
  readonly stdout: Output;
  /** All that the program wrote to its standard error. */
  readonly stderr: Output;
  /** Exit status; null when a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, or null. */
  readonly signal: NodeJS.Signals | null;
}

type Result = ExecResult<string | Buffer>;

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
  options: Omit<ExecOptions, 'mounts'>,
): Promise<Result> {
  const { input, encoding = 'utf8', ...rest } = options;
  return new Promise((resolve, reject) => {
    const done = (failure: ExecFailure | null, stdout: string | Buffer, stderr: string | Buffer): void => {
      if (failure === null) resolve({ stdout, stderr, code: 0, signal: null });
      else if (typeof failure.code === 'string' || failure.killed === true) reject(failure);
      else resolve({ stdout, stderr, code: failure.code ?? null, signal: failure.signal ?? null });
    };
    const { execFile } = process.getBuiltinModule('node:child_process');
    feed(
      start(() => execFile(command, args, { ...rest, encoding }, done)),
      input,
    );
  });
}

const defaultMaxBuffer = 1024 * 1024;

/** {@link collect}, of a program that has been started, without `timeout`. */
export function collectFrom(child: ChildProcess, options: ExecOptions): Promise<Result> {
  const { input, encoding = 'utf8', maxBuffer = defaultMaxBuffer, killSignal, timeout = 0 } = options;
  return new Promise((resolve, reject) => {
    let failure: ExecFailure | undefined;
    const fail = (error: ExecFailure): void => {
      failure ??= error;
      child.kill(killSignal);
    };
    const outputs = [child.stdout!, child.stderr!].map((stream) => gather(stream, maxBuffer, fail));
    const timer =
      timeout > 0
        ? setTimeout(() => fail(Object.assign(new Error(`Command failed: ${child.spawnargs.join(' ')}`), { killed: true })), timeout)
        : undefined;
    child.once('error', (error) => {
      failure ??= error;
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const [stdout, stderr] = outputs.map((read) => (encoding === 'buffer' ? read() : read().toString(encoding))) as [string, string];
      if (failure !== undefined) reject(Object.assign(failure, { signal, stdout, stderr }));
      else resolve({ stdout, stderr, code, signal });
    });
    feed(child, input);
  });
}

function gather(stream: Readable, limit: number, fail: (error: ExecFailure) => void): () => Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    else fail(Object.assign(new RangeError(`more output than maxBuffer, ${limit} bytes`), { code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' }));
  });
  return () => Buffer.concat(chunks);
}

function feed(child: ChildProcess, input: string | Uint8Array | undefined): void {
  child.stdin?.on('error', () => {}); // a program need not read all of its input
  child.stdin?.end(input);
}
