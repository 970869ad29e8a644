/** Where namespaces are to be found: under their names, and with the processes in them. */
import { readdirSync, statSync } from 'node:fs';
import { nameDirectories } from '../../netlink/sys/namespace.ts';

/** A path for each namespace that can be found, each once. */
export function namespacePaths(): string[] {
  const paths = new Map<string, string>();
  const add = (path: string): void => {
    try {
      const { dev, ino } = statSync(path, { bigint: true });
      const id = `${dev}:${ino}`;
      if (!paths.has(id)) paths.set(id, path);
    } catch {
      // it ended meanwhile, or is another user's
    }
  };
  const names = (directory: string): string[] => {
    try {
      return readdirSync(directory);
    } catch {
      return [];
    }
  };
  for (const name of names(nameDirectories[0])) add(`${nameDirectories[0]}/${name}`);
  for (const pid of names('/proc')) if (/^\d+$/.test(pid)) add(`/proc/${pid}/ns/net`);
  return [...paths.values()];
}
