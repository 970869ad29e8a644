/**
 * `npm run build`: dist/ from src/, from nothing. An ES module for each entry of "exports" in package.json and a few chunks that they
 * share: Node spends about half a millisecond on each file it imports, and there are hundreds of sources. Not minified, packages left
 * outside, source maps to the sources, which are in the package. tsc makes the declarations, a file for each source.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const tree = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(tree);

interface Manifest {
  exports: Record<string, string | { default: string }>;
}

/** The entries by their place in dist, without the extension: `rtnl/index` is made of `src/rtnl/index.ts`. */
function entries(): Record<string, string> {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const found: Record<string, string> = {};
  for (const target of Object.values(exports)) {
    const path = /^\.\/dist\/(.*)\.js$/.exec(typeof target === 'string' ? target : target.default)?.[1];
    if (path !== undefined) found[path] = `src/${path}.ts`;
  }
  return found;
}

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: entries(),
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  // examples and tests name the package by paths in tsconfig.json; the sources do not, and what they leave outside stays outside
  tsconfigRaw: '{}',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
process.exitCode = status ?? 1;
