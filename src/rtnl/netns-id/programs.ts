/** What can be done with ids of namespaces: small numbers that a namespace has for others. Source: ip-netns(8) "set", "list-id". */
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, holding, type Program } from '../../netlink/program.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import type { NamespaceRef } from '../../netlink/sys/namespace.ts';
import { getNetnsId, type NetnsIdInput, type NetnsIdMessage, newNetnsId, notAssigned } from './message.ts';

/** The id of a namespace. */
export interface AssignedNetnsId {
  /** 0 or more. It means something only in the namespace it was asked for in, or `target`. */
  nsid: number;
  /** With `target`: the id of the same namespace in that of the client; left out when it has none. */
  currentNsid?: number;
}

export interface NetnsIdOptions extends CallOptions {
  /** The namespace whose ids are meant, by its id in that of the client. Default: that of the client. */
  target?: number;
}

export interface NetnsIdFilter extends ListOptions, NetnsIdOptions {}

/** What a list returns is accepted. */
export interface CreateNetnsId extends CallOptions {
  /** The id to give, 0 or more. Default: one that is free. */
  nsid?: number;
}

const members = memberNames<Omit<NetnsIdOptions, keyof CallOptions>>({ target: true });
const createMembers = memberNames<Omit<CreateNetnsId, keyof CallOptions>>({ nsid: true });
/** Members of an {@link AssignedNetnsId} that are read only. */
const readOnly = memberNames<Omit<AssignedNetnsId, keyof CreateNetnsId>>({ currentNsid: true });

const maxId = 0x7fffffff;

function targetOf({ target }: NetnsIdOptions): NetnsIdInput {
  if (target === undefined) return {};
  inArgument('target', () => checkInteger(target, 0, maxId));
  return { targetNsid: target };
}

function toNetnsId(wire: NetnsIdMessage): AssignedNetnsId | undefined {
  if (wire.nsid === undefined || wire.nsid === notAssigned) return undefined;
  const id: AssignedNetnsId = { nsid: wire.nsid };
  if (wire.currentNsid !== undefined && wire.currentNsid !== notAssigned) id.currentNsid = wire.currentNsid;
  return id;
}

function* listed(filter: NetnsIdFilter = {}): Program<Listed<NetnsIdMessage, AssignedNetnsId>> {
  checkOptions(filter, 'filter', members, listMembers);
  return {
    request: { operation: getNetnsId, flags: 0, value: targetOf(filter), expects: 'dump', subject: 'ids of namespaces', rename },
    *convert(wires) {
      return wires.flatMap((wire) => toNetnsId(wire) ?? []);
    },
    interrupted: filter.interrupted,
  };
}

function rename(path: string): string {
  return path === 'targetNsid' ? 'target' : path;
}

function* get(netns: NamespaceRef | { readonly nsid: number }, options: NetnsIdOptions = {}): Program<AssignedNetnsId> {
  checkOptions(options, 'options', members);
  const value = targetOf(options);
  const found = yield* isId(netns) ? byId(netns.nsid, value) : byNamespace(netns, value);
  if (found === undefined) throw new NotFoundError('netns', 'an id of the namespace', 'ENOENT');
  return found;
}

function isId(netns: unknown): netns is { readonly nsid: number } {
  return typeof netns === 'object' && netns !== null && 'nsid' in netns;
}

function* byId(nsid: number, value: NetnsIdInput): Program<AssignedNetnsId | undefined> {
  inArgument('netns.nsid', () => checkInteger(nsid, 0, maxId));
  try {
    return toNetnsId(
      yield* ask({ operation: getNetnsId, flags: 0, value: { ...value, nsid }, expects: 'reply' as const, subject: `id ${nsid}`, rename }),
    );
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENOENT')
      throw new NotFoundError('netns', `a namespace with the id ${nsid}`, 'ENOENT');
    throw error;
  }
}

function* byNamespace(netns: NamespaceRef, value: NetnsIdInput): Program<AssignedNetnsId | undefined> {
  if (netns === undefined) throw new InputError('netns', 'is needed', 'ERR_INVALID_ARG_TYPE');
  return yield* holding(netns, 'netns', function* (open): Program<AssignedNetnsId | undefined> {
    const { fd, describe } = open!;
    return toNetnsId(
      yield* ask({ operation: getNetnsId, flags: 0, value: { ...value, fd }, expects: 'reply' as const, subject: describe, rename }),
    );
  });
}

function* create(netns: NamespaceRef, options: CreateNetnsId = {}): Program<AssignedNetnsId> {
  checkOptions(options, 'options', createMembers, readOnly);
  const { nsid } = options;
  if (nsid !== undefined) inArgument('nsid', () => checkInteger(nsid, 0, maxId));
  if (netns === undefined) throw new InputError('netns', 'is needed', 'ERR_INVALID_ARG_TYPE');
  return yield* holding(netns, 'netns', function* (open): Program<AssignedNetnsId> {
    const { fd, describe } = open!;
    const request = { flags: 0, subject: describe, rename };
    yield* ask({ ...request, operation: newNetnsId, value: { fd, nsid: nsid ?? notAssigned }, expects: 'ack' as const });
    return nsid === undefined
      ? toNetnsId(yield* ask({ ...request, operation: getNetnsId, value: { fd }, expects: 'reply' as const }))!
      : { nsid };
  });
}

function* ensure(netns: NamespaceRef, options: CreateNetnsId = {}): Program<AssignedNetnsId> {
  try {
    return yield* create(netns, options);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
    const found = yield* get(netns);
    if (options.nsid !== undefined && options.nsid !== found.nsid) throw error;
    return found;
  }
}

/** The programs of {@link RtnlClient.netnsIds}. */
export const netnsIdPrograms = {
  /**
   * The ids that the namespace of the client has for others, or those of another namespace.
   *
   * @throws InputError for a bad target
   * @throws NetlinkError `EINVAL` when no namespace has the id `target`
   */
  list: listing(listed),
  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),
  /**
   * The id of a namespace.
   *
   * `netns` is a name, an absolute path, a process id, a `Netns`; or `{ nsid }`: the namespace that has that id (of use with `target`).
   *
   * @throws InputError, NotFoundError, SystemError for `netns`
   * @throws NotFoundError `ENOENT` when the namespace has no id
   */
  get,
  /**
   * Gives a namespace an id. It keeps it as long as both namespaces exist.
   *
   * `netns` is a name, an absolute path, a process id, or a `Netns`.
   *
   * @returns the id
   * @throws InputError, NotFoundError, SystemError for `netns`
   * @throws NetlinkError `EEXIST` when the namespace has an id, `ENOSPC` when another has this one
   */
  create,
  /** The id of a namespace; it is given one, any that is free, if it has none. With `nsid`: it must be that one. */
  ensure,
} as const;
