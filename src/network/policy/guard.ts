/** Keeps endpoints from speaking for others: what is put in the table of {@link guardTable} for each. */
import { formatAddress, parseHardwareAddress } from '../../netlink/address.ts';
import { ask, type Program } from '../../netlink/program.ts';
import { change } from '../../nft/change/change.ts';
import type { Change } from '../../nft/change/shared.ts';
import { elementPrograms } from '../../nft/elements.ts';
import { isMissing } from '../../nft/missing.ts';
import { ownerEntry, ownerKey } from '../../nft/owner.ts';
import type { NftSet } from '../../nft/set-definition.ts';
import { transaction } from '../../nft/transaction.ts';
import { setting } from '../requests.ts';
import { changeTable, sweepTable, unlessMissing } from '../rule-table.ts';
import { type Guarded, guardSets, guardTable } from './guard-table.ts';

/** What an endpoint may send from. */
interface Own {
  readonly mac: string;
  readonly addresses: readonly string[];
}

/** The link-local address that the kernel gives a link by its hardware address (RFC 4291, appendix A). */
export function linkLocalAddress(mac: string): string {
  const bytes = parseHardwareAddress(mac);
  return formatAddress(
    Uint8Array.from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, bytes[0]! ^ 2, bytes[1]!, bytes[2]!, 0xff, 0xfe, bytes[3]!, bytes[4]!, bytes[5]!]),
  );
}

function changesOf(guarded: Guarded, link: string, { mac, addresses }: Own, what: 'ensure' | 'delete'): Change[] {
  const sets = guardSets(guarded);
  const of = (set: NftSet | undefined, mine: readonly string[]): Change[] =>
    set === undefined || mine.length === 0
      ? []
      : [
          change.elements[what](
            set,
            mine.map((address) => [link, address]),
          ),
        ];
  const isIpv6 = (address: string): boolean => address.includes(':');
  return [
    ...of(sets.mac, [mac]),
    ...of(
      sets.inet,
      addresses.filter((address) => !isIpv6(address)),
    ),
    ...of(sets.inet6, addresses.filter(isIpv6)),
  ];
}

const keyPrefix = 'guard:';

/** Lets an endpoint send from what is its own alone. Nothing is said of its link yet. */
export function* guard(guarded: Guarded, link: string, mac: string, addresses: readonly string[]): Program<void> {
  const own: Own = { mac, addresses: [...addresses, linkLocalAddress(mac)] };
  // what to remove again, beside the link
  const entry = ownerEntry(`${keyPrefix}${[own.mac, ...own.addresses].join(' ')}`);
  const table = guardTable(guarded);
  yield* changeTable(table, [
    change.elements.ensure(table.links, [{ key: link, userdata: [entry] }]),
    ...changesOf(guarded, link, own, 'ensure'),
  ]);
}

const attempts = 64;

/** Forgets what is said of a link. It may be gone, and so may all of this. */
export function* removeGuard(guarded: Guarded, link: string): Program<void> {
  const table = guardTable(guarded);
  for (let attempt = 1; ; attempt++) {
    const [found] = yield* unlessMissing(elementPrograms.get(table.links, [link]), []);
    const key = ownerKey(found?.userdata);
    if (found === undefined || key === undefined || !key.startsWith(keyPrefix)) return;
    const [mac, ...addresses] = key.slice(keyPrefix.length).split(' ') as [string, ...string[]];
    try {
      // made first, unless they are there: somebody may have taken some of them out
      const own = (['ensure', 'delete'] as const).flatMap((what) => changesOf(guarded, link, { mac, addresses }, what));
      yield* transaction([change.elements.delete(table.links, [link]), ...own]);
    } catch (error) {
      // somebody else was at work on it
      if (!isMissing(error) || attempt >= attempts) throw error;
      continue;
    }
    yield* sweepTable(table);
    return;
  }
}

/** Lets an endpoint talk to the host, and to what is behind it, but to no other endpoint that this is said of. */
export function* isolatePort(index: number, subject: string): Program<void> {
  yield* ask(setting({ index, port: { kind: 'bridge', data: { isolated: true } } }, subject));
}
