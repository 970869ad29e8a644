/** What is in the tarball, and what the linters of packages say about it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { expect, inject, test } from 'vitest';

const project = inject('project');
const installed = join(project, 'node_modules/netloom');

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('holds the build, the sources and the papers, and nothing else', () => {
  expect(readdirSync(installed).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', 'src']);
  const kinds = new Set(filesBelow(join(installed, 'dist')).map((file) => /(\.d\.ts|\.c?js)(\.map)?$/.exec(file)?.[0] ?? file));
  expect([...kinds].sort()).toEqual(['.cjs', '.cjs.map', '.d.ts', '.d.ts.map', '.js', '.js.map']);
});

test('every source that a map names is in it', () => {
  const maps = filesBelow(join(installed, 'dist')).filter((file) => file.endsWith('.map'));
  expect(maps.length).toBeGreaterThan(50);
  const missing = maps.flatMap((map) => {
    const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { sources: string[] };
    return sources.map((source) => join(dirname(map), source)).filter((source) => !existsSync(source));
  });
  expect(missing).toEqual([]);
});

test('is a few modules, whatever the number of sources', () => {
  const modules = filesBelow(join(installed, 'dist')).filter((file) => file.endsWith('.js'));
  expect(modules.length).toBeLessThan(40);
});

test('is no larger than docs/stability.md says, nor does it bring more', () => {
  expect(statSync(inject('tarball')).size).toBeLessThan(3_000_000);
  // what a bundle would hold of it, before it is minified
  expect(statSync(join(installed, 'dist/lib.cjs')).size).toBeLessThan(2_500_000);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { dependencies: object };
  expect(Object.keys(dependencies).sort()).toEqual(['bitfield', 'buffer-layout', 'koffi']);
  const brought = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'));
  // undici-types come with @types/node, which the project has of its own
  expect(brought.sort()).toEqual(['@koromix', '@types', 'bitfield', 'buffer-layout', 'koffi', 'netloom', 'undici-types']);
});

test('koffi brings binaries for glibc and for musl', () => {
  const [platform = ''] = readdirSync(join(project, 'node_modules/@koromix'));
  const built = platform.replace('koffi-linux-', '');
  const folder = join(project, 'node_modules/@koromix', platform);
  for (const libc of ['linux', 'musl']) expect(existsSync(join(folder, `${libc}_${built}`, 'koffi.node')), `${libc}_${built}`).toBe(true);
});

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('attw finds the types of every entry', () => {
  const cli = join(dirname(createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')), 'dist/index.js');
  // fails with a status other than 0, and what is wrong, for each problem
  execFileSync(process.execPath, [cli, inject('tarball'), '--profile', 'esm-only'], { encoding: 'utf8', stdio: 'pipe', timeout: 300_000 });
});
