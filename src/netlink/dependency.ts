/**
 * Loads a package netloom depends on when it is first used: importing netloom loads none of them, and no native code. It is
 * looked up at run time, also from within a bundle, so the packages have to be installed where a bundle runs.
 */
import { createRequire } from 'node:module';

/** What a bundler that makes CommonJS of this file leaves of `import.meta.url`, and has in its place. */
declare const __filename: string | undefined;

let require: NodeJS.Require | undefined;

/** The exports of an installed CommonJS package. @throws what `require` throws when it is not installed, or does not load */
export function dependency(name: string): unknown {
  return here()(name);
}

/** The file that the name of an installed package leads to. @throws what `require.resolve` throws when it is not installed */
export function resolveDependency(name: string): string {
  return here().resolve(name);
}

function here(): NodeJS.Require {
  require ??= createRequire(import.meta.url ?? __filename);
  return require;
}
