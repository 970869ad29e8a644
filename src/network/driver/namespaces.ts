/** Where namespaces are to be found: under their names and wherever else they are mounted, with the processes in them, and with what this process has open. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { nameDirectories } from '../../netlink/sys/namespace.ts';

/** A path for each namespace that can be found, each once. */
export function namespacePaths(): string[] {
  const paths = new Map<string, string>();
  for (const path of allPaths()) {
    const id = idOf(path);
    if (id !== undefined && !paths.has(id)) paths.set(id, path);
  }
  return [...paths.values()];
}

/** A path of the namespace with an identity, `device:inode`; undefined: nothing leads to it. */
export function namespacePath(id: string): string | undefined {
  for (const path of allPaths()) if (idOf(path) === id) return path;
  return undefined;
}

function* allPaths(): Generator<string> {
  for (const name of names(nameDirectories[0])) yield `${nameDirectories[0]}/${name}`;
  yield* mountedAt();
  for (const fd of names(descriptors)) if (isNamespace(`${descriptors}/${fd}`)) yield `${descriptors}/${fd}`;
  for (const pid of names('/proc')) if (/^\d+$/.test(pid)) yield `/proc/${pid}/ns/net`;
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** undefined: it ended meanwhile, or is another user's. */
function idOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
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
