/** The part of the tests under other kernels that `npm test` runs: what the machine's own kernel cannot show, within a few minutes. */
import type { Failure } from '../report.ts';
import { kernelNames, provideIproute, provideKernel, provideTools } from './kernels.ts';
import { coverage } from './kinds.ts';
import { describeLacking } from './report.ts';
import { type RunResult, runTests, tree } from './run.ts';
import { chosenTests } from './selection.ts';

/** As the steps of scripts/test.ts come to. */
export interface StepOutcome {
  passed: number;
  failed: number;
  skipped: number;
  why?: string;
  failures?: readonly Failure[];
}

const minute = 60_000;

/** Runs the chosen tests, a machine for each kernel, all at once. Where no machine can be made the step is skipped, with the reason. */
export async function kernelsStep(signal?: AbortSignal): Promise<StepOutcome> {
  const missing = provideTools(kernelNames);
  if (missing !== undefined) return { passed: 0, failed: 0, skipped: 1, why: missing };
  try {
    for (const name of kernelNames) provideKernel(name);
    provideIproute();
  } catch (error) {
    return { passed: 0, failed: 0, skipped: 1, why: `the kernels cannot be fetched: ${(error as Error).message}` };
  }
  const crashes: string[] = [];
  const results = await Promise.all(
    kernelNames.map(async (kernel): Promise<RunResult> => {
      const run = (): Promise<RunResult> =>
        runTests({
          kernel,
          files: chosenTests(kernel),
          timeout: 15 * minute,
          onOutput: prefixed(`${kernel} | `),
          ...(signal === undefined ? {} : { signal }),
        });
      const result = await onceMoreAfterCrash(run, (why) => {
        crashes.push(`${kernel}: ${why}, so all of it ran once more`);
        console.log(`${kernel} | ${crashes.at(-1)}`);
      });
      for (const line of describeLacking(result.lacking)) console.log(`${kernel} | it lacks ${line}`);
      return result;
    }),
  );
  const sum = (count: (result: RunResult) => number): number => results.reduce((total, result) => total + count(result), 0);
  const { lines, problems } = coverage(tree, new Map(results.map(({ kinds }, i) => [kernelNames[i]!, kinds])));
  for (const line of lines) console.log(`kinds of links that ran ${line}`);
  const reasons = results.flatMap(({ why }, i) => (why === undefined ? [] : [`${kernelNames[i]}: ${why}`]));
  const why = [...crashes, ...reasons, ...problems].join('; ');
  return {
    passed: sum((result) => result.passed),
    failed: sum((result) => result.failed) + problems.length,
    skipped: sum((result) => result.skipped),
    failures: results.flatMap(({ failures }, i) =>
      failures.map(({ where, message }) => ({ where: `${kernelNames[i]}: ${where}`, message })),
    ),
    ...(why === '' ? {} : { why }),
  };
}

/**
 * QEMU's emulated processor makes a kernel crash once in very many runs, wherever it is at that moment: there, a fork in strace had the
 * address of an object for its flags. What tests do to a kernel is done again in the second run, whose crash is a failure; the first is told in any case.
 */
export async function onceMoreAfterCrash(run: () => Promise<RunResult>, tell: (why: string) => void): Promise<RunResult> {
  const result = await run();
  if (result.crashed !== true) return result;
  tell(result.why ?? 'the machine crashed');
  return run();
}

/** Shows whole lines, each with a prefix. */
function prefixed(prefix: string): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') console.log(prefix + line);
  };
}
