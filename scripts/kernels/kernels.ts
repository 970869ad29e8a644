/**
 * The kernels that the tests run on besides the machine's own: Debian's, as they are, with every module. A kernel is fetched once
 * with apt's ordinary client and kept in a cache folder; so is the newer iproute2 of the same place, which knows kinds of links
 * that the machine's own `ip` may not.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where each kernel comes from: a suite of Debian, and the package that names the newest image there. */
const suites = {
  'linux-6.1': 'bookworm',
  'linux-6.12': 'bookworm-backports',
} as const satisfies Record<string, string>;

export type KernelName = keyof typeof suites;
export const kernelNames = Object.keys(suites) as KernelName[];

/** A kernel as its package left it. */
export interface Kernel {
  readonly name: KernelName;
  /** Holds boot/vmlinuz-RELEASE and lib/modules/RELEASE. */
  readonly folder: string;
  /** What `uname -r` says in it. */
  readonly release: string;
}

/** Programs that a machine is made with, and the Debian packages that have them. */
const tools: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  cpio: 'cpio',
  depmod: 'kmod',
  xz: 'xz-utils',
};

const image = 'linux-image-amd64';
const minutes = 60_000;

/** Kernels are kept here, whichever working tree asks: `NETLOOM_KERNELS`, or a folder in the user's cache. */
export const cacheFolder =
  process.env['NETLOOM_KERNELS'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'netloom', 'kernels');

/** Why no machine can be made here, in one line; `undefined` when one can. As root on Debian, what is missing is installed. */
export function provideTools(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `machines are made for x86-64 only, not ${process.arch}`;
  let missing = missingPackages();
  if (missing.length > 0 && process.getuid?.() === 0 && found('apt-get')) {
    console.log(`installing ${missing.join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const args of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', ...missing],
    ]) {
      const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8', timeout: 10 * minutes });
      if (status !== 0) console.log(stdout + stderr);
    }
    missing = missingPackages();
  }
  return missing.length === 0 ? undefined : `not installed: ${missing.join(' ')}`;
}

function missingPackages(): string[] {
  return Object.entries(tools)
    .filter(([tool]) => !found(tool))
    .map(([, packageName]) => packageName);
}

function found(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, tool)));
}

/** A kernel out of the cache, or fetched into it. @throws Error when it cannot be fetched, with apt's complaint */
export function provideKernel(name: KernelName): Kernel {
  const folder = join(cacheFolder, name);
  if (!existsSync(folder)) {
    const apt = aptFor(suites[name]);
    const [, wanted] = /^ +Depends: (linux-image-\S+)/m.exec(run('apt-cache', [...apt, 'depends', image])) ?? [];
    if (wanted === undefined) throw new Error(`${image} of ${suites[name]} names no image`);
    fetchPackage(apt, wanted, folder, (unpacked) => {
      run('depmod', ['-b', unpacked, releaseOf(unpacked)]);
    });
  }
  return { name, folder, release: releaseOf(folder) };
}

/** The folders of a newer iproute2, for the front of PATH. @throws Error when it cannot be fetched */
export function provideIproute(): string[] {
  const folder = join(cacheFolder, 'iproute2');
  if (!existsSync(folder)) fetchPackage(aptFor('bookworm-backports'), 'iproute2', folder);
  return ['sbin', 'bin', 'usr/sbin', 'usr/bin'].map((part) => join(folder, part)).filter((path) => existsSync(path));
}

function releaseOf(folder: string): string {
  const [release, ...others] = readdirSync(join(folder, 'lib/modules'));
  if (release === undefined || others.length > 0) throw new Error(`${folder}/lib/modules does not hold one kernel`);
  return release;
}

/** apt's options for lists of its own: neither the machine's sources nor its state are touched, and no privileges are needed. */
function aptFor(suite: string): string[] {
  const folder = join(cacheFolder, 'apt', suite);
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(join(folder, 'sources.list'), `deb [arch=amd64 signed-by=${keyring}] http://deb.debian.org/debian ${suite} main\n`);
  const options = {
    'Dir::Etc::SourceList': join(folder, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(folder, 'lists'),
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(folder, 'cache'),
    'APT::Sandbox::User': 'root',
    'APT::Architecture': 'amd64',
  };
  const apt = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  run('apt-get', [...apt, 'update', '-qq']);
  return apt;
}

/** Fetches and unpacks a package. `folder` appears whole or not at all, also when two do this at once. */
function fetchPackage(apt: readonly string[], name: string, folder: string, finish: (unpacked: string) => void = () => {}): void {
  console.log(`fetching ${name}`);
  const work = mkdtempSync(join(cacheFolder, 'fetching-'));
  try {
    run('apt-get', [...apt, '-qq', 'download', name], work);
    const archive = readdirSync(work).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error(`apt-get download ${name} left no package`);
    const unpacked = join(work, 'unpacked');
    run('dpkg', ['-x', join(work, archive), unpacked]);
    finish(unpacked);
    try {
      renameSync(unpacked, folder);
    } catch (error) {
      // another run was faster
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 10 * minutes,
    maxBuffer: 2 ** 28,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with status ${status}: ${stderr.trim()}`);
  return stdout;
}
