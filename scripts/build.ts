/**
 * `npm run build`: dist/ from src/, from nothing. Nothing is minified, packages stay outside, source maps lead to the sources, which are in
 * the package. tsc makes the declarations, a file for each source.
 *
 * What Node reads is one CommonJS file with everything (`lib.cjs`), the classes of errors in another, and an ES module for each entry of
 * "exports" that loads the first when something of the entry is used: a process of a tool that may never open a socket should not pay for it,
 * and V8 takes 40 ms for half a megabyte. CommonJS because it alone can be loaded in the middle of a call everywhere: under tsx in Node.js 20
 * an ES module that imports anything cannot be required.
 *
 * Bundlers get ES modules (`module/`, by the condition "module"): they follow imports, and leave out what is not used.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, posix, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
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

/** What a lazy module is made of, besides its exports. Names that nobody needs are left in: every module is the same, and they are short. */
const lazily = `const call = (name) => Object.defineProperty((...args) => load()[name](...args), 'name', { value: name });
const members = (name, keys, object = {}) => {
  for (const key of keys) Object.defineProperty(object, key, { enumerable: true, get: () => load()[name][key] });
  return Object.freeze(object);
};
const stand = (name, target) => {
  const real = () => load()[name];
  const proxy = new Proxy(target, {
    get: (_, key) => Reflect.get(real(), key),
    has: (_, key) => Reflect.has(real(), key),
    set: (_, key, value) => Reflect.set(real(), key, value),
    ownKeys: () => Reflect.ownKeys(real()),
    getPrototypeOf: () => Reflect.getPrototypeOf(real()),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Reflect.getOwnPropertyDescriptor(real(), key);
      // a class has one member that cannot be changed, and a proxy may say so only of what its target has likewise
      if (found !== undefined && !found.configurable) Reflect.defineProperty(target, key, found);
      return found;
    },
    apply: (_, self, args) => Reflect.apply(real(), self, args),
    construct: (_, args, target) => Reflect.construct(real(), args, target === proxy ? real() : target),
  });
  return proxy;
};`;

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
  writeFileSync(file, lazyModule(`entry${i}`, exported, lib));
}
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
process.exitCode = status ?? 1;

/** A module with the exports of an entry that loads the library when one of them is called, or looked into. */
function lazyModule(entry: string, exported: Record<string, unknown>, lib: string): string {
  // names that are exported may be words of the language: `delete`
  const names = Object.keys(exported);
  const lines = names.map((name) => `const $${name} = ${lazyForm(name, exported[name])};`);
  return `import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const errors = require('${lib.replace('lib.cjs', 'errors.cjs')}');
let loaded;
const load = () => (loaded ??= require('${lib}').${entry});
${lazily}

${lines.join('\n')}
export { ${names.map((name) => `$${name} as ${name}`).join(', ')} };
`;
}

function lazyForm(name: string, value: unknown): string {
  if (Object.hasOwn(errorClasses, name)) return `errors.${name}`;
  if (typeof value === 'string' || typeof value === 'number') return JSON.stringify(value);
  if (value instanceof Set) return `new Set(${JSON.stringify([...value])})`;
  if (typeof value === 'function') {
    if (Function.prototype.toString.call(value).startsWith('class')) return `stand('${name}', function () {})`;
    const keys = Object.keys(value);
    return keys.length === 0 ? `call('${name}')` : `members('${name}', ${JSON.stringify(keys)}, call('${name}'))`;
  }
  if (typeof value === 'object' && value !== null) {
    if (types.isProxy(value)) return `stand('${name}', {})`;
    if (Object.getPrototypeOf(value) === Object.prototype && Object.getOwnPropertySymbols(value).length === 0)
      return `members('${name}', ${JSON.stringify(Object.keys(value))})`;
  }
  throw new Error(`${name} is neither a function, nor a class, nor a plain object: what is its lazy form?`);
}
