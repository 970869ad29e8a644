/** Peers in processes of their own, which print their figure: what one use does to the compiler must not show in the figures of another. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Status by which a peer says that it is not there. */
const absent = 3;

/** Runs a program that prints one number. @returns undefined when the program is undefined, or says that it is absent */
export function figureOf(program: string | undefined, ...args: string[]): number | undefined {
  return program === undefined ? undefined : figureIn(process.env, program, args);
}

function figureIn(env: NodeJS.ProcessEnv, program: string, args: readonly string[]): number | undefined {
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (error !== undefined) throw error;
  if (status === absent) return undefined;
  const figure = Number(stdout);
  if (status !== 0 || stdout.trim() === '' || !Number.isFinite(figure))
    throw new Error(`${[program, ...args].join(' ')} ended with ${status}: ${stdout.slice(0, 200)}${stderr}`);
  return figure;
}

/** A script of peers/ in a Node.js of its own. */
export function script(name: string, ...args: string[]): number | undefined {
  return figureOf(process.execPath, ...scriptCommand(name, args));
}

function scriptCommand(name: string, args: readonly string[]): string[] {
  return ['--expose-gc', fileURLToPath(new URL(`peers/${name}.mjs`, import.meta.url)), ...args];
}

const packages = fileURLToPath(new URL('node_modules', import.meta.url));

/** How to get what {@link overNodeNetlink} needs: a C compiler, make and Python too. */
export const nodeNetlinkInstall = 'npm install --prefix bench, with a C compiler, make and python3';

/** The same over the transport node-netlink. @returns undefined when the package is not installed, or was not compiled */
export function overNodeNetlink(name: string, ...args: string[]): number | undefined {
  if (!existsSync(`${packages}/syscall-napi/build/Release/syscall.node`)) return undefined;
  const env = { ...process.env, NETLOOM_TRANSPORT: 'node-netlink', NODE_PATH: packages };
  return figureIn(env, process.execPath, scriptCommand(name, args));
}

/** Milliseconds that a command takes with its output read into a string, and the string. */
export function timed(command: readonly string[], input?: string): { milliseconds: number; stdout: string } {
  const [file, ...args] = command;
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(file as string, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    ...(input === undefined ? {} : { input }),
  });
  const milliseconds = performance.now() - start;
  if (status !== 0) throw new Error(`${command.join(' ')}: ${error?.message ?? stderr}`);
  return { milliseconds, stdout };
}
