/** Which file of the sources imports which. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('../../src', import.meta.url));

/** What a file imports, as paths below src/. */
export interface Imports {
  /** Evaluated before the file itself is. */
  readonly values: readonly string[];
  /** Seen by the compiler alone, or loaded when first called for. */
  readonly others: readonly string[];
  /** Packages, and modules of Node's. */
  readonly packages: readonly string[];
}

/** By path below src/. */
export function importGraph(): Map<string, Imports> {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.d)\.ts$/.test(file));
  return new Map(files.sort().map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): Imports {
  const text = readFileSync(join(sources, file), 'utf8');
  const from = (path: string): string => relative(sources, join(sources, dirname(file), path));
  const found = [...text.matchAll(/^(?:import|export)\s+(?:(type)\s+)?(?:[^;'"]*?\s+from\s+)?'([^']+)'/gm)].map(([, type, path]) => ({
    type: type !== undefined,
    path: path as string,
  }));
  const late = [...text.matchAll(/(?:import|require)\('([^']+)'\)/g)].map(([, path]) => path as string);
  return {
    values: found.filter(({ type, path }) => !type && path.startsWith('.')).map(({ path }) => from(path)),
    others: [...found.filter(({ type }) => type).map(({ path }) => path), ...late].filter((path) => path.startsWith('.')).map(from),
    packages: [...found.map(({ path }) => path), ...late].filter((path) => !path.startsWith('.')),
  };
}

/** Files that import each other, in whatever number of steps: none, or each circle once. (Tarjan's strongly connected components.) */
export function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    open.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) visit(next);
      if (open.includes(next)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(next)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1 || graph.get(file)?.includes(file)) found.push(circle.sort());
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}
