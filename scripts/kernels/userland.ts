/**
 * What a machine with another processor runs, fetched and unpacked, and never installed here: Debian's programs that the tests call, with all they
 * depend on; the packages of package-lock.json with their binaries for that processor; and Node.js.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Architecture, aptFor, cacheFolder, makeFolder, run } from './apt.ts';

export interface Userland {
  /** The machine's root. */
  readonly root: string;
  /** A folder of packages that lies over the tree's node_modules. */
  readonly packages: string;
  /** Node.js, by its path in the machine. */
  readonly node: string;
  /** The machine's PATH. */
  readonly path: string;
}

const tree = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The tools of scripts/test.ts, and what every Debian has that nothing depends on. */
const programs: readonly string[] = [
  ...[
    'base-files',
    'bash',
    'busybox-static',
    'coreutils',
    'dash',
    'findutils',
    'gawk',
    'grep',
    'hostname',
    'kmod',
    'libc-bin',
    'sed',
    'tar',
  ],
  ...['mount', 'util-linux', 'procps', 'strace', 'python3'],
  ...['iproute2', 'iputils-ping', 'nftables', 'iptables', 'conntrack', 'containernetworking-plugins', 'ethtool'],
  // of Node.js
  'libstdc++6',
];

/** What the packages' scripts would have linked. */
const links: Readonly<Record<string, string>> = {
  'usr/bin/awk': 'gawk',
  'usr/sbin/iptables': 'xtables-nft-multi',
  'usr/sbin/ip6tables': 'xtables-nft-multi',
};

const users = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n';

/** Out of the cache, or fetched into it. @throws Error with the complaint of apt or npm */
export function provideUserland(architecture: Exclude<Architecture, 'amd64'>): Userland {
  const locks = ['package.json', 'package-lock.json'].map((file) => join(tree, file));
  const runtimes = JSON.parse(readFileSync(join(tree, 'test/runtimes/package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { version: string }>>;
  };
  const version = runtimes.packages[`node_modules/node-24-${architecture}`]!.version;
  const packages = keep(`${architecture}-packages-${digest(...locks.map((file) => readFileSync(file, 'utf8')))}`, (_, result) => {
    mkdirSync(result, { recursive: true });
    for (const file of locks) copyFileSync(file, join(result, basename(file)));
    run('npm', ['ci', ...npmOptions(architecture)], result);
  });
  const root = keep(`${architecture}-root-${digest(version, ...programs)}`, (work, result) => {
    unpackPrograms(architecture, work, result);
    run('npm', ['install', ...npmOptions(architecture), '--prefix', work, `node-linux-${architecture}@${version}`]);
    copyFileSync(join(work, `node_modules/node-linux-${architecture}/bin/node`), join(result, node));
  });
  return { root, packages: join(packages, 'node_modules'), node, path: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
}

const node = '/usr/local/bin/node';

function digest(...texts: string[]): string {
  return createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 12);
}

function npmOptions(architecture: string): string[] {
  return ['--ignore-scripts', '--no-audit', '--no-fund', '--force', '--os=linux', '--libc=glibc', `--cpu=${architecture}`];
}

function keep(name: string, make: (work: string, result: string) => void): string {
  const folder = join(cacheFolder, name);
  if (!existsSync(folder)) {
    console.log(`fetching ${name}`);
    makeFolder(folder, make);
  }
  return folder;
}

/** Packages unpacked, and none of their scripts run. */
function unpackPrograms(architecture: Architecture, work: string, root: string): void {
  const apt = aptFor(architecture, 'bookworm', 'bookworm-backports');
  const archives = join(work, 'archives');
  mkdirSync(join(archives, 'partial'), { recursive: true });
  run('apt-get', [...apt, '-o', `Dir::Cache::archives=${archives}`, 'install', '-qq', '-y', '--download-only', ...programs]);
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  for (const part of ['bin', 'sbin', 'lib']) {
    mkdirSync(join(root, 'usr', part), { recursive: true });
    symlinkSync(`usr/${part}`, join(root, part));
  }
  for (const archive of readdirSync(archives).filter((file) => file.endsWith('.deb')))
    run('sh', ['-c', 'dpkg-deb --fsys-tarfile "$1" | tar -C "$2" --keep-directory-symlink -xf -', 'unpack', join(archives, archive), root]);
  for (const [link, target] of Object.entries(links)) symlinkSync(target, join(root, link));
  for (const folder of ['etc', 'root', 'tmp', 'var/tmp', 'proc', 'sys', 'dev', 'run']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), users);
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n');
}
