/**
 * A project of a user's, for every test of this folder: the tarball that would be published, installed by npm without install scripts.
 * dist has to be built before (`npm test` does). What npm does not find in its cache it asks the registry for.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the project. */
    project: string;
    /** The tarball. */
    tarball: string;
  }
}

export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'netloom-package-'));
  const npm = (...args: string[]): void => {
    execFileSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund'], { encoding: 'utf8', stdio: 'pipe', timeout: 300_000 });
  };
  npm('pack', '--pack-destination', folder);
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  // CommonJS unless a file's name says otherwise: the harder case
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', version: '1.0.0', private: true }));
  npm('install', '--prefix', folder, '--prefer-offline', tarball, '@types/node@20');
  provide('project', folder);
  provide('tarball', tarball);
  return () => rmSync(folder, { recursive: true, force: true });
}
