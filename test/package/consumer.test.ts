/** The package as its users get it: each way to load it, in every runtime that is installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { describe, expect, inject, test } from 'vitest';
import { installedRuntimes, type Runtime, runtimes } from '../support/runtimes.ts';

const project = inject('project');
const tree = fileURLToPath(new URL('../..', import.meta.url));

/** Copies a file of fixtures/ into the project, under another name if asked to. */
function fixture(name: string, as = name): string {
  const file = join(project, as);
  copyFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), file);
  return file;
}

/** Runs a command in the project and returns what it printed. @throws Error with all it printed when it fails, or prints a warning */
function run(command: readonly string[]): string {
  const [file, ...args] = command;
  try {
    return execFileSync(file as string, args, { cwd: project, encoding: 'utf8', stdio: 'pipe', timeout: 300_000 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

const node: readonly string[] = [process.execPath];
/** TypeScript run by tsx, as the README has it. */
const tsx: readonly string[] = [process.execPath, '--import', import.meta.resolve('tsx')];

/** Where a command can harm nothing: in namespaces of its own. */
const isolated: readonly string[] = ['sh', join(tree, 'scripts/isolated.sh')];
/** A machine may refuse namespaces, as `npm test` says when it does; nothing can be attached there. */
const canAttach = spawnSync('sh', [...isolated.slice(1), 'true']).status === 0;

describe.each(runtimes())('$name', ({ name, command }: Runtime) => {
  test('an ES module', () => {
    expect(run([...command, fixture('use.mjs')])).toBe('used\n');
  });

  test('CommonJS, by require', () => {
    expect(run([...command, fixture('use.cjs')])).toBe('used\n');
  });

  test.runIf(canAttach)('a container is attached, from an ES module and from CommonJS', () => {
    expect(run([...isolated, ...command, fixture('attach.mjs')])).toBe('attached\n');
    expect(run([...isolated, ...command, fixture('attach.cjs')])).toBe('attached\n');
  });

  test('a Worker thread', () => {
    expect(run([...command, fixture('worker.mjs')])).toBe('used\n');
  });

  test('importing loads no FFI and none of the dependencies', () => {
    const file = join(project, 'loads.mjs');
    const entries = Object.keys(manifest().exports).filter((entry) => entry !== './package.json');
    writeFileSync(
      file,
      `import { readFileSync } from 'node:fs';
       import { createRequire } from 'node:module';
       ${entries.map((entry) => `import ${JSON.stringify(entry.replace('.', 'netloom'))};`).join('\n')}
       const require = createRequire(import.meta.url);
       console.log(JSON.stringify([
         ...Object.keys(require.cache).filter((file) => /koffi|buffer-layout/.test(file)),
         ...(readFileSync('/proc/self/maps', 'utf8').match(/\\S*koffi\\S*/g) ?? []),
       ]));
       const { getLinkSync } = await import('netloom').then(({ sync }) => ({ getLinkSync: sync.getLink }));
       getLinkSync('lo');
       console.log(/koffi/.test(readFileSync('/proc/self/maps', 'utf8')));`,
    );
    expect(run([...command, file]).split('\n')).toEqual(['[]', 'true', '']);
  });

  test('importing an entry loads nothing of the library until something of it is used', () => {
    expect(run([...command, fixture('lazy.mjs')])).toBe('lazy\n');
  });

  // tsx runs TypeScript with this Node.js; the others do it themselves, Node.js 22 from 22.18 on
  test('TypeScript, .mts and .cts', () => {
    const runner = name.startsWith('node v') ? tsx : command;
    expect(run([...runner, fixture('use.mjs', 'used.mts')])).toBe('used\n');
    if (canAttach) expect(run([...isolated, ...runner, fixture('attach.mjs', 'attached.mts')])).toBe('attached\n');
    // in Node.js 20 tsx cannot require an ES module that imports anything ("not in cache"), netloom's or anybody's
    if (!name.startsWith('node v20')) expect(run([...runner, fixture('use.cjs', 'used.cts')])).toBe('used\n');
  });
});

describe('bundled by esbuild', () => {
  test.each(['esm', 'cjs'] as const)('to %s', (format) => {
    const outfile = join(project, `bundle-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`);
    const entry = fixture(format === 'esm' ? 'use.mjs' : 'use.cjs');
    const options: BuildOptions = { entryPoints: [entry], absWorkingDir: project, outfile, bundle: true, platform: 'node', format };
    const { warnings } = buildSync({ ...options, logLevel: 'silent' });
    // what esbuild says of every `import.meta` in CommonJS; there is something else to use where it is empty
    expect(warnings.filter(({ id }) => id !== 'empty-import-meta')).toEqual([]);
    expect(run([...node, outfile])).toBe('used\n');
  });

  test.runIf(canAttach)('a container is attached', () => {
    const outfile = join(project, 'bundle-attach.mjs');
    buildSync({ entryPoints: [fixture('attach.mjs')], absWorkingDir: project, outfile, bundle: true, platform: 'node', format: 'esm' });
    expect(run([...isolated, ...node, outfile])).toBe('attached\n');
  });

  test('minified', () => {
    const outfile = join(project, 'bundle-minified.mjs');
    const entryPoints = [fixture('use.mjs')];
    buildSync({ entryPoints, absWorkingDir: project, outfile, bundle: true, platform: 'node', format: 'esm', minify: true });
    expect(run([...node, outfile])).toBe('used\n');
  });
});

describe('under vitest', () => {
  test.each(['threads', 'forks', 'vmThreads'])('the pool %s', (pool) => {
    fixture('pool.test.mjs');
    const vitest = join(tree, 'node_modules/vitest/vitest.mjs');
    const output = run([...node, vitest, 'run', '--root', project, '--globals', `--pool=${pool}`, '--reporter=json', 'pool.test.mjs']);
    expect(JSON.parse(output.slice(output.indexOf('{')))).toMatchObject({ success: true, numPassedTests: 1 });
  });
});

describe('types, with skipLibCheck off', () => {
  const compilers = [
    ['TypeScript 6', createRequire(import.meta.url).resolve('typescript/package.json')],
    ['TypeScript 7', join(tree, 'test/runtimes/node_modules/typescript/package.json')],
  ] as const;
  const settings = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--lib', 'es2023,esnext.disposable'];

  describe.each(compilers)('%s', (_name, manifestFile) => {
    const available = installedRuntimes().length > 0 || manifestFile.includes('/node_modules/typescript/');
    const tsc = (...args: string[]): string =>
      run([...node, join(dirname(manifestFile), 'bin/tsc'), ...settings, '--types', 'node', '--skipLibCheck', 'false', ...args]);

    test.runIf(available)('from ES modules and from CommonJS', () => {
      tsc('--module', 'nodenext', fixture('types.mts'), fixture('types.cts'));
    });

    test.runIf(available)('for a bundler', () => {
      tsc('--module', 'esnext', '--moduleResolution', 'bundler', fixture('types.mts'));
    });
  });
});

interface Manifest {
  exports: Record<string, unknown>;
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(project, 'node_modules/netloom/package.json'), 'utf8'));
}
