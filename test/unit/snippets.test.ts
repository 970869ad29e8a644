/** The snippets of the documentation are those that the type checker has seen. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { snippetModules } from '../support/snippets.ts';

test('test/snippets is what the documentation says: npx tsx scripts/snippets.ts', () => {
  const modules = [...snippetModules()];
  expect(modules.length).toBeGreaterThan(0);
  for (const [file, code] of modules) expect(readFileSync(file, 'utf8')).toBe(code);
});
