/**
 * What a network of the driver ptp keeps apart. Its endpoints have nothing in common that a rule could name, as those of a bridge have the bridge; so each network that needs it has a table of its own,
 * `inet netloom@NAME`, with the set of its endpoints' links.
 */
import type { Program } from '../../netlink/program.ts';
import { change } from '../../nft/change/change.ts';
import { elementPrograms } from '../../nft/elements.ts';
import { counter, ct, drop, meta, rule } from '../../nft/language/index.ts';
import { ownerEntry, ownerKey } from '../../nft/owner.ts';
import type { NftSet } from '../../nft/set-definition.ts';
import type { Statement } from '../../nft/statements/statement.ts';
import type { TableRef } from '../../nft/table.ts';
import { tablePrograms } from '../../nft/tables.ts';
import { transaction } from '../../nft/transaction.ts';
import { traitsOf } from '../driver/traits.ts';
import { ifUnlocked } from '../lock.ts';
import { isEndpointLinkName, linkGroup, lockName } from '../name.ts';
import type { NetworkDefinition } from '../record.ts';
import { linkOf } from '../requests.ts';
import { setOf, unlessMissing } from '../rule-table.ts';

const prefix = 'netloom@';

function tableOf(network: string): TableRef {
  return { family: 'inet', name: `${prefix}${network}` };
}

function linksOf(network: string): NftSet {
  return setOf(tableOf(network), 'endpoints', { type: 'ifname' });
}

/** The set of such a table; undefined: it is another table. */
export function linksOfTable(table: string): NftSet | undefined {
  return table.startsWith(prefix) ? linksOf(table.slice(prefix.length)) : undefined;
}

/** Whether a network has such a table. */
export function hasLinksTable(network: NetworkDefinition): boolean {
  return traitsOf(network).host === 'veth' && (network.isolate || network.internal || network.isolatePorts || network.publishedOnly);
}

function rulesOf({ isolate, internal, isolatePorts, publishedOnly }: NetworkDefinition): Statement[][] {
  const from = meta.iifname.in('@endpoints');
  const to = meta.oifname.in('@endpoints');
  const [fromOthers, toOthers] = [meta.iifname.not('@endpoints'), meta.oifname.not('@endpoints')];
  const unpublished = ct.status.none('dnat');
  return [
    ...(isolate
      ? [
          rule(from, toOthers, meta.oifgroup.in(linkGroup), unpublished, counter(), drop()),
          rule(to, fromOthers, meta.iifgroup.in(linkGroup), unpublished, counter(), drop()),
        ]
      : []),
    ...(internal ? [rule(from, toOthers, counter(), drop()), rule(to, fromOthers, counter(), drop())] : []),
    ...(publishedOnly ? [rule(to, fromOthers, ct.state.none('established', 'related'), unpublished, counter(), drop())] : []),
    ...(isolatePorts ? [rule(from, to, unpublished, counter(), drop())] : []),
  ];
}

/** Makes the table of a network that has one. What a process that died left of such a network's is replaced. */
export function* makeLinksTable(network: NetworkDefinition): Program<void> {
  if (!hasLinksTable(network)) return;
  const table = tableOf(network.name);
  const place = { family: table.family, table: table.name };
  yield* transaction(
    [
      change.tables.ensure({ ...table, userdata: [ownerEntry('container')] }),
      change.tables.delete(table),
      change.tables.create({ ...table, userdata: [ownerEntry('container')] }),
      change.sets.create(linksOf(network.name)),
      // before anybody's rules that accept: a drop is the last word, an accept is not
      change.chains.create({ ...place, name: 'isolation', type: 'filter', hook: 'forward', priority: -10 }),
      ...rulesOf(network).map((statements) =>
        change.rules.add({ ...place, chain: 'isolation', statements, comment: `network ${network.name}` }),
      ),
    ],
    { echo: false },
  );
}

/** Removes the table of a network, if there is one. */
export function* removeLinksTable(network: string): Program<void> {
  yield* unlessMissing(transaction([change.tables.delete(tableOf(network))], { echo: false }), undefined);
}

/** Notes that a link is one of the network's. @throws NetlinkError `ENOENT` when somebody has deleted the table */
export function* enterLink(network: NetworkDefinition, link: string): Program<void> {
  if (hasLinksTable(network)) yield* enterLinks(network.name, [link]);
}

/** Notes that links are a network's that has the table. @throws NetlinkError `ENOENT` when somebody has deleted it */
export function* enterLinks(network: string, links: readonly string[]): Program<void> {
  if (links.length > 0) yield* transaction([change.elements.ensure(linksOf(network), links)], { echo: false });
}

/** Whether the table of a network, which has one, has a link. */
export function* knowsLink(network: string, link: string): Program<boolean> {
  return (yield* unlessMissing(elementPrograms.get(linksOf(network), [link]), [])).length > 0;
}

/** Forgets a link. It may be forgotten already, and so may the table. */
export function* forgetLink(network: string, link: string): Program<void> {
  yield* unlessMissing(transaction([change.elements.delete(linksOf(network), [link])], { echo: false }), undefined);
}

/** The networks that have such a table. */
export function* networksWithTables(): Program<string[]> {
  const tables = yield* tablePrograms.list({ family: 'inet' });
  // somebody else's may be called so, too
  return tables.flatMap(({ name, userdata }) =>
    name.startsWith(prefix) && ownerKey(userdata) !== undefined ? [name.slice(prefix.length)] : [],
  );
}

/** Forgets the links of a network that are gone: the kernel removes links with their namespaces, and nothing from sets. @param except those that have other names now */
export function* forgetGone(network: string, except: ReadonlySet<string> = new Set()): Program<void> {
  for (const { key } of yield* unlessMissing(elementPrograms.list(linksOf(network)), [])) {
    const link = String(key);
    if (!isEndpointLinkName(link) || except.has(link) || (yield* linkOf(link)) !== undefined) continue;
    // it may be made anew meanwhile, and is in the set already then
    yield* ifUnlocked(lockName(link), function* (): Program<void> {
      if ((yield* linkOf(link)) === undefined) yield* forgetLink(network, link);
    });
  }
}
