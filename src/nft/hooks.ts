/** What can be asked about hooks. Source: nft(8), LIST HOOKS. */
import { InputError, NetlinkError, UnsupportedError } from '../netlink/errors.ts';
import { askEach, type CallOptions, type Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { checkInterfaceName } from '../netlink/text.ts';
import { type Hook, hooks } from './chain.ts';
import { getHook, type HookEntry, hookFromWire, hookNeeds } from './hook.ts';
import { type Family, familyNumber } from './nfnetlink.ts';
import { checking, checkOptions } from './options.ts';

export interface HookFilter extends CallOptions {
  /** `inet` is `ip` and `ip6`. Default: all, `netdev` only with a `device`. */
  family?: Family;
  /** Default: all of the family. */
  hook?: Hook;
  /** The link whose hooks `netdev` has. */
  device?: string;
}

interface Place {
  readonly family: Exclude<Family, 'inet'>;
  readonly number: number;
}

/** The hooks that a family has in the kernel; the rest of those that chains name belong to links. */
const own = { ip: 5, ip6: 5, arp: 2, bridge: 5, netdev: 2 } as const;

function placesOf(filter: HookFilter): Place[] {
  checkFilter(filter);
  const { family, hook, device } = filter;
  const wanted: (keyof typeof own)[] =
    family === undefined
      ? ['ip', 'ip6', 'arp', 'bridge', ...(device === undefined ? [] : (['netdev'] as const))]
      : family === 'inet'
        ? ['ip', 'ip6']
        : [family];
  return wanted.flatMap((each) =>
    Object.entries(hooks[each])
      .filter(([name, number]) => number < own[each] && (hook === undefined || name === hook))
      .map(([, number]) => ({ family: each, number })),
  );
}

function checkFilter({ family, hook, device }: HookFilter): void {
  if (family !== undefined) familyNumber(family);
  const known = family === undefined ? Object.values(hooks) : [hooks[family]];
  if (hook !== undefined && !known.some((names) => Object.hasOwn(names, hook)))
    throw new InputError('hook', `${show(hook)} is no hook of the family`);
  if (device !== undefined) checking('device', () => checkInterfaceName(device));
  if (family === 'netdev' && device === undefined) throw new InputError('device', 'is needed: links have hooks of their own in netdev');
}

/** The programs of {@link NftClient.hooks}. */
export const hookPrograms = {
  /**
   * What is hooked in, in the order in which packets meet it.
   *
   * @throws UnsupportedError when the kernel cannot tell (Linux 5.14; CONFIG_NETFILTER_NETLINK_HOOK)
   * @throws NetlinkError `ENODEV` when there is no such device
   */
  *list(filter: HookFilter = {}): Program<HookEntry[]> {
    checkOptions(filter, ['family', 'hook', 'device']);
    const places = placesOf(filter);
    const outcomes = yield* askEach(
      places.map(({ family, number }) => ({
        operation: getHook,
        flags: 0,
        value: { family: familyNumber(family), number, ...(family === 'netdev' ? { device: filter.device! } : {}) },
        expects: 'dump' as const,
        subject: `hooks of ${family}`,
      })),
    );
    const entries: HookEntry[] = [];
    for (const [i, outcome] of outcomes.entries()) {
      const { family } = places[i]!;
      if (outcome.ok) for (const wire of outcome.value) entries.push(hookFromWire(wire, family === 'netdev' ? filter.device : undefined));
      else if (filter.family !== undefined || !isWithout(outcome.error)) throw explained(outcome.error);
    }
    return entries;
  },
};

/** What nfnetlink says of a part of it that the kernel lacks is EINVAL, as of nonsense; nothing that is sent from here is that. */
function explained(error: unknown): unknown {
  if (!(error instanceof NetlinkError) || error.code !== 'EINVAL') return error;
  const { syscall, subject, errno } = error;
  return new UnsupportedError({ syscall, subject, errno, hint: `needs a kernel with ${hookNeeds}` });
}

/** Whether the kernel was built without a family. */
function isWithout(error: unknown): boolean {
  return error instanceof NetlinkError && error.code === 'EPROTONOSUPPORT';
}
