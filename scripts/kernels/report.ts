/** What vitest's JSON report says, counted; and which features of the kernel the skipped tests lacked. */
import { readFileSync } from 'node:fs';

/** The part of the report that is read. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

export interface Counted {
  passed: number;
  failed: number;
  skipped: number;
  /** What the kernel lacked, as test/support/kernel.ts names it, and how many tests were skipped for it. */
  lacking: Map<string, number>;
}

/** Reads a report; `undefined` when vitest left none. */
export function readReport(path: string): Counted | undefined {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  const counted: Counted = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    lacking: new Map(),
  };
  for (const file of report.testResults) {
    // a file that cannot be loaded, or whose hooks fail, fails without a failed test
    if (file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')) counted.failed += 1;
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'passed' || status === 'failed') continue;
      for (const feature of lackingIn(fullName)) counted.lacking.set(feature, (counted.lacking.get(feature) ?? 0) + 1);
    }
  }
  return counted;
}

/** The features in the title of a skipped test. */
function lackingIn(title: string): string[] {
  return [...title.matchAll(/\[lacking: ([^\]]*)\]/g)].flatMap(([, list]) => list!.split(', '));
}

/** One line a feature, most tests first. */
export function describeLacking(lacking: ReadonlyMap<string, number>): string[] {
  return [...lacking].sort((a, b) => b[1] - a[1]).map(([feature, count]) => `${feature} (${count} ${count === 1 ? 'test' : 'tests'})`);
}
