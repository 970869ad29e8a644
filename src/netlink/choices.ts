/** What errors say where a name is not known: which names there are, or where those are many the ones that are spelled nearly like it. */
import { show } from './scalar.ts';

/** So many names are read through at a glance. */
const few = 16;
/** Beyond so many a list helps nobody. */
const most = 60;

/** `"blu" is none of red, green, blue`; where there are many, `"oifnam" is none of 33 names (did you mean oifname?)` */
export function noneOf(value: unknown, known: Iterable<string>): string {
  const names = [...known];
  const close = names.length > few && typeof value === 'string' ? nearest(value, names) : [];
  return `${show(value)} is none of ${close.length === 0 ? list(names) : `${names.length} names ${question(close)}`}`;
}

/** `reason`, and what the unknown name `key` could have been: `is no option of this call; it has red, green, blue`. */
export function withChoices(reason: string, key: string, known: Iterable<string>): string {
  const names = [...known];
  if (names.length === 0) return `${reason}; it has none`;
  const close = names.length > few ? nearest(key, names) : [];
  return close.length === 0 ? `${reason}; it has ${list(names)}` : `${reason} ${question(close)}`;
}

function list(names: readonly string[]): string {
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** In brackets: more may follow. */
function question(names: readonly string[]): string {
  return `(did you mean ${names.join(' or ')}?)`;
}

/** `(did you mean bridge?)`, or nothing: for a name that was not looked up here. */
export function meant(name: string, known: Iterable<string>): string {
  const names = nearest(name, [...known]);
  return names.length === 0 ? '' : ` ${question(names)}`;
}

/** The names that are spelled most like `name`, three at most; none when all are too far from it. */
export function nearest(name: string, known: readonly string[]): string[] {
  const plain = simplified(name);
  const limit = Math.max(1, Math.floor(plain.length / 3));
  return known
    .map((candidate, i) => ({ candidate, i, distance: distanceOf(plain, simplified(candidate)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || a.i - b.i)
    .filter(({ distance }, _, [closest]) => distance === closest!.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `vlan_id`, `vlan-id` and `VLANid` are `vlanId` to whoever types them. */
function simplified(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}

/** How many letters are to be put in, left out, changed or swapped with the next; what one name only begins is one step from it. */
function distanceOf(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length >= 3 && b.length >= 3 && (a.startsWith(b) || b.startsWith(a))) return 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}
