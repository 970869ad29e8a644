/** Test files run under a kernel: one machine, one vitest, its report. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Failure, type Report, readReport, reportVariable } from '../report.ts';
import { bundleTests, testFiles } from './bundle.ts';
import { type KernelName, pathIn, provideKernel } from './kernels.ts';
import { type MachineResult, quoted, runInMachine } from './machine.ts';
import { lackingIn } from './report.ts';

export const tree = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface RunOptions {
  readonly kernel: KernelName;
  /** Paths or parts of paths, as vitest takes them; none: every integration test. */
  readonly files: readonly string[];
  /** Further arguments for vitest. */
  readonly args?: readonly string[];
  /** Milliseconds for the whole of it. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
  /** Takes what the machine writes. Default: it is shown as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface RunResult {
  passed: number;
  failed: number;
  skipped: number;
  failures: readonly Failure[];
  /** What the kernel lacked, as test/support/kernel.ts names it, and how many tests were skipped for it. */
  lacking: ReadonlyMap<string, number>;
  /** The kinds of links of which a test has passed. */
  kinds: readonly string[];
  /** Why something failed besides the tests. */
  why?: string;
  /** Whether the kernel itself has crashed. */
  crashed?: boolean;
}

/** How much longer a test may take in an emulated machine; bundle.ts and test/support/oracle.ts multiply their limits by it. */
const timeoutFactor = 15;

/** Runs test files under a kernel, isolated as on any machine. @throws Error when the kernel cannot be fetched, or no file is meant */
export async function runTests({ kernel: name, files, args = [], timeout, signal, onOutput }: RunOptions): Promise<RunResult> {
  const kernel = provideKernel(name);
  const chosen = testFiles(tree, files);
  if (chosen.length === 0) throw new Error(`no test file has ${files.join(' or ')} in its path`);
  const bundle = await bundleTests(tree, chosen, timeoutFactor);
  const share = mkdtempSync(join(tmpdir(), 'netloom-share-'));
  try {
    const command = [
      ...['sh', 'scripts/isolated.sh', kernel.userland?.node ?? process.execPath, 'node_modules/vitest/vitest.mjs', 'run'],
      ...['--config', bundle.config, '--configLoader', 'native', '--reporter=verbose', `--reporter=${bundle.reporter}`],
      ...args,
    ];
    const result = await runInMachine({
      kernel,
      command: command.map(quoted).join(' '),
      folder: tree,
      env: {
        PATH: pathIn(kernel),
        NETLOOM_TIMEOUT_FACTOR: String(timeoutFactor),
        // test/support/kernel.ts
        NETLOOM_OWN_MACHINE: '1',
        NO_COLOR: '1',
        CI: '1',
        [reportVariable]: '/netloom/report.json',
      },
      share,
      timeout,
      ...(signal === undefined ? {} : { signal }),
      ...(onOutput === undefined ? {} : { onOutput }),
    });
    return outcome(readReport(join(share, 'report.json')), result);
  } finally {
    bundle.remove();
    rmSync(share, { recursive: true, force: true });
  }
}

function outcome(report: Report | undefined, result: MachineResult): RunResult {
  const { passed, failures, skipped, kinds } = report ?? { passed: 0, failures: [], skipped: [], kinds: [] };
  const lacking = report === undefined ? new Map() : lackingIn(report);
  const counted = { passed, failed: failures.length, skipped: skipped.length, failures, lacking, kinds };
  const and = (why: string): RunResult => ({ ...counted, failed: counted.failed + 1, why });
  if ('failure' in result) return { ...and(`the machine ${result.failure}`), crashed: result.failure.startsWith('ended: ') };
  if (report?.finished !== true) return and(`vitest ended with status ${result.status} and left no report of its end`);
  if (result.status !== 0 && counted.failed === 0) return and(`vitest ended with status ${result.status}`);
  return counted;
}
