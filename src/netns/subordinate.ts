/** The ids that a user may give to others in a user namespace of his own. Sources: subuid(5), subgid(5), newuidmap(1). */
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { IdRange } from './rootless.ts';

/**
 * The user's own id as root, and behind it the ranges of /etc/subuid or /etc/subgid: what unshare(1) maps with `--map-root-user --map-auto`.
 *
 * @returns undefined when there are none, or nothing that would map them
 */
export function subordinateMap(sort: 'uid' | 'gid'): readonly IdRange[] | undefined {
  const ranges = rangesIn(`/etc/sub${sort}`);
  if (ranges.length === 0 || (process.geteuid!() !== 0 && !isInstalled(`new${sort}map`))) return undefined;
  const map: IdRange[] = [{ inside: 0, outside: sort === 'uid' ? process.geteuid!() : process.getegid!(), count: 1 }];
  let inside = 1;
  for (const { outside, count } of ranges) {
    map.push({ inside, outside, count });
    inside += count;
  }
  return map;
}

/** Those of the user, by name or by number; the groups' too are the user's. */
function rangesIn(file: string): { outside: number; count: number }[] {
  const owners = new Set([`${process.geteuid!()}`, nameOfUser()]);
  return textOf(file)
    .split('\n')
    .flatMap((line) => {
      const match = /^([^:#]+):(\d+):(\d+)\s*$/.exec(line);
      if (match === null || !owners.has(match[1]!)) return [];
      const [outside, count] = [Number(match[2]), Number(match[3])];
      return count === 0 ? [] : [{ outside, count }];
    });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES') return '';
    throw error;
  }
}

function nameOfUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined; // not in passwd(5)
  }
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => folder !== '' && existsSync(`${folder}/${program}`));
}
