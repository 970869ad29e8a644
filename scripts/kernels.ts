/**
 * `npm run test:kernels`: the integration tests under stock Debian kernels, in virtual machines without KVM. For kinds of links and
 * other features that the machine's own kernel lacks, and for kernels older than it.
 *
 *     npm run test:kernels                                                    every integration test on every x86-64 kernel
 *     npm run test:kernels -- linux-6.12 test/integration/rtnl-vlan.test.ts   one file on one kernel
 *     npm run test:kernels -- arm64 rtnl-links                                files on an arm64 processor
 *     npm run test:kernels -- rtnl-vlan -t 'qos map'                          options and what follows them go to vitest
 *
 * An emulated test takes about ten times as long. The first run fetches the kernels (scripts/kernels/kernels.ts).
 */
import { delimiter } from 'node:path';
import { everyKernelName, type KernelName, kernelNames, provideTools } from './kernels/kernels.ts';
import { describeLacking } from './kernels/report.ts';
import { runTests } from './kernels/run.ts';
import { describeFailures } from './report.ts';

/** Milliseconds for everything under one kernel: an emulated processor takes an hour or two for it when it has a real one to itself. */
const wholeRun = 5 * 60 * 60_000;

process.env['PATH'] = [process.env['PATH'], '/usr/sbin', '/sbin'].filter(Boolean).join(delimiter);
process.exitCode = await main(process.argv.slice(2));

async function main(given: readonly string[]): Promise<number> {
  const firstOption = given.findIndex((argument) => argument.startsWith('-'));
  const words = firstOption < 0 ? given : given.slice(0, firstOption);
  const args = firstOption < 0 ? [] : given.slice(firstOption);
  const isKernel = (word: string): word is KernelName => (everyKernelName as string[]).includes(word);
  const chosen = words.filter(isKernel);
  const files = words.filter((word) => !isKernel(word));
  const unknown = files.find((file) => file.startsWith('linux-'));
  if (unknown !== undefined) {
    console.error(`there is no ${unknown}: ${everyKernelName.join(', ')}`);
    return 2;
  }
  const kernels = chosen.length === 0 ? kernelNames : chosen;
  const missing = provideTools(kernels);
  if (missing !== undefined) {
    console.error(missing);
    return 1;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

  const summary: string[] = [];
  let failures = 0;
  for (const kernel of kernels) {
    if (stop.signal.aborted) break;
    console.log(`\n=== ${kernel}`);
    const began = performance.now();
    const result = await runTests({ kernel, files, args, timeout: wholeRun, signal: stop.signal });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    failures += result.failed;
    summary.push(
      `${result.failed > 0 ? 'FAILED' : 'ok'}  ${kernel}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped (${seconds} s)${result.why === undefined ? '' : `: ${result.why}`}`,
      ...describeFailures(result.failures),
      ...describeLacking(result.lacking).map((line) => `        it lacks ${line}`),
    );
  }
  console.log(`\n=== summary\n${summary.join('\n')}`);
  return failures > 0 || stop.signal.aborted ? 1 : 0;
}
