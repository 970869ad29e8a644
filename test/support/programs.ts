/**
 * Programs run at the cost of a small process. A fork of a test runner takes some 10 ms of a processor, more than `ip` takes to answer, and tests start thousands of
 * programs. So each test file has a process of Python beside it, which starts them and enters namespaces for them (starter.py), and is asked through two named pipes,
 * which a process can wait at without its event loop.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readlinkSync, readSync, rmSync, writeSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How a program ended. */
export interface Ended {
  /** Its exit status; `null` when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  /** A path of a namespace to run it in. */
  readonly netns?: string | undefined;
  /** What it reads. */
  readonly input?: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
}

/** English, unlocalised output, and the folders of system tools, which an ordinary user's PATH may lack. */
export const environment = { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

const script = fileURLToPath(new URL('starter.py', import.meta.url));
const [ENDED, NOT_STARTED] = [0, 1];

/** Descriptors of the pipes to it. */
interface Starter {
  readonly questions: number;
  readonly answers: number;
}

let starter: Starter | undefined;

/** This thread's namespace, which a section of `run` changes for a while; the starter stays in the one of the process. */
const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const home = here();

function start(): Starter {
  const folder = mkdtempSync(join(tmpdir(), 'netloom-starter-'));
  try {
    // alone: without what a user has installed, which takes time to look for
    const { status, error } = spawnSync('python3', ['-I', '-S', script, folder], {
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`${script} ended with status ${status}`);
    return { questions: openSync(join(folder, 'questions'), 'w'), answers: openSync(join(folder, 'answers'), 'r') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a program to its end, blocking the event loop.
 * @throws Error when it cannot be started, when its namespace cannot be entered, and when it takes longer than `timeout`
 */
export function runProgram(command: readonly string[], { netns = '', input = '', timeout }: Run): Ended {
  if (here() !== home) return runFromHere(command, { netns, input, timeout });
  starter ??= start();
  const question = Buffer.from([timeout / 1000, netns, command.length, ...command, input].join('\0'));
  write(starter.questions, Buffer.from(Uint32Array.of(question.length).buffer), question);
  const kind = read(starter.answers, 1)[0];
  const status = read(starter.answers, 4).readInt32LE();
  const stdout = said(starter.answers);
  const stderr = said(starter.answers);
  if (kind === ENDED && status >= 0) return { status, signal: null, stdout, stderr };
  if (kind === ENDED) return { status: null, signal: signalOf(-status), stdout, stderr };
  const line = command.join(' ');
  if (kind === NOT_STARTED) throw Object.assign(new Error(`cannot start ${line}: ${stderr}`), { errno: -status, stderr });
  throw Object.assign(new Error(`${line} did not end within ${timeout} ms: ${stderr}`), { code: 'ETIMEDOUT', stdout, stderr });
}

/** As a child of this process, while its thread is in another namespace. */
function runFromHere(command: readonly string[], { netns, input, timeout }: Run): Ended {
  const [file, ...args] = netns === '' ? command : ['nsenter', `--net=${netns}`, ...command];
  const options = { input: input ?? '', encoding: 'utf8', timeout, maxBuffer: 256 * 1024 * 1024, env: environment } as const;
  const { status, signal, stdout, stderr, error } = spawnSync(file as string, args, options);
  if (error !== undefined) throw error;
  return { status, signal, stdout, stderr };
}

function signalOf(number: number): NodeJS.Signals {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  if (found === undefined) throw new Error(`there is no signal ${number}`);
  return found[0] as NodeJS.Signals;
}

function write(fd: number, ...pieces: readonly Buffer[]): void {
  const bytes = Buffer.concat(pieces);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

function read(fd: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const count = readSync(fd, bytes, at, length - at, null);
    if (count === 0) {
      closeSync(starter!.questions);
      closeSync(starter!.answers);
      starter = undefined;
      throw new Error(`${script} has ended`);
    }
    at += count;
  }
  return bytes;
}

function said(fd: number): string {
  return read(fd, read(fd, 4).readUInt32LE()).toString('utf8');
}
