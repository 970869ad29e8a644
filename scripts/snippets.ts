/** Writes the snippets of the documentation to test/snippets, for the type checker and the tests: test/support/snippets.ts. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { snippetModules } from '../test/support/snippets.ts';

const folder = fileURLToPath(new URL('../test/snippets', import.meta.url));
const modules = snippetModules();
for (const file of readdirSync(folder)) if (!modules.has(`${folder}/${file}`)) rmSync(`${folder}/${file}`);
for (const [file, code] of modules) writeFileSync(file, code);
console.log([...modules.keys()].join('\n'));
