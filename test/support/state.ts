/** A comparable picture of a network namespace, for tests that must leave nothing behind: `expect(snapshot()).toEqual(before)`. */
import { readdirSync } from 'node:fs';
import { ipEntries, type Json, type NetnsRef, nftObjects, sh } from './oracle.ts';

/** What {@link snapshot} sees, in the words of `ip -d -j` and `nft -j`. */
export interface Snapshot {
  readonly links: readonly Json[];
  /** Of both families, with the link that has them. */
  readonly addresses: readonly Json[];
  /** Of every table and both families. */
  readonly routes: readonly Json[];
  readonly rules: readonly Json[];
  readonly nexthops: readonly Json[];
  readonly ruleset: readonly Json[];
  /** The names in /run/netns. They belong to the mount namespace of this process, whatever namespace is asked for. */
  readonly namespaces: readonly string[];
  readonly sysctls: string;
}

/** Fields that tell the time or count packets, and would differ between two pictures of the same state. */
const volatile = new Set([
  'gc_timer',
  'hello_timer',
  'tcn_timer',
  'topology_change_timer',
  'message_age_timer',
  'forward_delay_timer',
  'hold_timer',
  'stats',
  'stats64',
  'expires',
  'age',
  'used',
  'tentative',
]);

const forever = 4294967295;

/** What is asked, each by itself. In one shell: a process as large as a test runner takes longer to fork than any of these takes to answer. */
const questions = {
  links: 'ip -d -j link show',
  addresses: 'ip -d -j address show',
  routes4: 'ip -4 -d -j route show table all',
  routes6: 'ip -6 -d -j route show table all',
  rules4: 'ip -4 -d -j rule show',
  rules6: 'ip -6 -d -j rule show',
  nexthops: 'ip -d -j nexthop show',
  ruleset: 'nft -j list ruleset',
  sysctls: '(cd /proc/sys/net && grep -s . ipv4/ip_forward ipv4/conf/*/forwarding ipv6/conf/*/forwarding || true)',
};
const mark = '-- end of an answer --';
const script = `set -e\n${Object.values(questions)
  .map((question) => `${question}; echo; echo '${mark}'`)
  .join('\n')}`;

/** @param netns the namespace to look at, by default that of this process */
export function snapshot(netns?: NetnsRef): Snapshot {
  const texts = sh(script, { netns }).split(`\n${mark}\n`);
  const answers = Object.fromEntries(Object.keys(questions).map((name, i) => [name, texts[i] ?? ''])) as Record<
    keyof typeof questions,
    string
  >;
  return {
    links: sorted(stable(ipEntries(answers.links)), (link) => link.ifindex),
    addresses: sorted(stable(ipEntries(answers.addresses)), (link) => link.ifindex),
    routes: sorted(stable([...ipEntries(answers.routes4), ...ipEntries(answers.routes6)]), JSON.stringify),
    rules: stable([...ipEntries(answers.rules4), ...ipEntries(answers.rules6)]),
    nexthops: stable(ipEntries(answers.nexthops)),
    ruleset: nftObjects(answers.ruleset).map(stableRule),
    namespaces: namedNamespaces(),
    sysctls: answers.sysctls,
  };
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
