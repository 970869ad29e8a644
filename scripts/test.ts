/**
 * The one test command: `npm test` runs everything, `npm run test:unit` and `npm run test:integration` a part of it. What follows
 * the part's name goes to vitest: `npm run test:integration -- test/integration/link.test.ts -t vlan`.
 *
 * The integration tests run twice, both times cut off from the machine's network (scripts/isolated.sh): as root, and as an
 * ordinary user who is root in a user namespace only (there `npm test` leaves out the kills of network-killed and its like). Started by an ordinary user, the first is left out.
 *
 * Other runtimes (Node.js 22 to 26, Deno, Bun) come from the registry into test/runtimes, and run the unit tests, a part of the
 * integration tests, and the package as users install it. So does the npm package node-netlink, into test/node-netlink, where it is compiled:
 * the integration tests run over it once more, save a few that are the same over every transport. A few run over musl (scripts/musl).
 *
 * The summary at the end names every failed test. The last line printed is `N passed, N failed, N skipped`, over all vitest runs; lint, typecheck, build and the API reference are one test each.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedRuntimes } from '../test/support/runtimes.ts';
import { kernelsStep } from './kernels/step.ts';
import { provideMuslNode } from './musl/node.ts';
import { describeFailures, type Failure, readReport, reportVariable } from './report.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What a step came to, and in one line why, where that is not plain from what it printed. */
interface Outcome extends Counts {
  why?: string;
  failures?: readonly Failure[];
}

interface Step {
  name: string;
  run: () => Promise<Outcome>;
}

/** A step, or several that run side by side: those that keep one processor busy at most, and do not need each other. */
type Stage = Step | readonly Step[];

/** The tools the tests compare netloom with, or need to isolate themselves, and the Debian packages that have them. */
const tools: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  ping: 'iputils-ping',
  python3: 'python3',
  strace: 'strace',
  sysctl: 'procps',
  mount: 'mount',
  tar: 'tar',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
};

/** `nobody`, who owns nothing. */
const ordinaryUser = 65534;

const stepTimeout = 20 * 60_000;

const tree = dirname(dirname(fileURLToPath(import.meta.url)));
const isRoot = process.getuid?.() === 0;
const part = process.argv[2] ?? 'all';
const vitestArguments = process.argv.slice(3);

// an ordinary user's PATH may lack the folders of system tools
process.env['PATH'] = [process.env['PATH'], '/usr/sbin', '/sbin'].filter(Boolean).join(delimiter);
process.chdir(tree);

const temporary: string[] = [];
let stopped = false;
let integrationRuns = 0;
let toolsComplete = true;
/** Why nothing can be tried on this kernel; set by the step that looks. */
let kernelProblem: string | undefined;

const oracles: Step = { name: 'oracles', run: provideTools };
const checks: Step[] = [
  { name: 'lint', run: () => once('node_modules/@biomejs/biome/bin/biome', 'check', '.') },
  { name: 'typecheck', run: () => once('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json') },
  { name: 'build', run: () => once('node_modules/tsx/dist/cli.mjs', 'scripts/build.ts') },
  { name: 'api reference', run: () => once('scripts/api-reference.mjs') },
];
/** Those of test/unit: vitest.config.ts. */
const unitProjects = ['--project', 'unit', '--project', 'unit-alone'];
const unit: Step = { name: 'unit and types', run: () => vitest([], tree, [...unitProjects, '--project', 'types']) };
/** Tables and codecs against the kernel's headers and nft's test suite: the same whatever runs them, so they run once. */
const conformance: Step = { name: 'conformance', run: () => vitest([], tree, ['--project', 'conformance']) };
const kernel: Step = { name: 'kernel answers', run: probeKernel };
const integration: Step[] = [
  { name: 'integration, as root', run: integrationAsRoot },
  { name: 'integration, as an ordinary user', run: integrationAsUser },
];

/** What runs on the other runtimes besides the unit tests: every client, both drivers, namespaces, readiness. The builders take too long. */
const portable: readonly string[] = ['engine', 'netns', 'nft-client', 'rtnl-addresses', 'rtnl-links', 'sys-socket'];
/** Tests of these files start programs with options of Node's, which Deno lacks. */
const notOnDeno: readonly string[] = ['engine'];
const runtimeNames: readonly string[] = ['node-22', 'node-24', 'node-26', 'deno', 'bun'];
const runtimesInstalled: Step = { name: 'runtimes installed', run: installRuntimes };
const packaged: Step = { name: 'package', run: () => vitest([], tree, ['--project', 'package']) };
const onRuntimes: Step[] = [
  ...runtimeNames.map((name) => ({ name: `unit, on ${name}`, run: () => onRuntime(name, [], unitProjects) })),
  ...runtimeNames.map((name) => ({ name: `integration, on ${name}`, run: () => integrationOn(name) })),
];

/** Files that take minutes and try what is the same over every transport: what is refused unsent, the examples, the steps of attaching to a network. */
const aboveTransports: readonly string[] = [
  'bad-input',
  'examples',
  'forbidden',
  'network-cni',
  'network-cni-bandwidth',
  'network-cni-kinds',
  'network-dns',
  'network-drivers',
  'network-faults',
  'network-faults-drivers',
  'network-killed',
  'network-killed-drivers',
  'network-killed-kinds',
  'network-lifecycle',
  'network-ports',
  'network-ptp-policy',
  'network-seen',
  'rtnl-tc-kinds',
  'snippets',
];

const overNodeNetlink: Step = { name: 'integration, over node-netlink', run: integrationOverNodeNetlink };

/** What calls libc in every way that netloom does: processes start slowly over musl, so there are no others. */
const overMusl: readonly string[] = ['rtnl-links', 'sys-socket'];
const musl: Step = { name: 'integration, over musl', run: integrationOverMusl };

const stop = new AbortController();
/** Stock kernels in virtual machines: scripts/kernels. */
const kernels: Step = { name: 'other kernels', run: () => kernelsStep(stop.signal) };

const parts: Readonly<Record<string, readonly Stage[]>> = {
  all: [
    oracles,
    kernel,
    [...checks, runtimesInstalled],
    unit,
    conformance,
    ...integration,
    ...onRuntimes,
    overNodeNetlink,
    // one of the machines is done long before the other
    [packaged, musl, kernels],
  ],
  unit: [unit, conformance],
  integration: [oracles, kernel, ...integration],
  runtimes: [oracles, kernel, runtimesInstalled, packaged, ...onRuntimes, musl],
  musl: [oracles, kernel, musl],
  'node-netlink': [oracles, kernel, overNodeNetlink],
};

/** What a step's children write, where another step runs beside it: it is shown when the step is over. */
const held = new AsyncLocalStorage<Buffer[]>();

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const summary: string[] = [];
const failures: Failure[] = [];

process.exitCode = await main().catch((error: unknown) => {
  console.log(`\nthe test command itself has failed: ${error instanceof Error ? error.stack : String(error)}`);
  console.log(`\n=== summary\n${summary.join('\n')}\n\n${counted({ ...total, failed: total.failed + 1 })}`);
  return 1;
});

async function main(): Promise<number> {
  const stages = parts[part];
  if (stages === undefined) {
    console.error(`usage: tsx scripts/test.ts [${Object.keys(parts).join(' | ')}] [vitest arguments]`);
    return 2;
  }
  // the child gets an interrupt of the terminal too; what is left to do here is to clean up
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      stopped = true;
      stop.abort();
    });

  try {
    for (const stage of stages) {
      if (stopped) break;
      if ('run' in stage) await runStep(stage);
      else await Promise.all(stage.map((step) => held.run([], () => runStep(step))));
    }
    if (stages.includes(integration[0] as Step) && toolsComplete && kernelProblem === undefined && integrationRuns === 0 && !stopped) {
      summary.push('FAILED  no integration run was possible, so nothing was tried on a kernel');
      total.failed += 1;
    }
    // a name that no file has: vitest runs nothing, and there is nothing wrong with that where another step has the file
    if (vitestArguments.length > 0 && total.passed + total.failed + total.skipped === 0 && !stopped) {
      summary.push(`FAILED  no test is meant by ${vitestArguments.join(' ')}`);
      total.failed += 1;
    }
    if (stopped) {
      summary.push('FAILED  stopped by a signal');
      total.failed += 1;
    }
  } finally {
    for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
  }
  if (failures.length > 0) console.log(`\n=== failures\n${describeFailures(failures).join('\n')}`);
  console.log(`\n=== summary\n${summary.join('\n')}\n\n${counted(total)}`);
  return total.failed > 0 ? 1 : 0;
}

/** Runs a step, whatever it throws, and notes what it came to. */
async function runStep({ name, run }: Step): Promise<void> {
  const output = held.getStore();
  if (output === undefined) console.log(`\n=== ${name}`);
  const began = performance.now();
  let outcome: Outcome;
  try {
    outcome = await run();
  } catch (error) {
    outcome = failed(String(error));
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const line = `${outcome.failed > 0 ? 'FAILED' : 'ok'}  ${name}: ${counted(outcome)} (${seconds} s)`;
  summary.push(outcome.why === undefined ? line : `${line}: ${outcome.why}`);
  if (output !== undefined) process.stdout.write(`\n=== ${name}\n${Buffer.concat(output)}`);
  console.log(`--- ${summary.at(-1)}`);
  for (const { where, message } of outcome.failures ?? []) failures.push({ where: `${name}: ${where}`, message });
  add(total, outcome);
}

/** Sees that every oracle is there, as root on Debian by installing what is missing: a skipped oracle is no proof. */
async function provideTools(): Promise<Outcome> {
  let missing = missingPackages();
  if (missing.length > 0 && isRoot && onPath('apt-get')) {
    console.log(`installing ${missing.join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...missing];
    for (const command of [['apt-get', 'update', '-qq'], install]) {
      const { status, stdout, stderr } = spawnSync(command[0] as string, command.slice(1), { env, encoding: 'utf8', timeout: stepTimeout });
      if (status !== 0) console.log(stdout + stderr);
    }
    missing = missingPackages();
  }
  if (missing.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  toolsComplete = false;
  return failed(`the tests need tools that are not installed: apt-get install ${missing.join(' ')}`);
}

function missingPackages(): string[] {
  const missing = Object.entries(tools).filter(([tool]) => !onPath(tool));
  return [...new Set(missing.map(([, packageName]) => packageName))];
}

function onPath(tool: string): boolean {
  if (isAbsolute(tool)) return executable(tool);
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => executable(join(folder, tool)));
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A check that is one test: a script of node's, passed when it ends with 0. */
async function once(script: string, ...args: string[]): Promise<Outcome> {
  const status = await execute([process.execPath, script, ...args], tree);
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : failed();
}

function integrationObstacle(): string | undefined {
  return toolsComplete ? kernelProblem : 'tools are missing, see oracles';
}

/**
 * Sees that rtnetlink answers at all. A kernel that has crashed within its RTNL lock leaves every process that needs it waiting where no
 * signal reaches, and whoever waits for such a process waits too: this one is left behind.
 */
function probeKernel(): Promise<Outcome> {
  if (!toolsComplete) return Promise.resolve(skipped('tools are missing, see oracles'));
  const seconds = 20;
  return new Promise((resolve) => {
    const probe = spawn('sh', ['scripts/isolated.sh', 'ip', 'link'], { cwd: tree, stdio: 'ignore', detached: true });
    const timer = setTimeout(() => {
      probe.kill('SIGKILL');
      probe.unref();
      kernelProblem = `rtnetlink hangs: \`ip link\` in a new namespace did not end within ${seconds} s`;
      resolve(failed(kernelProblem));
    }, seconds * 1000);
    // how it ended is the business of the steps that need namespaces
    probe.once('error', () => clearTimeout(timer));
    probe.once('close', () => {
      clearTimeout(timer);
      resolve({ passed: 0, failed: 0, skipped: 0 });
    });
  });
}

async function integrationAsRoot(): Promise<Outcome> {
  const obstacle = integrationObstacle();
  if (obstacle !== undefined) return skipped(obstacle);
  if (!isRoot) return skipped('not started by root');
  const isolated = ['sh', 'scripts/isolated.sh'];
  const refusal = refused([...isolated, 'true'], tree);
  if (refusal !== undefined) return skipped(`namespaces are refused to this root: ${refusal}`);
  integrationRuns += 1;
  return vitest(isolated, tree, ['--project', 'integration']);
}

async function integrationAsUser(): Promise<Outcome> {
  const obstacle = integrationObstacle();
  if (obstacle !== undefined) return skipped(obstacle);
  let prefix: string[] = [];
  let folder = tree;
  let node = process.execPath;
  const env: NodeJS.ProcessEnv = {};
  if (isRoot) {
    prefix = ['setpriv', `--reuid=${ordinaryUser}`, `--regid=${ordinaryUser}`, '--clear-groups'];
    const home = folderFor(prefix);
    if (home === undefined) return skipped('no folder for temporary files that an ordinary user reaches');
    folder = join(home, 'netloom');
    Object.assign(env, { HOME: home, TMPDIR: home });
    copyTree(folder);
    if (refused([...prefix, node, '--version'], home) !== undefined) {
      node = join(home, 'node');
      copyFileSync(process.execPath, node);
    }
  }
  const isolated = [...prefix, 'sh', 'scripts/isolated.sh'];
  const refusal = refused([...isolated, 'true'], folder);
  if (refusal !== undefined) return skipped(`user namespaces are refused here: ${refusal}`);
  integrationRuns += 1;
  // by itself it runs both times; after the run as root of `npm test` these minutes would tell nothing new
  const excluded =
    isRoot && part === 'all' ? without(['network-faults-drivers', 'network-killed', 'network-killed-drivers', 'snippets']) : [];
  return vitest(isolated, folder, ['--project', 'integration', ...excluded], {
    node: [node],
    env,
    report: join(env['TMPDIR'] ?? temporaryFolder(), 'report.json'),
  });
}

/** The other runtimes, from the registry; what is there from the last time, and is what the lock file says, is kept. */
async function installRuntimes(): Promise<Outcome> {
  const folder = join(tree, 'test/runtimes');
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'node_modules/.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return { passed: 0, failed: 0, skipped: 0 };
  const status = await execute(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
  if (status !== 0) return failed(`npm ci in test/runtimes ended with ${status}`);
  writeFileSync(stamp, lock);
  return { passed: 0, failed: 0, skipped: 0 };
}

async function onRuntime(name: string, prefix: readonly string[], args: readonly string[]): Promise<Outcome> {
  const runtime = installedRuntimes().find((installed) => installed.name === name);
  if (runtime === undefined) return skipped(`there is no ${name} for ${process.arch}, or it was not installed`);
  return vitest(prefix, tree, args, { node: runtime.command });
}

async function integrationOn(name: string): Promise<Outcome> {
  const obstacle = integrationObstacle();
  if (obstacle !== undefined) return skipped(obstacle);
  const isolated = ['sh', 'scripts/isolated.sh'];
  const refusal = refused([...isolated, 'true'], tree);
  if (refusal !== undefined) return skipped(`namespaces are refused here: ${refusal}`);
  const files = name === 'deno' ? portable.filter((file) => !notOnDeno.includes(file)) : portable;
  return onRuntime(name, isolated, ['--project', 'integration', ...files.map((file) => `test/integration/${file}.test.ts`)]);
}

/** Arguments of vitest that leave integration test files out. */
function without(files: readonly string[]): string[] {
  return files.flatMap((file) => ['--exclude', `test/integration/${file}.test.ts`]);
}

/** The integration tests without FFI: over the system calls of node-netlink, an optional peer of the package's. */
async function integrationOverNodeNetlink(): Promise<Outcome> {
  const obstacle = integrationObstacle();
  if (obstacle !== undefined) return skipped(obstacle);
  const isolated = ['sh', 'scripts/isolated.sh'];
  const refusal = refused([...isolated, 'true'], tree);
  if (refusal !== undefined) return skipped(`namespaces are refused here: ${refusal}`);
  const folder = join(tree, 'test/node-netlink');
  const lock = `${readFileSync(join(folder, 'package-lock.json'), 'utf8')}${process.versions.modules}`;
  const stamp = join(folder, 'node_modules/.installed');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    const status = await execute(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
    if (status !== 0) return failed(`npm ci in test/node-netlink ended with ${status}`);
    const complaint = refused(['npm', 'rebuild', '--foreground-scripts'], folder, stepTimeout);
    if (complaint !== undefined) return skipped(`node-netlink cannot be compiled here: ${complaint.slice(-500)}`);
    writeFileSync(stamp, lock);
  }
  const env = { NETLOOM_TRANSPORT: 'node-netlink', NODE_PATH: join(folder, 'node_modules') };
  return vitest(isolated, tree, ['--project', 'integration', ...without(aboveTransports)], { env });
}

/** A few of the integration tests over another libc: Node.js with musl, for which koffi has a binary of its own. */
async function integrationOverMusl(): Promise<Outcome> {
  const obstacle = integrationObstacle();
  if (obstacle !== undefined) return skipped(obstacle);
  const isolated = ['sh', 'scripts/isolated.sh'];
  const refusal = refused([...isolated, 'true'], tree);
  if (refusal !== undefined) return skipped(`namespaces are refused here: ${refusal}`);
  const provided = provideMuslNode();
  if ('why' in provided) return provided.broken ? failed(provided.why) : skipped(provided.why);
  const files = overMusl.map((file) => `test/integration/${file}.test.ts`);
  const env = { NETLOOM_TIMEOUT_FACTOR: '4' };
  return vitest(isolated, tree, ['--project', 'integration', ...files], { node: [provided.node], env });
}

/** A new folder that belongs to the ordinary user and that they reach, wherever the machine keeps temporary files. */
function folderFor(asUser: readonly string[]): string | undefined {
  for (const parent of [tmpdir(), '/tmp', '/var/tmp', '/dev/shm']) {
    if (!existsSync(parent)) continue;
    const folder = temporaryFolder(parent);
    spawnSync('chown', [`${ordinaryUser}:${ordinaryUser}`, folder]);
    if (refused([...asUser, 'test', '-w', folder], '/') === undefined) return folder;
  }
  return undefined;
}

/** Copies the working tree with its packages for the ordinary user, whom its folder and the ones above may shut out. */
function copyTree(to: string): void {
  const copy = (from: string, folder: string, ...excluded: string[]): void => {
    mkdirSync(folder, { recursive: true });
    const pack = `tar -C "$1" --owner=${ordinaryUser} --group=${ordinaryUser} --mode=u+rwX ${excluded.map((path) => `--exclude=${path}`).join(' ')} -cf - .`;
    const { status, stderr } = spawnSync('sh', ['-c', `${pack} | tar -C "$2" -xpf -`, 'copy', from, folder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`cannot copy ${from}: ${stderr}`);
  };
  copy(tree, to, './.git', './node_modules', './test/runtimes/node_modules', './docs/api');
  // a linked node_modules is followed; biome is half of it and has nothing to do there
  copy(realpathSync(join(tree, 'node_modules')), join(to, 'node_modules'), './@biomejs');
}

/** Runs vitest, by way of `prefix`, and counts what its report says. A run that leaves no report is one failed test. */
async function vitest(
  prefix: readonly string[],
  folder: string,
  args: readonly string[],
  {
    node = [process.execPath],
    env = {},
    report = join(temporaryFolder(), 'report.json'),
  }: { node?: readonly string[]; env?: NodeJS.ProcessEnv; report?: string } = {},
): Promise<Outcome> {
  const reporters = ['--reporter=default', '--reporter=./scripts/reporter.ts'];
  const command = [...node, 'node_modules/vitest/vitest.mjs', 'run', '--passWithNoTests', ...reporters, ...args, ...vitestArguments];
  const status = await execute([...prefix, ...command], folder, { ...env, [reportVariable]: report });
  const { finished, passed, failures, skipped } = readReport(report) ?? { finished: false, passed: 0, failures: [], skipped: [] };
  const outcome: Outcome = { passed, failed: failures.length, skipped: skipped.length, failures };
  if (!finished)
    return { ...outcome, failed: failures.length + 1, why: `vitest ended with status ${status} and left no report of its end` };
  if (status !== 0 && outcome.failed === 0) return { ...outcome, failed: 1, why: `vitest ended with status ${status}` };
  return outcome;
}

/** Runs a command with its output shown, at once or when the step is over. @returns its exit status, or the name of the signal that ended it */
function execute(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<number | string> {
  const [file, ...args] = command;
  const output = held.getStore();
  const shown = output === undefined ? 'inherit' : 'pipe';
  return new Promise((resolve, reject) => {
    const child = spawn(file as string, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', shown, shown],
      timeout: stepTimeout,
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => output?.push(data));
    const forward = (): void => {
      child.kill('SIGTERM');
    };
    process.once('SIGTERM', forward);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGTERM', forward);
      resolve(code ?? signal ?? 'unknown');
    });
  });
}

/** `undefined` when a command that shows whether something is possible ends well, else its complaint in one line. */
function refused(command: readonly string[], cwd: string, timeout = 60_000): string | undefined {
  const [file, ...args] = command;
  const { status, stderr, error } = spawnSync(file as string, args, { cwd, encoding: 'utf8', timeout });
  if (status === 0) return undefined;
  return error?.message ?? (stderr.trim().split('\n').join('; ') || `status ${status}`);
}

function temporaryFolder(parent: string = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'netloom-'));
  temporary.push(folder);
  return folder;
}

function failed(why?: string): Outcome {
  return { passed: 0, failed: 1, skipped: 0, ...(why === undefined ? {} : { why }) };
}

function skipped(why: string): Outcome {
  return { passed: 0, failed: 0, skipped: 1, why };
}

function add(total: Counts, { passed, failed, skipped }: Counts): void {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

function counted({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
