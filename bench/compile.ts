/** C peers are compiled where a compiler and libmnl are there. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a C peer needs, for the report. */
export const compilerPackages = 'apt-get install gcc libc6-dev libmnl-dev';

/** Compiles `peers/NAME.c`; undefined where there is no compiler or no libmnl. @throws Error with what the compiler says against it */
export function compile(name: string): string | undefined {
  if (spawnSync('cc', ['-E', '-x', 'c', '-'], { input: '#include <libmnl/libmnl.h>\n' }).status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'netloom-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, name);
  const source = fileURLToPath(new URL(`peers/${name}.c`, import.meta.url));
  const { status, stderr } = spawnSync('cc', ['-O2', '-o', program, source, '-lmnl'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`peers/${name}.c is not compiled: ${stderr}`);
  return program;
}
