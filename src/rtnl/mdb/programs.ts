/** What can be done with multicast databases: which ports of a bridge, or other ends of a vxlan, want a group. Source: bridge(8), "bridge mdb". */
import { formatAddress, parseAddress } from '../../netlink/address.ts';
import { type Listed, type ListOptions, listing, listMembers, messages, streaming } from '../../netlink/dump.ts';
import { NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_BULK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import { AF_BRIDGE } from '../family.ts';
import { checkVlan, checkVni } from '../fdb/spec.ts';
import { linkNames, rememberedLinkNames } from '../link/names.ts';
import { describeLink, type LinkRef, type Named, notFound, resolveLink, resolveLinks } from '../link/reference.ts';
import { type RouteProtocol, routeProtocol } from '../route/enumerations.ts';
import { infosOf, type MdbEntry, type MdbState, mdbIndexes, mdbState, toMdbEntry } from './entry.ts';
import {
  deleteMdb,
  getMdb,
  type MdbEntryHeader,
  type MdbInfo,
  type MdbMessage,
  type MdbWanted,
  newMdb,
  type SetMdbInput,
} from './message.ts';
import type { RouterPort } from './router.ts';
import { type MdbPlan, type MdbSelector, type MdbSpec, planMdb, planMdbKey, renameMdbPath } from './spec.ts';

export interface MdbFilter extends ListOptions {
  /** Only the database of this bridge or vxlan. */
  dev?: LinkRef;
  /** Only groups wanted at this port. */
  port?: LinkRef;
  /** Only entries of this VLAN. */
  vlan?: number;
}

/** A port of a bridge that multicast routers are behind. */
export interface MdbRouter extends Pick<RouterPort, 'vlan' | 'type'> {
  /** Name of the bridge. */
  dev?: string;
  /** Index of the bridge. */
  devIndex: number;
  /** Name of the port. */
  port?: string;
  /** Index of the port. */
  portIndex: number;
  /** Seconds until the port is none any more; left out for a permanent one. */
  timer?: number;
}

/** Which entries to delete. Everything that is said must hold for an entry. */
export interface MdbFlush extends CallOptions {
  /** The bridge or vxlan. */
  dev: LinkRef;
  /** Only entries of this port. */
  port?: LinkRef;
  /** Only entries of this VLAN. */
  vlan?: number;
  /** Only entries in this state. */
  state?: MdbState;
  /** Only entries that this one made. */
  protocol?: RouteProtocol;
  /** vxlan: only what is sent here. */
  dst?: string;
  /** vxlan: only what is sent to this UDP port. */
  dstPort?: number;
  /** vxlan: only what is sent with this VNI. */
  vni?: number;
  /** vxlan that carries many VNIs: only entries of this one. */
  srcVni?: number;
}

const filterMembers = memberNames<Omit<MdbFilter, keyof ListOptions>>({ dev: true, port: true, vlan: true });
const routerFilterMembers = memberNames<Pick<MdbFilter, 'dev'>>({ dev: true });
const flushMembers = memberNames<Omit<MdbFlush, keyof CallOptions>>({
  dev: true,
  port: true,
  vlan: true,
  state: true,
  protocol: true,
  dst: true,
  dstPort: true,
  vni: true,
  srcVni: true,
});

/** The databases of all bridges and vxlans: the kernel does not filter. */
function dumpOf(index: number | undefined): Omit<Listed<MdbMessage, unknown>, 'convert'> {
  return {
    request: { operation: getMdb, flags: 0, value: { family: AF_BRIDGE }, expects: 'dump', subject: 'multicast databases' },
    keep: (wire) => index === undefined || wire.index === index,
  };
}

function* listed(filter: MdbFilter = {}): Program<Listed<MdbMessage, MdbEntry>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  if (filter.vlan !== undefined) checkVlan(filter.vlan, 'vlan');
  const index = filter.dev === undefined ? undefined : yield* resolveLink(filter.dev, 'dev');
  const port = filter.port === undefined ? undefined : yield* resolveLink(filter.port, 'port');
  const namesOf = rememberedLinkNames();
  return {
    ...dumpOf(index),
    *convert(wires) {
      const names = yield* namesOf(wires.flatMap(mdbIndexes));
      return wires.flatMap((wire) =>
        infosOf(wire)
          .filter((info) => (port === undefined || info.port === port) && (filter.vlan === undefined || info.vlan === filter.vlan))
          .map((info) => toMdbEntry(info, wire.index, names)),
      );
    },
    interrupted: filter.interrupted,
  };
}

const ticksPerSecond = 100;

function* routersListed(filter: Pick<MdbFilter, 'dev'> & ListOptions = {}): Program<Listed<MdbMessage, MdbRouter>> {
  checkOptions(filter, 'filter', routerFilterMembers, listMembers);
  const index = filter.dev === undefined ? undefined : yield* resolveLink(filter.dev, 'dev');
  const namesOf = rememberedLinkNames();
  return {
    ...dumpOf(index),
    *convert(wires) {
      const names = yield* namesOf(wires.flatMap((wire) => [wire.index, ...(wire.router?.ports ?? []).map((port) => port.index)]));
      return wires.flatMap((wire) =>
        (wire.router?.ports ?? []).map((found): MdbRouter => {
          const router: MdbRouter = { devIndex: wire.index, portIndex: found.index };
          const dev = names.get(wire.index);
          if (dev !== undefined) router.dev = dev;
          const port = names.get(found.index);
          if (port !== undefined) router.port = port;
          if (found.type !== undefined) router.type = found.type;
          if (found.vlan !== undefined) router.vlan = found.vlan;
          if (found.timer !== undefined && found.timer !== 0) router.timer = found.timer / ticksPerSecond;
          return router;
        }),
      );
    },
    interrupted: filter.interrupted,
  };
}

function describe({ subject, dev }: MdbPlan): string {
  return `group ${subject} on ${describeLink(dev.ref)}`;
}

interface Located {
  readonly index: number;
  readonly port: number;
  readonly via: number | undefined;
}

function* located({ dev, port, via }: MdbPlan): Program<Located> {
  const named = [dev, port, via].filter((link): link is Named => link !== undefined);
  const indexes = yield* resolveLinks(named);
  const indexOf = (link: Named | undefined): number | undefined => (link === undefined ? undefined : indexes[named.indexOf(link)]);
  const index = indexOf(dev)!;
  return { index, port: indexOf(port) ?? index, via: indexOf(via) };
}

function messageOf({ entry, wanted }: MdbPlan, { index, port, via }: Located): SetMdbInput {
  const attributes: MdbWanted = via === undefined ? wanted : { ...wanted, via };
  const value: SetMdbInput = { family: AF_BRIDGE, index, entry: { ...entry, port } as MdbEntryHeader };
  if (Object.keys(attributes).length > 0) value.wanted = attributes;
  return value;
}

function* change(operation: Operation<SetMdbInput, MdbMessage>, flags: number, plan: MdbPlan): Program<void> {
  const value = messageOf(plan, yield* located(plan));
  try {
    yield* ask({ operation, flags, value, expects: 'ack' as const, subject: describe(plan), rename: renameMdbPath });
  } catch (error) {
    throw notFound(error, plan.dev.ref, plan.dev.argument);
  }
}

function* create(spec: MdbSpec): Program<void> {
  yield* change(newMdb, NLM_F_CREATE | NLM_F_EXCL, planMdb(spec));
}

function* replace(spec: MdbSpec): Program<void> {
  yield* change(newMdb, NLM_F_CREATE | NLM_F_REPLACE, planMdb(spec));
}

function* remove(spec: MdbSelector): Program<void> {
  yield* change(deleteMdb, 0, planMdbKey(spec));
}

function* ensureAbsent(spec: MdbSelector): Program<void> {
  const plan = planMdbKey(spec);
  try {
    if ((yield* stored(plan)) !== undefined) yield* remove(spec);
  } catch (error) {
    if (error instanceof NotFoundError) return;
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
  }
}

function* get(spec: MdbSelector): Program<MdbEntry> {
  const plan = planMdbKey(spec);
  const found = yield* stored(plan);
  if (found === undefined) throw new NotFoundError('group', describe(plan), 'ENOENT');
  const { info, index } = found;
  return toMdbEntry(info, index, yield* linkNames([index, info.port, ...(info.via === undefined ? [] : [info.via])]));
}

function* stored(plan: MdbPlan): Program<{ info: MdbInfo; index: number } | undefined> {
  const where = yield* located(plan);
  for (const wire of yield* groupMessages(plan, where.index)) {
    const info = infosOf(wire).find((candidate) => matches(plan, where, candidate));
    if (info !== undefined) return { info, index: wire.index };
  }
  return undefined;
}

function* groupMessages({ entry, wanted, dev, subject }: MdbPlan, index: number): Program<readonly MdbMessage[]> {
  const attributes: MdbWanted = {};
  if (wanted.source !== undefined) attributes.source = wanted.source;
  if (wanted.srcVni !== undefined) attributes.srcVni = wanted.srcVni;
  const { address, protocol, vlan = 0 } = entry;
  const value = {
    family: AF_BRIDGE,
    index,
    entry: { address, protocol, vlan } as MdbEntryHeader,
    ...(Object.keys(attributes).length > 0 ? { wanted: attributes } : {}),
  };
  try {
    return [
      yield* ask({ operation: getMdb, flags: 0, value, expects: 'reply' as const, subject: `group ${subject}`, rename: renameMdbPath }),
    ];
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    if (error.code === 'ENOENT') return [];
    if (error.code !== 'EOPNOTSUPP') throw notFound(error, dev.ref, dev.argument);
    return yield* messages(dumpOf(index));
  }
}

function matches({ entry, wanted }: MdbPlan, { index, port, via }: Located, info: MdbInfo): boolean {
  return (
    info.port === port &&
    info.protocol === entry.protocol &&
    Buffer.compare(info.address, entry.address!) === 0 &&
    info.vlan === (entry.vlan ?? 0) &&
    info.source === wanted.source &&
    (wanted.dst === undefined || info.dst === wanted.dst) &&
    (wanted.dstPort === undefined || info.dstPort === undefined || info.dstPort === wanted.dstPort) &&
    (wanted.vni === undefined || info.vni === undefined || info.vni === wanted.vni) &&
    (via === undefined || via === index || info.via === via)
  );
}

function* ensure(spec: MdbSpec): Program<void> {
  const plan = planMdb(spec);
  const found = yield* stored(plan);
  if (found === undefined) yield* change(newMdb, NLM_F_CREATE | NLM_F_EXCL, plan);
  else if (!isSo(spec, plan, found.info)) yield* change(newMdb, NLM_F_CREATE | NLM_F_REPLACE, plan);
}

function isSo(spec: MdbSpec, { entry, wanted }: MdbPlan, info: MdbInfo): boolean {
  if (spec.state !== undefined && entry.state !== info.state) return false;
  if (wanted.mode !== undefined && wanted.mode !== info.mode) return false;
  if (wanted.protocolOfOrigin !== undefined && wanted.protocolOfOrigin !== info.protocolOfOrigin) return false;
  if (wanted.sourceList === undefined) return true;
  const list = (sources: readonly { address?: string }[] | undefined): string =>
    (sources ?? [])
      .map(({ address }) => address)
      .sort()
      .join();
  return list(wanted.sourceList.sources) === list(info.sourceList?.sources);
}

function* flush(spec: MdbFlush): Program<void> {
  checkOptions(spec, 'flush', flushMembers);
  const entry: Partial<MdbEntryHeader> = {};
  const wanted: MdbWanted = {};
  if (spec.vlan !== undefined) {
    checkVlan(spec.vlan, 'vlan');
    entry.vlan = spec.vlan;
  }
  if (spec.state !== undefined) {
    entry.state = inArgument('state', () => mdbState.valueOf(spec.state!));
    inArgument('state', () => checkInteger(entry.state, 0, 1));
    wanted.stateMask = mdbState.values.permanent;
  }
  if (spec.protocol !== undefined)
    wanted.protocolOfOrigin = inArgument('protocol', () => routeProtocol.nameOf(routeProtocol.valueOf(spec.protocol!)));
  if (spec.dst !== undefined) wanted.dst = inArgument('dst', () => formatAddress(parseAddress(spec.dst)));
  if (spec.dstPort !== undefined) {
    inArgument('dstPort', () => checkInteger(spec.dstPort, 1, 0xffff));
    wanted.dstPort = spec.dstPort;
  }
  for (const member of ['vni', 'srcVni'] as const) {
    const given = spec[member];
    if (given === undefined) continue;
    checkVni(given, member);
    wanted[member] = given;
  }
  const links: Named[] = [{ ref: spec.dev, argument: 'dev' }];
  if (spec.port !== undefined) links.push({ ref: spec.port, argument: 'port' });
  const [index, port] = yield* resolveLinks(links);
  if (port !== undefined) entry.port = port;
  const value: SetMdbInput = { family: AF_BRIDGE, index: index!, entry: entry as MdbEntryHeader };
  if (Object.keys(wanted).length > 0) value.wanted = wanted;
  const subject = `groups of ${describeLink(spec.dev)}`;
  try {
    yield* ask({ operation: deleteMdb, flags: NLM_F_BULK, value, expects: 'ack' as const, subject, rename: renameMdbPath });
  } catch (error) {
    throw notFound(error, spec.dev, 'dev');
  }
}

/** The programs of {@link RtnlClient.mdb}. */
export const mdbPrograms = {
  /** @throws InputError for a bad filter; NotFoundError when `dev` or `port` does not exist */
  list: listing(listed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /** @throws InputError for a bad filter; NotFoundError when `dev` does not exist */
  routers: listing(routersListed),

  /**
   * One entry. Linux 6.8 is asked for its group; of an older one, the databases are read.
   *
   * @throws NotFoundError `ENODEV` for a link, `ENOENT` for the entry
   */
  get,

  /**
   * Adds an entry.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when a link does not exist
   * @throws NetlinkError `EEXIST` when there is one
   */
  create,

  /** Adds an entry, or overwrites the one that is there: since Linux 6.3. */
  replace,

  /**
   * Deletes an entry.
   *
   * @throws NetlinkError `ENOENT` or `EINVAL` when there is none, by the kernel
   */
  delete: remove,

  /** Adds an entry unless it is there as `spec` says; one that differs is overwritten (since Linux 6.3). */
  ensure,

  /** Deletes an entry if it is there. A link that does not exist has none. */
  ensureAbsent,

  /**
   * Deletes the entries that `spec` describes, with one request: since Linux 6.8.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when a link does not exist
   * @throws UnsupportedError for a kernel that cannot
   */
  flush,
} as const;
