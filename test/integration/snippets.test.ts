/** Every snippet of the documentation that is marked so, run: in one process, on a stage that is emptied between them. As root, over the default transport. */
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import { bundle } from '../support/bundled.ts';
import { needs } from '../support/kernel.ts';
import { limit } from '../support/oracle.ts';
import type { SnippetResult } from '../support/snippet-runner.ts';
import { pages } from '../support/snippets.ts';

const documented = pages().map((page) => ({
  ...page,
  snippets: page.snippets.map((snippet) => ({ ...snippet, needed: needs(...snippet.kinds.map((kind) => ({ kind }))) })),
}));
const results = new Map<string, SnippetResult>();

/** A machine of its own, where names are nobody else's. */
const alone = ['--net', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh'];

beforeAll(() => {
  const runs = documented.map(({ name, snippets }) => {
    const chosen = snippets.filter(({ needed }) => needed.missing.length === 0).map(({ needed, ...snippet }) => snippet);
    return `await runSnippets(${JSON.stringify(chosen)}, await import('../snippets/${basename(name)}.ts'));`;
  });
  const program = bundle(`import { runSnippets } from '../support/snippet-runner.ts';\n${runs.join('\n')}`);
  try {
    const { stdout, stderr } = spawnSync('unshare', [...alone, process.execPath, program.file], {
      env: { ...program.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      encoding: 'utf8',
      timeout: limit,
      maxBuffer: 64 * 1024 * 1024,
    });
    expect(stderr).toBe('');
    for (const line of stdout.trim().split('\n')) results.set(...(JSON.parse(line) as [string, SnippetResult]));
  } finally {
    program.remove();
  }
});

for (const { path, snippets } of documented)
  describe(path, () => {
    for (const { title, line, shows, prints, needed } of snippets)
      needed.test(`${title.slice(path.length + 2)}, line ${line}`, () => {
        const { snippet, replaced } = results.get(title) ?? { snippet: { error: 'it did not run to its end', printed: '', shown: [] } };
        expect(snippet.error).toBeUndefined();
        for (const pattern of prints) expect(snippet.printed).toMatch(new RegExp(pattern));
        for (const [i, { pattern }] of shows.entries()) expect(snippet.shown[i]?.trim()).toMatch(new RegExp(pattern));
        if (replaced === undefined) return;
        expect(replaced.error).toBeUndefined();
        for (const [i, { pattern }] of shows.entries()) expect(replaced.shown[i]?.trim()).toMatch(new RegExp(pattern));
      });
  });
