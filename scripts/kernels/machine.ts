/**
 * A virtual machine that runs one command under a kernel and ends: QEMU, without KVM. The host's files are its own, read-only
 * below an overlay in its memory, so that the tree, node and every tool are there as they are here, and nothing it does is left.
 * A machine with another processor has files of its own (userland.ts), and of the host's the tree.
 * Results come back through one shared folder.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { emulatorOf, type Kernel } from './kernels.ts';

export interface MachineOptions {
  readonly kernel: Kernel;
  /** Run by `sh -c` as root, in `folder`. */
  readonly command: string;
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of the host that the machine writes to, as `/netloom`. */
  readonly share: string;
  /** Milliseconds until the machine is ended. */
  readonly timeout: number;
  /** Ends the machine. */
  readonly signal?: AbortSignal;
  readonly processors?: number;
  /** Takes what the machine writes. Default: it is shown as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** What the machine came to: the command's exit status, or why there is none. */
export type MachineResult = { readonly status: number } | { readonly failure: string };

/** The modules without which the host's files cannot be seen, with what they depend on. */
const firstModules = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];

/** Boots, runs the command with its output shown, and waits for the end. */
export async function runInMachine(options: MachineOptions): Promise<MachineResult> {
  const work = mkdtempSync(join(tmpdir(), 'netloom-machine-'));
  try {
    const initrd = makeInitrd(options, work);
    writeFileSync(join(options.share, 'run.sh'), runScript(options));
    const ended = await emulate(initrd, options);
    try {
      return { status: Number(readFileSync(join(options.share, 'status'), 'utf8')) };
    } catch {
      return { failure: ended };
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The first process of the machine, before it sees the host's files. */
const init = `#!/bin/busybox sh
# the usual names without a folder of links
for tool in mkdir mount insmod cat ln mknod switch_root; do alias $tool="/bin/busybox $tool"; done
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod /modules/$module; done
mkdir -p /lower /upper /merged
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,ro,cache=loose host /lower
mount -t tmpfs tmpfs /upper
mkdir -p /upper/data /upper/work
# the folder that is the root, and what of the host's is laid over it
. /modules/folders
mount -t overlay -o "lowerdir=/lower$root,upperdir=/upper/data,workdir=/upper/work" overlay /merged
lay() { # name, where, folders
  mkdir -p "/upper/$1/data" "/upper/$1/work" "/merged$2"
  mount -t overlay -o "lowerdir=$3,upperdir=/upper/$1/data,workdir=/upper/$1/work" overlay "/merged$2"
}
if [ -n "$root" ]; then
  lay tree "$tree" "/lower$tree"
  lay packages "$tree/node_modules" "/lower$packages:/lower$tree/node_modules"
fi
mkdir -p /merged/netloom /merged/lib/modules /merged/proc /merged/sys /merged/dev
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 share /merged/netloom
mount -o bind "/lower$kernel/lib/modules" /merged/lib/modules
mkdir -p /dev/shm /dev/pts /dev/net
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
ln -s /proc/self/fd /dev/fd
# opening it loads the module
mknod /dev/net/tun c 10 200
for folder in proc sys dev; do mount -o move /$folder /merged/$folder; done
# the root of the whole machine changes, so that the kernel finds modprobe
exec /bin/busybox switch_root /merged /bin/sh /netloom/run.sh
`;

function runScript({ command, folder, env = {} }: MachineOptions): string {
  const variables = { HOME: '/root', TMPDIR: '/tmp', ...env };
  return `mount -t tmpfs tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
# gre0, sit0 and their like, which a module puts into every namespace when it is loaded, stay out of those of the tests
echo 1 >/proc/sys/net/core/fb_tunnels_only_for_init_net
${Object.entries(variables)
  .map(([name, value]) => `export ${name}=${quoted(value)}`)
  .join('\n')}
cd ${quoted(folder)} && sh -c ${quoted(command)}
echo $? >/netloom/status
echo o >/proc/sysrq-trigger
sleep 60
`;
}

/** A word for the shell. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function makeInitrd({ kernel: { folder, release, userland }, folder: tree }: MachineOptions, work: string): string {
  const root = join(work, 'root');
  for (const part of ['bin', 'proc', 'sys', 'dev', 'modules']) mkdirSync(join(root, part), { recursive: true });
  const busybox = userland === undefined ? output('sh', ['-c', 'command -v busybox']).trim() : join(userland.root, 'bin/busybox');
  copyFileSync(busybox, join(root, 'bin/busybox'));
  const files = firstModules.flatMap((module) =>
    [...output('modprobe', ['-d', folder, '-S', release, '--show-depends', module]).matchAll(/^insmod (\S+)/gm)].map(([, file]) => file!),
  );
  const order = [...new Set(files)].map((file) => {
    const name = basename(file, '.xz');
    const to = join(root, 'modules', name);
    if (file.endsWith('.xz')) writeFileSync(to, spawnSync('xz', ['-dc', file], { maxBuffer: 2 ** 28 }).stdout);
    else copyFileSync(file, to);
    return name;
  });
  writeFileSync(join(root, 'modules/order'), `${order.join('\n')}\n`);
  const folders = { root: userland?.root ?? '', packages: userland?.packages ?? '', tree, kernel: folder };
  writeFileSync(
    join(root, 'modules/folders'),
    Object.entries(folders)
      .map(([name, path]) => `${name}=${quoted(path)}\n`)
      .join(''),
  );
  writeFileSync(join(root, 'init'), init);
  chmodSync(join(root, 'init'), 0o755);
  const initrd = join(work, 'initrd');
  output('sh', ['-c', `cd ${quoted(root)} && find . | cpio -o -H newc --quiet >${quoted(initrd)}`]);
  return initrd;
}

/** What a machine of an architecture is: QEMU's board and processor, and how Linux calls the serial line. */
const boards: Readonly<Record<Kernel['architecture'], { readonly args: readonly string[]; readonly console: string }>> = {
  amd64: { args: ['-cpu', 'max'], console: 'ttyS0' },
  // no processor that signs pointers: that is slow to emulate
  arm64: { args: ['-M', 'virt,gic-version=3', '-cpu', 'neoverse-n1'], console: 'ttyAMA0' },
};

const kernelArguments: readonly string[] = [
  ...['quiet', 'panic=1', 'oops=panic'],
  // there is nobody to protect from each other in it
  'mitigations=off',
  // who waits for a grace period (whoever deletes a link) does not wait for a tick of each
  'rcupdate.rcu_expedited=1',
  // on a busy host the machine stands still at times: that is no broken timer, and no processor that hangs
  ...['no_timer_check', 'nowatchdog', 'rcupdate.rcu_cpu_stall_suppress=1'],
];

/** Runs QEMU until the machine turns itself off. @returns how it ended, for when it left no status */
function emulate(initrd: string, { kernel, share, timeout, signal, processors = 1, onOutput }: MachineOptions): Promise<string> {
  const shared = (path: string, tag: string): string =>
    `local,path=${path.replaceAll(',', ',,')},mount_tag=${tag},security_model=none,multidevs=remap`;
  const board = boards[kernel.architecture];
  const args = [
    [...board.args, '-accel', 'tcg,thread=multi,tb-size=512', '-smp', String(processors), '-m', '3072'],
    ['-nodefaults', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
    ['-kernel', join(kernel.folder, 'boot', `vmlinuz-${kernel.release}`), '-initrd', initrd],
    ['-append', [`console=${board.console}`, ...kernelArguments].join(' ')],
    ['-virtfs', `${shared('/', 'host')},readonly=on`, '-virtfs', shared(share, 'share')],
  ].flat();
  return new Promise((resolve, reject) => {
    const machine = spawn(emulatorOf(kernel), args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let why: string | undefined;
    let last = '';
    const end = (reason: string): void => {
      why ??= reason;
      machine.kill('SIGKILL');
    };
    const timer = setTimeout(end, timeout, `ended after ${timeout / 1000} s`);
    const abort = (): void => end('ended by a signal');
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    // a character may come in two pieces
    machine.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const text = chunk.replaceAll('\r\n', '\n');
      (onOutput ?? ((shown) => process.stdout.write(shown)))(text);
      last = (last + text).slice(-2000);
    });
    machine.once('error', (error) => {
      release();
      reject(error);
    });
    machine.once('close', (code, killed) => {
      release();
      const panic = /Kernel panic.*|BUG:.*|Oops:.*/.exec(last)?.[0];
      resolve(why ?? (panic === undefined ? undefined : `ended: ${panic}`) ?? `ended without a result (${killed ?? `status ${code}`})`);
    });
  });
}

function output(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000, maxBuffer: 2 ** 28 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with status ${status}: ${stderr.trim()}`);
  return stdout;
}
