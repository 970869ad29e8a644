/**
 * The kernels that the tests run on besides the machine's own: Debian's, as they are, with every module. A kernel is fetched once
 * with apt's ordinary client and kept in a cache folder; so is the newer iproute2 of the same place, which knows kinds of links
 * that the machine's own `ip` may not.
 */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Architecture, aptFor, cacheFolder, fetchPackage, installPackages, isOnPath, run } from './apt.ts';
import { provideUserland, type Userland } from './userland.ts';

interface Source {
  /** The suite of Debian whose newest image it is. */
  readonly suite: string;
  readonly architecture: Architecture;
}

const sources = {
  'linux-6.1': { suite: 'bookworm', architecture: 'amd64' },
  'linux-6.12': { suite: 'bookworm-backports', architecture: 'amd64' },
  // the same kernel as linux-6.12, and another processor: for what netloom calls libc with, not for what kernels can
  arm64: { suite: 'bookworm-backports', architecture: 'arm64' },
} as const satisfies Record<string, Source>;

export type KernelName = keyof typeof sources;
/** The kernels that tell something about kernels. */
export const kernelNames = ['linux-6.1', 'linux-6.12'] as const satisfies KernelName[];
/** All that may be asked for. */
export const everyKernelName = Object.keys(sources) as KernelName[];

/** A kernel as its package left it. */
export interface Kernel {
  readonly name: KernelName;
  /** Holds boot/vmlinuz-RELEASE and lib/modules/RELEASE. */
  readonly folder: string;
  /** What `uname -r` says in it. */
  readonly release: string;
  readonly architecture: Architecture;
  /** Files for its processor. undefined: those of this machine will do. */
  readonly userland?: Userland;
}

/** Programs that a machine is made with, and the Debian packages that have them. */
const tools: Readonly<Record<string, string>> = {
  busybox: 'busybox-static',
  cpio: 'cpio',
  depmod: 'kmod',
  xz: 'xz-utils',
};

/** QEMU of an architecture, and the package that has it. */
const emulators: Readonly<Record<Architecture, readonly [program: string, packageName: string]>> = {
  amd64: ['qemu-system-x86_64', 'qemu-system-x86'],
  arm64: ['qemu-system-aarch64', 'qemu-system-arm'],
};

/** The program that emulates a machine for a kernel. */
export function emulatorOf({ architecture }: Kernel): string {
  return emulators[architecture][0];
}

/** Why no machine can be made here, in one line; `undefined` when one can. As root on Debian, what is missing is installed. */
export function provideTools(kernels: readonly KernelName[]): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `machines are made on x86-64 only, not on ${process.arch}`;
  const needed = [...Object.entries(tools), ...kernels.map((name) => emulators[sources[name].architecture])];
  const missing = (): string[] => [...new Set(needed.filter(([tool]) => !isOnPath(tool)).map(([, packageName]) => packageName))];
  if (missing().length > 0) installPackages(missing());
  return missing().length === 0 ? undefined : `not installed: ${missing().join(' ')}`;
}

/** A kernel out of the cache, or fetched into it. @throws Error when it cannot be fetched, with apt's complaint */
export function provideKernel(name: KernelName): Kernel {
  const { suite, architecture } = sources[name];
  const image = `linux-image-${architecture}`;
  const folder = join(cacheFolder, name);
  if (!existsSync(folder)) {
    const apt = aptFor(architecture, suite);
    const [, wanted] = /^ +Depends: (linux-image-\S+)/m.exec(run('apt-cache', [...apt, 'depends', image])) ?? [];
    if (wanted === undefined) throw new Error(`${image} of ${suite} names no image`);
    fetchPackage(apt, wanted, folder, (unpacked) => {
      run('depmod', ['-b', unpacked, releaseOf(unpacked)]);
    });
  }
  const kernel = { name, folder, release: releaseOf(folder), architecture };
  return architecture === 'amd64' ? kernel : { ...kernel, userland: provideUserland(architecture) };
}

/** Where a machine looks for programs. @throws Error when one that it needs cannot be fetched */
export function pathIn({ userland }: Kernel): string {
  return userland?.path ?? [...provideIproute(), process.env['PATH'] ?? ''].join(delimiter);
}

/** The folders of a newer iproute2, for the front of PATH. @throws Error when it cannot be fetched */
export function provideIproute(): string[] {
  const folder = join(cacheFolder, 'iproute2');
  if (!existsSync(folder)) fetchPackage(aptFor('amd64', 'bookworm-backports'), 'iproute2', folder);
  return ['sbin', 'bin', 'usr/sbin', 'usr/bin'].map((part) => join(folder, part)).filter((path) => existsSync(path));
}

function releaseOf(folder: string): string {
  const [release, ...others] = readdirSync(join(folder, 'lib/modules'));
  if (release === undefined || others.length > 0) throw new Error(`${folder}/lib/modules does not hold one kernel`);
  return release;
}
