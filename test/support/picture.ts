/** What `ip -d -j` shows in two namespaces, made comparable. Every rule says why what it hides may differ. */
import type { Json } from './oracle.ts';

/** Members that tell the time or count, and differ between two looks at the same thing. */
export const volatile: Readonly<Record<string, string>> = {
  gc_timer: 'time until the next sweep',
  hello_timer: 'time until the next hello',
  tcn_timer: 'time until the next notification',
  topology_change_timer: 'time since the last change',
  message_age_timer: 'age of the last message',
  forward_delay_timer: 'time until the state changes',
  hold_timer: 'time until the next message may go',
  mcast_querier_state: 'time until another querier is believed gone',
  stats: 'counters',
  stats64: 'counters',
  used: 'age of the last use',
  tentative: 'true until duplicate address detection is over',
};

/** Seconds left: the two were made one after the other, on a machine that may be busy. */
const remaining = new Set(['valid_life_time', 'preferred_life_time', 'expires']);
const patience = 300;
const forever = 0xffffffff;

/** Numbers that the kernel gave out; names stand beside them. */
const generated: Readonly<Record<string, string>> = {
  ifindex: 'what else was created before decides it; the name is compared',
  link_index: 'the index of the link below in another namespace',
};

/** A copy without what tells the time, entries of a dump in an order of its own. */
export function comparable(value: Json): Json {
  if (Array.isArray(value))
    return inOrder(value.filter((member) => typeof member !== 'object' || member === null || !isPassing(member)).map(comparable));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, Json> = {};
  for (const [key, member] of Object.entries<Json>(value)) if (!(key in volatile)) copy[key] = comparable(member);
  return copy;
}

/** An entry of a multicast database that the bridge itself has joined: it comes some time after the bridge is up, and goes. And routes that come by themselves. */
function isPassing(member: Json): boolean {
  return (member?.state === 'temp' && member.port !== undefined && member.port === member.dev) || isRouteByItself(member);
}

/** A route of IPv6 that a worker of the kernel's makes, a while after a link is up (to ff00::/8) or an address is there (to itself). */
export function isRouteByItself({ dst, type, protocol }: Json): boolean {
  return protocol === 'kernel' && typeof dst === 'string' && dst.includes(':') && (type === 'multicast' || type === 'local');
}

/** Routes to one network through several links, as every link has one to ff00::/8, are listed in the order in which the links came up: a race. */
function inOrder(list: Json[]): Json[] {
  const place = (member: Json): string => `${member.dst} ${member.metric ?? ''} ${member.dev ?? ''}`;
  if (list.some((member) => typeof member?.dst !== 'string')) return list;
  return list.sort((a, b) => (place(a) < place(b) ? -1 : Number(place(a) > place(b))));
}

/**
 * A copy of `picture` in which what may differ from `reference` is made equal to it:
 * - members that the kernel numbers, and those in `ignored`, are left out;
 * - hardware addresses that no command mentioned were made up by the kernel at random, and so were those within bridge ids;
 * - seconds left may have passed.
 */
export function alike(picture: Json, reference: Json, mentioned: string, ignored: Readonly<Record<string, string>> = {}): Json {
  const copy = (value: Json, other: Json, key?: string): Json => {
    if (typeof value === 'string') return withoutMadeUp(value, mentioned);
    if (typeof value === 'number') return key !== undefined && remaining.has(key) && near(value, other) ? other : value;
    if (Array.isArray(value)) return value.map((member, i) => copy(member, Array.isArray(other) ? other[i] : undefined, key));
    if (typeof value !== 'object' || value === null) return value;
    const result: Record<string, Json> = {};
    for (const [name, member] of Object.entries<Json>(value)) {
      if (name in generated || name in ignored) continue;
      result[name] = copy(member, other?.[name], name);
    }
    return result;
  };
  return copy(picture, reference);
}

/** Addresses of which the kernel makes up none: nothing, everybody, groups. */
const fixed = /^(00:00:00:00:00:00|ff:ff:ff:ff:ff:ff|01:00:5e.*|33:33.*|01:80:c2.*)$/;
const hardwareAddress = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
/** A priority and an address without leading zeros. The kernel puts the address in when the bridge is given one or gets a port. */
const bridgeId = /^([0-9a-f]{4})\.([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/;

function withoutMadeUp(value: string, mentioned: string): string {
  const [, priority] = bridgeId.exec(value) ?? [];
  if (priority !== undefined) return `${priority}.<made up>`;
  if (!hardwareAddress.test(value) || fixed.test(value) || mentioned.toLowerCase().includes(value)) return value;
  return '<made up>';
}

function near(value: number, other: Json): boolean {
  return typeof other === 'number' && value !== forever && other !== forever && Math.abs(value - other) <= patience;
}
