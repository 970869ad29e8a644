/** A comparable picture of a network namespace, for tests that must leave nothing behind: `expect(snapshot()).toEqual(before)`. */
import { readdirSync } from 'node:fs';
import { ipEntries, type Json, type NetnsRef, nftObjects, sh } from './oracle.ts';
import { isRouteByItself, volatile as ofThisMoment } from './picture.ts';

/** What {@link snapshot} sees, in the words of `ip -d -j` and `nft -j`. */
export interface Snapshot {
  readonly links: readonly Json[];
  /** Of both families, with the link that has them. */
  readonly addresses: readonly Json[];
  /** Of every table and both families, without those that come by themselves in their own time. */
  readonly routes: readonly Json[];
  readonly rules: readonly Json[];
  readonly nexthops: readonly Json[];
  readonly ruleset: readonly Json[];
  /** The names in /run/netns. They belong to the mount namespace of this process, whatever namespace is asked for. */
  readonly namespaces: readonly string[];
  readonly sysctls: string;
}

/** Fields that tell the time or count packets, and would differ between two pictures of the same state. */
const volatile = new Set([...Object.keys(ofThisMoment), 'expires', 'age']);
const forever = 4294967295;

/** What `ip` is asked, by the family that it is asked for: each batch takes one process, and answers in one line each. */
const questions = {
  '': { links: 'link show', addresses: 'address show', routes4: 'route show table all', rules4: 'rule show', nexthops: 'nexthop show' },
  '-6': { routes6: 'route show table all', rules6: 'rule show' },
} as const;
const mark = '-- end of an answer --';
/** In one shell: a process as large as a test runner takes longer to fork than any of these takes to answer. */
const script = `set -e\n${[
  ...Object.entries(questions).map(([family, asked]) => `ip ${family} -d -j -batch - <<'END'\n${Object.values(asked).join('\n')}\nEND`),
  'nft -j list ruleset',
].join(`\necho '${mark}'\n`)}`;
const sysctlScript = '(cd /proc/sys/net && grep -s . ipv4/ip_forward ipv4/conf/*/forwarding ipv6/conf/*/forwarding || true)';

/**
 * @param netns the namespace to look at, by default that of this process
 * @param withSysctls whether to look at sysctls; without, there are none of them
 */
export function snapshot(netns?: NetnsRef, withSysctls = true): Snapshot {
  const [unspecified = '', inet6 = '', ruleset = '', sysctls = ''] = sh(
    withSysctls ? `${script}\necho '${mark}'\n${sysctlScript}` : script,
    { netns },
  ).split(`${mark}\n`);
  const { links, addresses, routes4, rules4, nexthops } = answered(questions[''], unspecified);
  const { routes6, rules6 } = answered(questions['-6'], inet6);
  return {
    links: sorted(stable(links), (link) => link.ifindex),
    addresses: sorted(stable(addresses), (link) => link.ifindex),
    routes: sorted(stable([...routes4, ...routes6].filter((route) => !isRouteByItself(route))), JSON.stringify),
    rules: stable([...rules4, ...rules6]),
    nexthops: stable(nexthops),
    ruleset: nftObjects(ruleset).map(stableRule),
    namespaces: namedNamespaces(),
    sysctls,
  };
}

function answered<K extends string>(asked: Readonly<Record<K, string>>, text: string): Record<K, Json[]> {
  const answers = text.split('\n').filter((line) => line.trim() !== '');
  const names = Object.keys(asked) as K[];
  if (answers.length !== names.length) throw new Error(`ip gave ${answers.length} answers to ${names.length} questions: ${text}`);
  return Object.fromEntries(names.map((name, i) => [name, ipEntries(answers[i]!)])) as Record<K, Json[]>;
}

/** The names `ip netns` would list. */
export function namedNamespaces(): string[] {
  try {
    return readdirSync('/run/netns').sort();
  } catch {
    return [];
  }
}

function sorted<T>(items: T[], key: (item: T) => number | string): T[] {
  return items.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** A copy without the volatile fields; a lifetime is `'limited'` or left as it is. */
function stable<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(stable) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    if (volatile.has(key)) continue;
    if (key === 'valid_life_time' || key === 'preferred_life_time') copy[key] = field === forever || field === 0 ? field : 'limited';
    else copy[key] = stable(field);
  }
  return copy as T;
}

/** One object of `nft -j` without its handle and counts: two rulesets that do the same look the same. */
function stableRule(object: Json): Json {
  if (Array.isArray(object)) return object.map(stableRule);
  if (typeof object !== 'object' || object === null) return object;
  const copy: Record<string, unknown> = {};
  for (const [key, field] of Object.entries<Json>(object)) {
    if (key === 'handle' || key === 'expires') continue;
    if (key === 'counter' && typeof field === 'object' && field !== null) {
      const { packets: _packets, bytes: _bytes, ...rest } = field;
      copy[key] = stableRule(rest);
    } else if (key === 'quota' && typeof field === 'object' && field !== null) {
      const { used: _used, used_unit: _unit, ...rest } = field;
      copy[key] = stableRule(rest);
    } else if (key === 'elem' && Array.isArray(field)) {
      // a hash table lists its elements in no order
      copy[key] = sorted(field.map(stableRule), JSON.stringify);
    } else copy[key] = stableRule(field);
  }
  return copy;
}
