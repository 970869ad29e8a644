/**
 * Processes that are killed half-way, at the cost of a fork each: one process has loaded what they run, and forks for each of them. It stays out of the event loop, and
 * node is told to have no threads of its own, so that a fork, which has but the one that forked, lacks nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Bundled, bundle } from './bundled.ts';
import { limit } from './oracle.ts';

/** How a process ended: killed by SIGKILL, or with what its program returned. */
export type Ended = { readonly killed: true } | { readonly killed: false; readonly value: unknown };

export interface Forks {
  /** Runs the program in a process of its own. @throws Error with what it said when it ended otherwise */
  run(argument: object): Promise<Ended>;
  close(): void;
}

/**
 * The loop in the process that forks. It is over in the forked ones, which go on with what they were told.
 *
 * V8 has its memory left out of forks (MADV_DONTFORK), which is taken back, and looked at again until nothing new is there. `process.pid` is remembered from before.
 */
const loop = `
  import { readFileSync, readSync, writeSync } from 'node:fs';
  import koffi from 'koffi';
  const libc = koffi.load('libc.so.6');
  const fork = libc.func('int fork()');
  const waitpid = libc.func('int waitpid(int pid, _Out_ int *status, int options)');
  const getpid = libc.func('int getpid()');
  const madvise = libc.func('int madvise(uintptr_t at, size_t length, int advice)');
  const kill = libc.func('int kill(int pid, int signal)');
  const exit = libc.func('void _exit(int status)');
  const MADV_DOFORK = 11;
  const maps = () => readFileSync('/proc/self/maps', 'latin1');
  function forked() {
    global.gc();
    for (let before = maps(); ; ) {
      for (const [, from, to] of before.matchAll(/^([0-9a-f]+)-([0-9a-f]+) ...p/gm)) {
        const at = parseInt(from, 16);
        if (Number.isSafeInteger(at)) madvise(at, parseInt(to, 16) - at, MADV_DOFORK);
      }
      const now = maps();
      if (now === before) return fork();
      before = now;
    }
  }
  const told = (answer) => writeSync(1, JSON.stringify(answer) + '\\n');
  function nextLine() {
    const bytes = Buffer.alloc(1);
    for (let line = ''; ; line += bytes.toString('latin1')) {
      if (readSync(0, bytes, 0, 1, null) === 0) exit(0);
      if (bytes[0] === 10) return line;
    }
  }
  function argumentOfFork() {
    // the first one is for nothing: what has been called before asks for no memory
    if (forked() === 0) exit(0);
    waitpid(-1, [0], 0);
    for (;;) {
      const line = nextLine();
      if (forked() === 0) return JSON.parse(decodeURIComponent(line));
      const status = [0];
      while (waitpid(-1, status, 0) < 0);
      told({ status: status[0] });
    }
  }
  main(argumentOfFork(), () => kill(getpid(), 9)).then(
    (value) => { told({ value: value ?? null }); exit(0); },
    (error) => { told({ error: String(error?.stack ?? error) }); exit(1); },
  );
`;

const SIGKILL = 9;

interface Answer {
  readonly status?: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** @param code TypeScript in the place of the tests, which defines `main(argument, die)`: `die` kills it, and what it promises is plain data */
export function forks(code: string): Forks {
  const program: Bundled = bundle(`${code}\n${loop}`, 'cjs');
  let child: ChildProcess | undefined;
  let lines: AsyncIterator<string> | undefined;
  let complaints = '';

  function started(): ChildProcess {
    // a thread of V8's would be missing in the forks, and so would memory that is asked for by what looks at the memory there is
    const flags = ['--single-threaded', '--v8-pool-size=0', '--expose-gc', '--min-semi-space-size=16'];
    child = spawn(process.execPath, [...flags, program.file], {
      env: { ...program.env, UV_USE_IO_URING: '0' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    return child;
  }

  async function answer(): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the process did not end: ${complaints}`)), limit);
    });
    try {
      const next = await Promise.race([lines!.next(), late]);
      if (next.done === true) throw new Error(`the process that forks has ended: ${complaints}`);
      return JSON.parse(next.value) as Answer;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async run(argument) {
      (child ?? started()).stdin!.write(`${encodeURIComponent(JSON.stringify(argument))}\n`);
      let told: Answer | undefined;
      for (;;) {
        const { status, ...more } = await answer();
        if (status === undefined) {
          told = more;
          continue;
        }
        if ((status & 0x7f) === SIGKILL) return { killed: true };
        if (status !== 0 || told === undefined || complaints !== '')
          throw new Error(`the process ended with status ${status}: ${told?.error ?? ''} ${complaints}`);
        return { killed: false, value: told.value };
      }
    },
    close() {
      child?.stdin?.end();
      program.remove();
    },
  };
}
