/** The runtimes of test/runtimes, which scripts/test.ts installs, and how each runs a file. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Runtime {
  /** As messages name it: `node-22`, `deno`, `bun`. */
  readonly name: string;
  /** The command line before the file. */
  readonly command: readonly string[];
}

const folder = fileURLToPath(new URL('../runtimes/node_modules', import.meta.url));

function entries(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

/** Those that are installed. */
export function installedRuntimes(): Runtime[] {
  return [
    ...entries(folder)
      .filter((name) => name.startsWith('node-'))
      .map((name) => ({ name: name.replace(/-\w+$/, ''), command: [`${folder}/${name}/bin/node`] })),
    ...entries(`${folder}/@deno`).map((name) => ({ name: 'deno', command: [`${folder}/@deno/${name}/deno`, 'run', '-A'] })),
    ...entries(`${folder}/@oven`).map((name) => ({ name: 'bun', command: [`${folder}/@oven/${name}/bin/bun`] })),
  ];
}

/** This Node.js and those that are installed. */
export function runtimes(): Runtime[] {
  return [{ name: `node ${process.version}`, command: [process.execPath] }, ...installedRuntimes()];
}
