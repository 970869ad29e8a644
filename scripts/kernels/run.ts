/** Test files run under a kernel: one machine, one vitest, its report. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type KernelName, provideIproute, provideKernel } from './kernels.ts';
import { quoted, runInMachine } from './machine.ts';
import { type Counted, readReport } from './report.ts';

const tree = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

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

export interface RunResult extends Counted {
  /** Why something failed besides the tests. */
  why?: string;
}

/** How much longer a test may take in an emulated machine; vitest.config.ts and test/support/oracle.ts multiply their limits by it. */
const timeoutFactor = 15;

/** Runs test files under a kernel, isolated as on any machine. @throws Error when the kernel cannot be fetched */
export async function runTests({ kernel: name, files, args = [], timeout, signal, onOutput }: RunOptions): Promise<RunResult> {
  const kernel = provideKernel(name);
  const path = [...provideIproute(), process.env['PATH'] ?? ''].join(delimiter);
  const share = mkdtempSync(join(tmpdir(), 'netloom-share-'));
  try {
    const command = [
      ...['sh', 'scripts/isolated.sh', process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--project', 'integration'],
      ...['--maxWorkers=1', '--reporter=verbose', '--reporter=json', '--outputFile.json=/netloom/report.json'],
      ...args,
      ...files,
    ];
    const result = await runInMachine({
      kernel,
      command: command.map(quoted).join(' '),
      folder: tree,
      env: { PATH: path, NETLOOM_TIMEOUT_FACTOR: String(timeoutFactor), NO_COLOR: '1', CI: '1' },
      share,
      timeout,
      ...(signal === undefined ? {} : { signal }),
      ...(onOutput === undefined ? {} : { onOutput }),
    });
    const counted = readReport(join(share, 'report.json'));
    if ('failure' in result) return failed(counted, `the machine ${result.failure}`);
    if (counted === undefined) return failed(counted, `vitest ended with status ${result.status} and left no report`);
    if (result.status !== 0 && counted.failed === 0) return failed(counted, `vitest ended with status ${result.status}`);
    return counted;
  } finally {
    rmSync(share, { recursive: true, force: true });
  }
}

function failed(counted: Counted | undefined, why: string): RunResult {
  const { passed, failed, skipped, lacking } = counted ?? { passed: 0, failed: 0, skipped: 0, lacking: new Map<string, number>() };
  return { passed, failed: failed + 1, skipped, lacking, why };
}
