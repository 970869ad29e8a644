/**
 * `npm run build`: dist/ from src/, from nothing. Nothing is minified, packages stay outside, source maps lead to the sources, which are in
 * the package. tsc makes the declarations, a file for each source.
 *
 * What Node reads is one CommonJS file with everything (`lib.cjs`), the classes of errors in another, and an ES module for each entry of
 * "exports" that loads them. The package's root loads the first when something of it is used: an import that was not asked for costs a
 * process of a tool that may never open a socket, and V8 takes 40 ms for half a megabyte. CommonJS because it alone can be loaded in the
 * middle of a call everywhere: under tsx in Node.js 20 an ES module that imports anything cannot be required.
 *
 * Bundlers get ES modules (`module/`, by the condition "module"): they follow imports, and leave out what is not used.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, posix, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const tree = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(tree);

interface Manifest {
  exports: Record<string, string | { default: string }>;
}

/** The entries by their place in dist, without the extension: `rtnl/index` is made of `src/rtnl/index.ts`. */
function entries(): string[] {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  return Object.values(exports).flatMap((target) => {
    const path = /^\.\/dist\/(.*)\.js$/.exec(typeof target === 'string' ? target : target.default)?.[1];
    return path === undefined ? [] : [path];
  });
}

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  // examples and tests name the package by paths in tsconfig.json; the sources do not, and what they leave outside stays outside
  tsconfigRaw: '{}',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
};

const errors = resolve('src/netlink/errors.ts');

/** Leaves the classes of errors to a file of their own: `instanceof` needs them before anything else of the library. */
const errorsOutside: Plugin = {
  name: 'errors-outside',
  setup({ onResolve }) {
    onResolve({ filter: /\/errors\.ts$/ }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === errors ? { path: './errors.cjs', external: true } : undefined,
    );
  },
};

const paths = entries();
rmSync('dist', { recursive: true, force: true });

await build({
  ...common,
  entryPoints: Object.fromEntries(paths.map((path) => [path, `src/${path}.ts`])),
  outdir: 'dist/module',
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
  format: 'esm',
});
await build({
  ...common,
  // in a bundle of CommonJS its place is `__filename`, which the sources fall back on
  define: { 'import.meta.url': 'undefined' },
  entryPoints: [errors],
  outfile: 'dist/errors.cjs',
  format: 'cjs',
});
await build({
  ...common,
  define: { 'import.meta.url': 'undefined' },
  stdin: {
    contents: paths.map((path, i) => `export * as entry${i} from './src/${path}.ts';`).join('\n'),
    resolveDir: tree,
    // it has no code of its own that a map could lead to; the file that names the entries comes nearest
    sourcefile: 'package.json',
    loader: 'ts',
  },
  outfile: 'dist/lib.cjs',
  format: 'cjs',
  plugins: [errorsOutside],
});

const require = createRequire(import.meta.url);
const library = require(resolve('dist/lib.cjs')) as Record<string, Record<string, unknown>>;
const errorClasses = require(resolve('dist/errors.cjs')) as Record<string, unknown>;
for (const [i, path] of paths.entries()) {
  const file = `dist/${path}.js`;
  mkdirSync(dirname(file), { recursive: true });
  const exported = library[`entry${i}`]!;
  const lib = posix.join('.', relative(dirname(file), 'dist'), 'lib.cjs').replace(/^(?!\.)/, './');
  writeFileSync(file, path === 'index' ? lazyModule(`entry${i}`, exported, lib) : eagerModule(`entry${i}`, exported, lib));
}
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
process.exitCode = status ?? 1;

/** A module that hands out one entry of the library. */
function eagerModule(entry: string, exported: object, lib: string): string {
  const names = Object.keys(exported);
  return `import { createRequire } from 'node:module';

const { ${entry}: entry } = createRequire(import.meta.url)('${lib}');
const {
${names.map((name) => `  ${name}: _${name},`).join('\n')}
} = entry;
export {
${names.map((name) => `  _${name} as ${name},`).join('\n')}
};
`;
}

/** A module with the same exports that loads the library when one of them is called, or looked into. */
function lazyModule(entry: string, exported: Record<string, unknown>, lib: string): string {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(exported)) {
    if (Object.hasOwn(errorClasses, name)) lines.push(`export const { ${name} } = errors;`);
    else if (typeof value === 'function') lines.push(`export const ${name} = call('${name}');`);
    else if (typeof value === 'object' && value !== null) {
      const members = Object.keys(value).map((member) => `'${member}'`);
      lines.push(`export const ${name} = members('${name}', [${members.join(', ')}]);`);
    } else throw new Error(`${name} of the package's root is neither a function nor an object: what is its lazy form?`);
  }
  return `import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const errors = require('${lib.replace('lib.cjs', 'errors.cjs')}');
let loaded;
const load = () => (loaded ??= require('${lib}').${entry});
const call = (name) => Object.defineProperty((...args) => load()[name](...args), 'name', { value: name });
const members = (name, keys) => {
  const object = {};
  for (const key of keys) Object.defineProperty(object, key, { enumerable: true, get: () => load()[name][key] });
  return Object.freeze(object);
};

${lines.join('\n')}
`;
}
