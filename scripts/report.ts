/** What a run of vitest came to: scripts/reporter.ts writes it, the test commands read it. */
import { readFileSync } from 'node:fs';

export interface Report {
  /** Whether the run came to its end; what is written before that says what had failed so far. */
  readonly finished: boolean;
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** The full names of the tests that were not run. */
  readonly skipped: readonly string[];
  /** The kinds of links of which a test has passed. */
  readonly kinds: readonly string[];
}

/** A failed test, or a file or hook that failed, or an error outside of all of them. */
export interface Failure {
  /** `test/unit/x.test.ts > describe > test` */
  readonly where: string;
  /** What the errors say. */
  readonly message: string;
}

/** The variable that says where the report goes. */
export const reportVariable = 'NETLOOM_TEST_REPORT';

/** Reads a report; `undefined` when vitest left none. */
export function readReport(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}

/** How much of the failures a summary shows. */
const shown = { failures: 40, lines: 14, columns: 240 };

/** Failures for the end of the output, which is what is kept of it: by name, with the first lines of what they say. */
export function describeFailures(failures: readonly Failure[]): string[] {
  const lines = failures.slice(0, shown.failures).flatMap(({ where, message }) => {
    const said = message.split('\n').filter((line) => line.trim() !== '');
    const rest = said.length > shown.lines ? [`… ${said.length - shown.lines} more lines`] : [];
    return [`FAILED  ${where}`, ...[...said.slice(0, shown.lines).map(cut), ...rest].map((line) => `        ${line}`)];
  });
  const left = failures.length - shown.failures;
  return left > 0 ? [...lines, `… and ${left} more failures`] : lines;
}

function cut(line: string): string {
  return line.length > shown.columns ? `${line.slice(0, shown.columns)}…` : line;
}
