/** C peers are compiled where a compiler and libmnl are there. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a C peer needs, for the report. */
export const compilerPackages = 'apt-get install gcc libc6-dev libmnl-dev';

/** Compiles `peers/NAME.c`; undefined when that is not possible. */
export function compile(name: string): string | undefined {
  const program = join(mkdtempSync(join(tmpdir(), 'netloom-bench-')), name);
  const source = fileURLToPath(new URL(`peers/${name}.c`, import.meta.url));
  return spawnSync('cc', ['-O2', '-o', program, source, '-lmnl']).status === 0 ? program : undefined;
}
