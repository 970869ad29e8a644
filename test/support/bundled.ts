/** Programs for processes of their own that start fast, since many of them are started: bundled once, without the detour by tsx. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const tree = fileURLToPath(new URL('../..', import.meta.url));

const entries = ['netlink', 'rtnl', 'nft', 'conntrack', 'netns', 'network', 'testing'];
const alias = {
  ...Object.fromEntries(entries.map((name) => [`netloom/${name}`, join(tree, `src/${name}/index.ts`)])),
  netloom: join(tree, 'src/index.ts'),
};

/** A program on disk. */
export interface Bundled {
  readonly file: string;
  /** What it needs in its environment to find the packages that netloom depends on. */
  readonly env: NodeJS.ProcessEnv;
  remove(): void;
}

/** What a program needs in its environment to find the packages that netloom depends on, and those that are looked for already. */
export const bundledEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  NODE_PATH: [join(tree, 'node_modules'), process.env['NODE_PATH']].filter(Boolean).join(':'),
};

const modules = new Map<string, Bundled>();

/**
 * A module for short programs to import, bundled once in this process and removed at its end: tsx takes a process some two seconds of a processor to
 * start with all of the sources, this a fifth of that. The program needs {@link bundledEnvironment}.
 *
 * @param code TypeScript in the place of the tests, which exports what the program needs; `netloom` and what is below it are the sources
 * @returns its path
 */
export function bundledModule(code = "export * from 'netloom';"): string {
  let made = modules.get(code);
  if (made === undefined) {
    made = bundle(code);
    modules.set(code, made);
    process.once('exit', made.remove);
  }
  return made.file;
}

/**
 * @param code TypeScript, an ES module in the place of the tests; `netloom` is the sources
 * @param format what becomes of it: `cjs` is loaded without any thread's help
 */
export function bundle(code: string, format: 'esm' | 'cjs' = 'esm'): Bundled {
  const folder = mkdtempSync(join(tmpdir(), 'netloom-program-'));
  // another user may be the one who runs it
  chmodSync(folder, 0o755);
  const file = join(folder, format === 'esm' ? 'program.mjs' : 'program.cjs');
  const banner = `import { createRequire as _createRequire } from 'node:module'; const require = _createRequire(import.meta.url);`;
  buildSync({
    stdin: { contents: code, resolveDir: join(tree, 'test/integration'), loader: 'ts' },
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format,
    packages: 'external',
    alias,
    ...(format === 'esm' ? { banner: { js: banner } } : {}),
    logLevel: 'silent',
  });
  return {
    file,
    env: bundledEnvironment,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
