/** Debian packages of any suite and architecture, by apt's ordinary client, without touching what the machine has installed. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What is fetched is kept here, whichever working tree asks: `NETLOOM_KERNELS`, or a folder in the user's cache. */
export const cacheFolder =
  process.env['NETLOOM_KERNELS'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'netloom', 'kernels');

/** As Debian calls them. */
export type Architecture = 'amd64' | 'arm64';

const minutes = 60_000;

/**
 * apt's options for lists of its own: neither the machine's sources nor its state are touched, and no privileges are needed.
 *
 * @param suites of these, the last is preferred
 */
export function aptFor(architecture: Architecture, ...suites: readonly [string, ...string[]]): string[] {
  const name = suites.join('+');
  const folder = join(cacheFolder, 'apt', architecture === 'amd64' ? name : `${architecture}-${name}`);
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const source = (suite: string): string => `deb [arch=${architecture} signed-by=${keyring}] http://deb.debian.org/debian ${suite} main\n`;
  writeFileSync(join(folder, 'sources.list'), suites.map(source).join(''));
  // nothing is installed, as far as this apt knows: what is to be unpacked comes with all that it depends on
  writeFileSync(join(folder, 'status'), '');
  const options = {
    'Dir::Etc::SourceList': join(folder, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'APT::Sandbox::User': 'root',
    'APT::Architecture': architecture,
    // the machine's own, were it not said
    'APT::Architectures': architecture,
    'APT::Default-Release': suites.at(-1)!,
    'APT::Install-Recommends': 'false',
  };
  const apt = Object.entries(options).flatMap(([option, value]) => ['-o', `${option}=${value}`]);
  run('apt-get', [...apt, 'update', '-qq']);
  return apt;
}

/** Fetches and unpacks a package. `folder` appears whole or not at all, also when two do this at once. */
export function fetchPackage(apt: readonly string[], name: string, folder: string, finish: (unpacked: string) => void = () => {}): void {
  console.log(`fetching ${name}`);
  makeFolder(folder, (work, unpacked) => {
    run('apt-get', [...apt, '-qq', 'download', name], work);
    const archive = readdirSync(work).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error(`apt-get download ${name} left no package`);
    run('dpkg', ['-x', join(work, archive), unpacked]);
    finish(unpacked);
  });
}

/** Makes a folder of the cache, which appears whole or not at all. @param make gets a folder to work in, and where to put the result */
export function makeFolder(folder: string, make: (work: string, result: string) => void): void {
  mkdirSync(cacheFolder, { recursive: true });
  const work = mkdtempSync(join(cacheFolder, 'fetching-'));
  try {
    const result = join(work, 'result');
    make(work, result);
    try {
      renameSync(result, folder);
    } catch (error) {
      // another run was faster
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Installs packages on the machine itself, for which one must be root. @returns whether apt-get is there to try it */
export function installPackages(packages: readonly string[]): boolean {
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) return false;
  console.log(`installing ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8', timeout: 10 * minutes });
    if (status !== 0) console.log(stdout + stderr);
  }
  return true;
}

/** Whether a program is there to be called by its name. */
export function isOnPath(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, tool)));
}

/** @returns what the command wrote @throws Error with its complaint */
export function run(command: string, args: readonly string[], cwd?: string): string {
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
