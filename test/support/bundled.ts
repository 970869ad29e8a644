/** Programs for processes of their own that start fast, since many of them are started: bundled once, without the detour by tsx. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const tree = fileURLToPath(new URL('../..', import.meta.url));

/** A program on disk. */
export interface Bundled {
  readonly file: string;
  /** What it needs in its environment to find the packages that netloom depends on. */
  readonly env: NodeJS.ProcessEnv;
  remove(): void;
}

/** @param code TypeScript, an ES module in the place of the tests; `netloom` is the sources */
export function bundle(code: string): Bundled {
  const folder = mkdtempSync(join(tmpdir(), 'netloom-program-'));
  const file = join(folder, 'program.mjs');
  const banner = `import { createRequire as _createRequire } from 'node:module'; const require = _createRequire(import.meta.url);`;
  buildSync({
    stdin: { contents: code, resolveDir: join(tree, 'test/integration'), loader: 'ts' },
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    packages: 'external',
    alias: { netloom: join(tree, 'src/index.ts') },
    banner: { js: banner },
    logLevel: 'silent',
  });
  return {
    file,
    env: { ...process.env, NODE_PATH: [join(tree, 'node_modules'), process.env['NODE_PATH']].filter(Boolean).join(':') },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
