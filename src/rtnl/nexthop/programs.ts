/** What can be done with nexthop objects. Source: include/uapi/linux/nexthop.h, ip-nexthop(8). */
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkBoolean, checkCallOptions, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import { ask, askEach, type CallOptions, type Program } from '../../netlink/program.ts';
import { linkNames, rememberedLinkNames } from '../link/names.ts';
import { type LinkRef, type Named, resolveLinks } from '../link/reference.ts';
import { coversEncap } from '../route/encap/encap.ts';
import { type RouteProtocol, routeProtocol } from '../route/enumerations.ts';
import { bucket, buckets } from './buckets.ts';
import { deleteNexthop, getNexthop, type NexthopObjectMessage, type NexthopObjectMessageInput, newNexthop } from './message.ts';
import { addNexthopIndexes, type NexthopObject, toNexthop } from './nexthop.ts';
import { checkId, type NexthopObjectSpec, planNexthop, renameNexthopPath } from './spec.ts';

/** Which nexthop objects to list. */
export interface NexthopFilter extends ListOptions {
  /** Only those that leave by this link. */
  dev?: LinkRef;
  /** Only those that leave by a port of this link: a bridge or a VRF. */
  master?: LinkRef;
  /** True: groups alone. */
  groups?: boolean;
  /** True: those for forwarding tables alone; false: the others. */
  fdb?: boolean;
  /** Only objects that this one made. */
  protocol?: RouteProtocol;
  /** Count the packets of groups. Linux 6.9. */
  stats?: boolean;
}

const filterMembers = memberNames<Omit<NexthopFilter, keyof ListOptions>>({
  dev: true,
  master: true,
  groups: true,
  fdb: true,
  protocol: true,
  stats: true,
});

/** How to read one object. */
export interface GetNexthopOptions extends CallOptions {
  /** Count the packets of a group. Linux 6.9. */
  stats?: boolean;
}

const getMembers = memberNames<Omit<GetNexthopOptions, keyof CallOptions>>({ stats: true });

const statistics: NonNullable<NexthopObjectMessageInput['operationFlags']> = ['dump_stats', 'dump_hw_stats'];

function* listed(filter: NexthopFilter = {}): Program<Listed<NexthopObjectMessage, NexthopObject>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  for (const member of ['groups', 'fdb', 'stats'] as const) checkBoolean(filter[member], member);
  const protocol = filter.protocol === undefined ? undefined : inArgument('protocol', () => routeProtocol.valueOf(filter.protocol!));
  const value: NexthopObjectMessageInput = {};
  if (filter.groups === true) value.groups = true;
  if (filter.fdb === true) value.fdb = true;
  if (filter.stats === true) value.operationFlags = statistics;
  const links = (['dev', 'master'] as const).flatMap((argument): Named[] => {
    const ref = filter[argument];
    return ref === undefined ? [] : [{ ref, argument }];
  });
  const indexes = yield* resolveLinks(links);
  links.forEach(({ argument }, i) => {
    value[argument === 'dev' ? 'oif' : 'master'] = indexes[i]!;
  });
  const namesOf = rememberedLinkNames();
  return {
    request: { operation: getNexthop, flags: 0, value, expects: 'dump', subject: 'nexthops', rename: renameNexthopPath },
    keep: (wire) =>
      (value.oif === undefined || wire.oif === value.oif) &&
      (filter.groups !== true || wire.group !== undefined) &&
      (filter.fdb === undefined || (wire.fdb === true) === filter.fdb) &&
      (protocol === undefined || wire.protocol === protocol),
    *convert(wires) {
      const wanted = new Set<number>();
      for (const wire of wires) addNexthopIndexes(wanted, wire);
      const names = yield* namesOf(wanted);
      return wires.map((wire) => toNexthop(wire, names));
    },
    interrupted: filter.interrupted,
  };
}

const list = listing(listed);

function* read(id: number, options: GetNexthopOptions = {}): Program<NexthopObjectMessage> {
  const value: NexthopObjectMessageInput = { id };
  if (options.stats === true) value.operationFlags = statistics;
  try {
    return yield* ask({ operation: getNexthop, flags: 0, value, expects: 'reply' as const, subject: `nexthop ${id}` });
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
    throw new NotFoundError('id', `nexthop ${id}`, 'ENOENT', { cause: error });
  }
}

function* get(id: number, options: GetNexthopOptions = {}): Program<NexthopObject> {
  checkId(id, 'id');
  checkOptions(options, 'options', getMembers);
  checkBoolean(options.stats, 'stats');
  return yield* named(yield* read(id, options));
}

function* named(wire: NexthopObjectMessage): Program<NexthopObject> {
  const indexes = new Set<number>();
  addNexthopIndexes(indexes, wire);
  return toNexthop(wire, yield* linkNames(indexes));
}

/** Looks up the links of `spec` and makes its message. */
function* prepared(spec: NexthopObjectSpec): Program<Prepared> {
  const plan = planNexthop(spec);
  const indexes = yield* resolveLinks(plan.links);
  for (const [i, { set }] of plan.links.entries()) set(indexes[i]!);
  return { value: plan.wire, subject: plan.subject };
}

interface Prepared {
  readonly value: NexthopObjectMessageInput;
  readonly subject: string;
}

/** @returns the object as the kernel made it */
function* added({ value, subject }: Prepared): Program<NexthopObjectMessage> {
  const flags = NLM_F_CREATE | NLM_F_EXCL;
  const request = { operation: newNexthop, flags, value, expects: 'echo' as const, subject, rename: renameNexthopPath };
  return (yield* ask(request))[0] as NexthopObjectMessage;
}

/**
 * Replaces, and reads what came of it: an echo would be mixed with the notifications of the routes that use the object.
 *
 * @returns the object as the kernel made it
 */
function* replaced({ value, subject }: Prepared): Program<NexthopObjectMessage> {
  const flags = NLM_F_CREATE | NLM_F_REPLACE;
  const [made, read] = yield* askEach([
    { operation: newNexthop, flags, value, expects: 'ack' as const, subject, rename: renameNexthopPath },
    { operation: getNexthop, flags: 0, value: { id: value.id }, expects: 'reply' as const, subject },
  ] as const);
  if (!made.ok) throw made.error;
  if (!read.ok) throw read.error;
  return read.value;
}

function* create(spec: NexthopObjectSpec): Program<NexthopObject> {
  return yield* named(yield* added(yield* prepared(spec)));
}

function* replace(spec: NexthopObjectSpec): Program<NexthopObject> {
  checkId(spec?.id, 'id');
  return yield* named(yield* replaced(yield* prepared(spec)));
}

function* ensure(spec: NexthopObjectSpec): Program<NexthopObject> {
  checkId(spec?.id, 'id');
  const wanted = yield* prepared(spec);
  try {
    return yield* named(yield* added(wanted));
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
    const found = yield* read(spec.id);
    return yield* named(covers(wanted.value, found) ? found : yield* replaced(wanted));
  }
}

/** Whether `found` has everything that `wanted` says. */
function covers({ encap, flags, resilient, ...wanted }: NexthopObjectMessageInput, found: NexthopObjectMessage): boolean {
  const have = found as unknown as Record<string, unknown>;
  if (!Object.entries(wanted).every(([key, value]) => value === undefined || JSON.stringify(value) === JSON.stringify(have[key])))
    return false;
  // what is not said is not so: a path without a gateway is not one with
  for (const key of ['gateway', 'oif', 'blackhole', 'fdb', 'group'] as const)
    if (found[key] !== undefined && wanted[key] === undefined) return false;
  if (flags !== undefined && (found.flags & flags) !== flags) return false;
  if (resilient !== undefined && !Object.entries(resilient).every(([key, value]) => found.resilient?.[key as 'buckets'] === value))
    return false;
  if (encap === undefined) return found.encap === undefined;
  return found.encap !== undefined && coversEncap(wanted.encapType, encap, found.encap);
}

function* remove(id: number | { readonly id: number }, options?: CallOptions): Program<void> {
  checkCallOptions(options);
  const number = typeof id === 'object' && id !== null ? id.id : id;
  checkId(number, 'id');
  yield* ask({ operation: deleteNexthop, flags: 0, value: { id: number }, expects: 'ack' as const, subject: `nexthop ${number}` });
}

function* ensureAbsent(id: number | { readonly id: number }, options?: CallOptions): Program<void> {
  try {
    yield* remove(id, options);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
  }
}

function* flush(filter: NexthopFilter = {}): Program<number> {
  const all = yield* list(filter);
  const ordered = [...all.filter(({ group }) => group !== undefined), ...all.filter(({ group }) => group === undefined)];
  const requests = ordered.map(({ id }) => ({
    operation: deleteNexthop,
    flags: 0,
    value: { id },
    expects: 'ack' as const,
    subject: `nexthop ${id}`,
  }));
  let deleted = 0;
  for (const outcome of requests.length === 0 ? [] : yield* askEach(requests)) {
    if (outcome.ok) deleted++;
    // somebody else was faster
    else if ((outcome.error as NodeJS.ErrnoException).code !== 'ENOENT') throw outcome.error;
  }
  return deleted;
}

/** The programs of {@link RtnlClient.nexthops}. */
export const nexthopPrograms = {
  /**
   * The nexthop objects of the namespace by id, or those that `filter` describes. `dev`, `master` and `groups` are filtered by the kernel.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `dev` or `master` does not exist
   */
  list,

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * One nexthop object.
   *
   * @throws InputError, NotFoundError `ENOENT` when there is none with this id
   */
  get,

  /**
   * Adds a nexthop object.
   *
   * @returns the object as the kernel made it, with its id
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError when `dev` does not exist
   * @throws NetlinkError `EEXIST` when there is one with this id
   */
  create,

  /** Adds a nexthop object, or puts it in the place of the one with this id: the routes that use it go on with the new one. */
  replace,

  /**
   * Deletes a nexthop object; the routes that use it alone go with it, groups lose a member, and an empty group goes too.
   *
   * @throws NetlinkError `ENOENT` when there is none with this id
   */
  delete: remove,

  /**
   * Adds a nexthop object. If there is one with this id, that must have what `spec` says, or is replaced; nothing is changed when it has.
   *
   * @throws InputError also when `spec` has no id
   */
  ensure,

  /** Deletes a nexthop object, if there is one with this id. */
  ensureAbsent,

  /**
   * Deletes the nexthop objects that `filter` describes, groups before their members.
   *
   * @returns how many
   */
  flush,

  /**
   * The buckets of all resilient groups, or those that `filter` describes.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `dev`, `master` or the group does not exist
   */
  buckets,

  /**
   * One bucket of a resilient group.
   *
   * @throws NotFoundError `ENOENT` when there is no such group or bucket
   * @throws NetlinkError `EINVAL` when the group is not resilient
   */
  bucket,
} as const;
