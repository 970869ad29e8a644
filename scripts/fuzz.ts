/**
 * `npm run fuzz [-- SECONDS [SEED]]`: mutated messages through every decoder, by default for a minute. Ends with status 1 and the smallest
 * message that shows a fault, or when a decoder does not come back. Run it with the seed printed to see the same again.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { decodersHold } from '../test/support/fuzz.ts';

interface Job {
  seconds: number;
  seed: number;
}

interface Progress {
  runs: number;
  failure?: string;
}

/** Milliseconds without a sign of life after which a decoder is taken to hang. */
const patience = 60_000;
const turn = 200;

// the fuzzing is a process of its own: a decoder that hangs can be ended only from outside
if (process.send === undefined || process.argv[4] !== 'work') await main();
else work({ seconds: Number(process.argv[2]), seed: Number(process.argv[3]) });

async function main(): Promise<void> {
  const [seconds, seed] = [Number(process.argv[2] ?? 60), Number(process.argv[3] ?? Date.now() % 2 ** 31)];
  if (!(seconds > 0) || !Number.isInteger(seed)) {
    console.error('usage: npm run fuzz [-- SECONDS [SEED]]');
    process.exitCode = 2;
    return;
  }
  console.log(`fuzzing for ${seconds} s, seed ${seed}`);
  const worker = fork(fileURLToPath(import.meta.url), [String(seconds), String(seed), 'work']);
  let watchdog: NodeJS.Timeout | undefined;
  let runs = 0;
  const failure = await new Promise<string | undefined>((resolve) => {
    const alive = (): void => {
      clearTimeout(watchdog);
      watchdog = setTimeout(
        () => resolve(`a decoder has not come back for ${patience / 1000} s (turn of seed ${seed}, after ${runs} runs)`),
        patience,
      );
    };
    alive();
    worker.on('message', (sent) => {
      const message = sent as Progress;
      runs = message.runs;
      alive();
      if (message.failure !== undefined) resolve(message.failure);
    });
    worker.on('error', (error) => resolve(String(error.stack)));
    worker.on('exit', (code, signal) => resolve(code === 0 ? undefined : `the fuzzer ended with ${code ?? signal}`));
  });
  clearTimeout(watchdog);
  worker.kill('SIGKILL');
  if (failure !== undefined) console.error(failure);
  console.log(`${runs} runs, ${failure === undefined ? 'no fault' : 'FAULT'}`);
  process.exitCode = failure === undefined ? 0 : 1;
}

function work({ seconds, seed }: Job): void {
  const property = decodersHold();
  const end = performance.now() + 1000 * seconds;
  let runs = 0;
  for (let i = 0; performance.now() < end; i++) {
    const details = fc.check(property, { numRuns: turn, seed: (seed + i) | 0 });
    runs += details.numRuns;
    if (details.failed) {
      process.send?.({ runs, failure: `${fc.defaultReportMessage(details)}\n${(details.errorInstance as Error | null)?.stack ?? ''}` });
      return;
    }
    process.send?.({ runs });
  }
}
