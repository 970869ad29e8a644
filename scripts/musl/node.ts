/**
 * A Node.js that runs over musl: this one, which was built for glibc, started by musl's loader. Every call of libc goes to musl then, from Node.js and
 * from koffi, which loads the binary that it has for musl. The few functions that musl lacks are in shim.c. There is no Node.js for musl in a registry.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages, isOnPath, run } from '../kernels/apt.ts';

const loader = '/lib/ld-musl-x86_64.so.1';
/** What it is made with, and the Debian packages that have it. */
const tools: Readonly<Record<string, string>> = {
  [loader]: 'musl',
  gcc: 'gcc',
  patchelf: 'patchelf',
  '/usr/include/pthread.h': 'libc6-dev',
};

const shim = fileURLToPath(new URL('shim.c', import.meta.url));
const tree = dirname(dirname(dirname(shim)));

/** Why there is none; `broken`: though all that it needs is there. */
interface Missing {
  readonly why: string;
  readonly broken: boolean;
}

/** @returns its path; as root on Debian, what is missing is installed */
export function provideMuslNode(): { readonly node: string } | Missing {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { broken: false, why: `it is made for x86-64 only, not for ${process.arch}` };
  const missing = (): string[] =>
    Object.entries(tools)
      .filter(([tool]) => !(tool.startsWith('/') ? existsSync(tool) : isOnPath(tool)))
      .map(([, packageName]) => packageName);
  if (missing().length > 0) installPackages(missing());
  if (missing().length > 0) return { broken: false, why: `not installed: ${missing().join(' ')}` };
  const key = createHash('sha256').update(readFileSync(shim)).update(process.version).update(process.execPath).digest('hex').slice(0, 12);
  const folder = join(tree, 'node_modules/.cache', `netloom-musl-${key}`);
  if (!existsSync(folder)) make(folder);
  const node = join(folder, 'node');
  const complaint = strangers(node);
  return complaint === undefined ? { node } : { broken: true, why: complaint };
}

/** `folder` appears whole or not at all. */
function make(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    // those that this process has loaded
    const maps = readFileSync('/proc/self/maps', 'utf8');
    for (const library of ['libstdc++.so.6', 'libgcc_s.so.1']) {
      const path = new RegExp(`\\S+/${library.replaceAll(/[.+]/g, '\\$&')}\\S*$`, 'm').exec(maps)?.[0];
      if (path !== undefined) copyFileSync(path, join(work, library));
    }
    run('gcc', ['-shared', '-fPIC', '-O1', '-nostdlib', '-Wall', '-o', join(work, 'ld-linux-x86-64.so.2'), shim]);
    // the folder's final name
    run('patchelf', ['--set-interpreter', loader, '--set-rpath', folder, '--output', join(work, 'node'), process.execPath]);
    try {
      renameSync(work, folder);
    } catch (error) {
      // another run was faster
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Why it is no proof of anything: it does not run, or koffi or libc are not those of musl. */
function strangers(node: string): string | undefined {
  const program = `require('koffi').load(null);
    console.log([...new Set(require('fs').readFileSync('/proc/self/maps', 'utf8').match(/\\/\\S*(koffi\\.node|libc[.-]\\S*|ld-musl\\S*)$/gm))].join('\\n'))`;
  const { status, stdout, stderr, error, signal } = spawnSync(node, ['-e', program], { cwd: tree, encoding: 'utf8', timeout: 120_000 });
  if (status !== 0) return `it does not run: ${error?.message ?? (stderr.trim() || signal)}`;
  const loaded = stdout.trim().split('\n');
  const koffi = loaded.find((path) => basename(path) === 'koffi.node');
  const libc = loaded.find((path) => path !== koffi);
  return koffi?.includes('musl') && libc?.includes('musl') && loaded.length === 2 ? undefined : `it has loaded ${loaded.join(', ')}`;
}
