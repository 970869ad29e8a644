/** Order of the chains at a hook: lower runs earlier. Sources: include/uapi/linux/netfilter_ipv4.h (enum nf_ip_hook_priorities), netfilter_bridge.h; nft(8), CHAINS. */
import { InputError } from '../netlink/errors.ts';
import { show } from '../netlink/scalar.ts';
import type { Family } from './nfnetlink.ts';

/** The names nft gives to common priorities. */
export type PriorityName = 'raw' | 'mangle' | 'dstnat' | 'filter' | 'security' | 'out' | 'srcnat';

const ip: Readonly<Record<string, number>> = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 };
const bridge: Readonly<Record<string, number>> = { dstnat: -300, filter: -200, out: 100, srcnat: 300 };
const other: Readonly<Record<string, number>> = { filter: 0 };

function named(family: Family): Readonly<Record<string, number>> {
  if (family === 'bridge') return bridge;
  return family === 'arp' || family === 'netdev' ? other : ip;
}

/**
 * Number of a priority: a number, a name, or a name with an offset (`'srcnat + 10'`). The same name stands for different
 * numbers in different families.
 *
 * @throws InputError naming `priority`
 */
export function priorityNumber(priority: unknown, family: Family): number {
  if (typeof priority === 'number') {
    if (!Number.isInteger(priority) || priority < -(2 ** 31) || priority >= 2 ** 31)
      throw new InputError('priority', `expected an integer of 32 bits, got ${priority}`, 'ERR_OUT_OF_RANGE');
    return priority;
  }
  const match = typeof priority === 'string' ? /^([a-z]+)(?:\s*([+-])\s*(\d{1,9}))?$/.exec(priority) : null;
  const names = named(family);
  const base = match === null ? undefined : Object.hasOwn(names, match[1]!) ? names[match[1]!] : undefined;
  if (match === null || base === undefined)
    throw new InputError(
      'priority',
      `${show(priority)} is no number and none of ${Object.keys(names).join(', ')} (in the family ${family})`,
    );
  return base + (match[2] === '-' ? -1 : 1) * Number(match[3] ?? 0);
}
