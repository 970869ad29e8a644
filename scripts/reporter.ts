/** A reporter for vitest that writes scripts/report.ts's report, anew after every file: a run that is ended from outside leaves what it knew. */
import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestModule, TestSuite, Vitest } from 'vitest/node';
import { type Failure, type Report, reportVariable } from './report.ts';

/** The part of vitest's errors that is read. */
interface ReportedError {
  readonly message: string;
  readonly name?: string;
  readonly diff?: string;
  readonly stacks?: readonly { readonly file: string; readonly line: number; readonly column: number }[];
  readonly cause?: unknown;
  /** Of an error outside of the tests: what ran meanwhile. */
  readonly VITEST_TEST_PATH?: string;
  readonly VITEST_TEST_NAME?: string;
}

export default class ReportWriter implements Reporter {
  private readonly path = process.env[reportVariable];
  private vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestModuleEnd(): void {
    this.write(this.vitest?.state.getTestModules() ?? [], [], false);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly ReportedError[]): void {
    this.write(modules, unhandled, true);
  }

  private write(modules: readonly TestModule[], unhandled: readonly ReportedError[], finished: boolean): void {
    if (this.path === undefined) return;
    const failures: Failure[] = [];
    const skipped: string[] = [];
    const kinds = new Set<string>();
    let passed = 0;
    for (const module of modules) {
      const file = module.relativeModuleId;
      // a file that cannot be loaded, or whose hooks fail, fails without a failed test
      note(failures, file, module.errors());
      for (const suite of module.children.allSuites()) note(failures, `${file} > ${suite.fullName}`, (suite as TestSuite).errors());
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        const { kind } = test.meta() as { kind?: string };
        if (state === 'passed') {
          passed += 1;
          if (kind !== undefined) kinds.add(kind);
        } else if (state === 'failed') failures.push({ where: `${file} > ${test.fullName}`, message: described(errors ?? []) });
        else skipped.push(test.fullName);
      }
    }
    for (const error of unhandled) {
      const during = [error.VITEST_TEST_PATH, error.VITEST_TEST_NAME].filter((part) => part !== undefined);
      failures.push({ where: ['outside of the tests', ...during].join(' > '), message: described([error]) });
    }
    const report: Report = { finished, passed, failures, skipped, kinds: [...kinds] };
    writeFileSync(this.path, JSON.stringify(report));
  }
}

function note(failures: Failure[], where: string, errors: readonly ReportedError[]): void {
  if (errors.length > 0) failures.push({ where, message: described(errors) });
}

function described(errors: readonly ReportedError[]): string {
  return stripVTControlCharacters(errors.map((error) => said(error)).join('\n'));
}

function said({ name, message, diff, stacks, cause }: ReportedError): string {
  const lines = [name === undefined || message.startsWith(name) ? message : `${name}: ${message}`];
  // where it happened comes before the difference, which may be long
  const [at] = stacks ?? [];
  if (at !== undefined) lines.push(`at ${at.file}:${at.line}:${at.column}`);
  if (diff !== undefined) lines.push(diff);
  if (isError(cause)) lines.push(`caused by: ${said(cause).replace(/^caused by: /i, '')}`);
  return lines.join('\n');
}

function isError(value: unknown): value is ReportedError {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}
