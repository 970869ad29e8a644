/** Where namespaces are to be found: under their names and wherever else they are mounted, with the processes in them, and with what this process has open. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
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
  for (const path of mountedAt()) add(path);
  for (const fd of names(descriptors)) if (isNamespace(`${descriptors}/${fd}`)) add(`${descriptors}/${fd}`);
  for (const pid of names('/proc')) if (/^\d+$/.test(pid)) add(`/proc/${pid}/ns/net`);
  return [...paths.values()];
}

const descriptors = '/proc/self/fd';

function isNamespace(link: string): boolean {
  try {
    return readlinkSync(link).startsWith('net:');
  } catch {
    // it was that of the listing
    return false;
  }
}

/** Mount points of namespaces, as container engines have them: the fourth field of a mount is what is mounted, and the fifth where. Source: proc_pid_mountinfo(5). */
function mountedAt(): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').matchAll(/^\S+ \S+ \S+ net:\[\d+\] (\S+) /gm);
  return Array.from(mounts, ([, path]) =>
    path!.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
  );
}
