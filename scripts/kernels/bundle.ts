/**
 * The test files as an emulated processor takes them best: transformed and joined beforehand, here, so that the machine loads a few modules
 * instead of some hundred, each of which vitest would read, transform and send to its worker. It saves two thirds of what vitest needs before
 * the first test.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const integration = 'test/integration';
const reporter = 'scripts/reporter';

export interface Bundle {
  /** vitest's configuration for it. */
  readonly config: string;
  /** scripts/reporter.ts, built as well. */
  readonly reporter: string;
  readonly remove: () => void;
}

/** The test files whose path has one of the words in it, as vitest chooses; all when there are none. */
export function testFiles(tree: string, words: readonly string[]): string[] {
  const files = readdirSync(join(tree, integration))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `${integration}/${file}`);
  return words.length === 0 ? files : files.filter((file) => words.some((word) => file.includes(word)));
}

/** Builds test files, by their path in the tree, in a folder of their own beneath node_modules: packages are found from there. */
export async function bundleTests(tree: string, files: readonly string[], timeoutFactor: number): Promise<Bundle> {
  const cache = join(tree, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'netloom-kernels-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await build({
      absWorkingDir: tree,
      entryPoints: [...files, `${reporter}.ts`],
      outdir: folder,
      outbase: '.',
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      packages: 'external',
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'warning',
      plugins: [placesOfSources],
    });
    const config = join(folder, 'vitest.config.mjs');
    writeFileSync(config, `export default ${configuration(tree, folder, timeoutFactor)};\n`);
    return { config, reporter: join(folder, `${reporter}.mjs`), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Modules that look for files beside themselves find them where the source is. */
const placesOfSources: Plugin = {
  name: 'places-of-sources',
  setup({ onLoad }) {
    onLoad({ filter: /\/(src|test)\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes('import.meta.url')) return undefined;
      return { contents: source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'ts' };
    });
  },
};

/** As the project `integration` in vitest.config.ts, for what is built: nothing but the setup file is left to transform. One test file at a time. */
function configuration(tree: string, folder: string, timeoutFactor: number): string {
  const timeout = 60_000 * timeoutFactor;
  return `{
  root: ${JSON.stringify(folder)},
  test: {
    name: 'integration',
    include: ['${integration}/*.test.mjs'],
    exclude: [],
    setupFiles: [${JSON.stringify(join(tree, 'test/support/isolation.ts'))}],
    pool: 'forks',
    maxWorkers: 1,
    // stack traces lead to the sources
    execArgv: ['--enable-source-maps'],
    // node loads it as it is
    server: { deps: { external: [/netloom-kernels-/] } },
    testTimeout: ${timeout},
    hookTimeout: ${timeout},
    expect: { poll: { timeout: ${timeout / 2} } },
  },
}`;
}
