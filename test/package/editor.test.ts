/** What an editor shows of the package, and what the compiler says of typical mistakes: golden texts that a reader should like. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, inject, test } from 'vitest';

const project = inject('project');

function golden(name: string): string {
  return fileURLToPath(new URL(`fixtures/editor/${name}`, import.meta.url));
}

/** With `NETLOOM_GOLDEN=write` in the environment the golden texts are written anew: read what has changed. */
function same(name: string, shown: string): void {
  const actual = settled(shown);
  if (process.env['NETLOOM_GOLDEN'] === 'write') writeFileSync(golden(name), actual);
  expect(actual).toBe(readFileSync(golden(name), 'utf8'));
}

interface Editor {
  readonly service: ts.LanguageService;
  readonly file: string;
}

/** A file of a user's project, in an editor. */
function open(name: string, text: string): Editor {
  const file = join(project, name);
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    noErrorTruncation: false,
  };
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const content = path === file ? text : ts.sys.readFile(path);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => project,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => path === file || ts.sys.fileExists(path),
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  return { service, file };
}

/** Unions of names in an order of their own: the compiler's changes with whatever else it has seen. Long ones, which grow, without their end. */
function settled(shown: string): string {
  return shown.replace(/"\w+"(?: \| "\w+")+/g, (union) => {
    const names = union.split(' | ').sort();
    return names.length > 8 ? `${names.slice(0, 3).join(' | ')} | …` : names.join(' | ');
  });
}

const isShown = (line: string): boolean => line.startsWith('//');

/** The code of a golden text: its lines without those that say what is shown. */
function codeOf(text: string): string[] {
  return text.split('\n').filter((line) => !isShown(line) || line.startsWith('// #'));
}

describe('hovers', () => {
  // below a line of code, `//   ^` points at what the mouse is over, and the lines after that are what is shown: the type, and how the docstring begins
  const text = readFileSync(golden('hovers.txt'), 'utf8');
  const { service, file } = open('hovers.mts', codeOf(text).join('\n'));

  test('compile', () => {
    const messages = service.getSemanticDiagnostics(file).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(messages).toEqual([]);
  });

  test('show names, with their docstrings, and no machinery', () => {
    const actual: string[] = [];
    let offset = 0;
    let above = 0;
    for (const line of text.split('\n')) {
      if (!isShown(line) || line.startsWith('// #')) {
        actual.push(line);
        above = offset;
        offset += line.length + 1;
      } else if (/^\/\/ *\^$/.test(line)) {
        const shown = service.getQuickInfoAtPosition(file, above + line.indexOf('^'));
        const [firstLine = ''] = ts.displayPartsToString(shown?.documentation).split('\n');
        const type = ts.displayPartsToString(shown?.displayParts).split('\n');
        actual.push(line, ...type.map((part) => `// ${part}`), ...(firstLine === '' ? [] : [`//     ${firstLine}`]));
      }
    }
    same('hovers.txt', actual.join('\n'));
  });

  test('need few instantiations', () => {
    // 9,500 when this was written; inferred schemas in a signature cost tens of thousands
    expect(service.getProgram()?.getInstantiationCount()).toBeLessThan(20_000);
  });
});

test('mistakes are named by the compiler', () => {
  const text = readFileSync(golden('mistakes.txt'), 'utf8');
  const code = codeOf(text);
  const { service, file } = open('mistakes.mts', code.join('\n'));
  const source = service.getProgram()?.getSourceFile(file);
  const messages = new Map<number, string[]>();
  for (const { start = 0, messageText } of service.getSemanticDiagnostics(file)) {
    const line = source?.getLineAndCharacterOfPosition(start).line ?? 0;
    messages.set(line, [...(messages.get(line) ?? []), ...ts.flattenDiagnosticMessageText(messageText, '\n').split('\n')]);
  }
  same('mistakes.txt', code.flatMap((line, i) => [line, ...(messages.get(i) ?? []).map((part) => `// ${part}`)]).join('\n'));
  // every statement is a mistake, but for the imports and what is declared for them
  const silent = code.filter((line, i) => /^(await \w+[.(]|void |for )/.test(line) && !messages.has(i));
  expect(silent).toEqual([]);
});
