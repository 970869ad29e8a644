/**
 * What there is to know of a network namespace: its names, the ids that it and others have for each other, the processes inside, and the links
 * that lead to other namespaces. Sources: ip-netns(8), include/uapi/linux/net_namespace.h.
 */
import { NetloomError, NotFoundError } from '../netlink/errors.ts';
import { Host } from '../netlink/host.ts';
import { SyncHost } from '../netlink/host-sync.ts';
import { checkOptions } from '../netlink/input.ts';
import { askEach, type CallOptions, type Program, scoped, within } from '../netlink/program.ts';
import { closeNamespace, type NamespaceRef, type OpenNamespace, openNamespace } from '../netlink/sys/namespace.ts';
import { perTransport } from '../netlink/transport/default.ts';
import type { Link } from '../rtnl/link/link.ts';
import { list as listLinks } from '../rtnl/link/read.ts';
import { namespaceIdRequest, namespaceIds, notAssigned } from '../rtnl/netns-id/message.ts';
import { netnsIdPrograms } from '../rtnl/netns-id/programs.ts';
import { listNames, type NetnsEntry } from './name.ts';
import { inodeOf, processesByNamespace } from './process.ts';

/** A link whose other end, or whose link below, is in another namespace. */
export interface NetnsBorderLink {
  /** Name of the link in the namespace that was looked at. */
  readonly name: string;
  /** Index of the link in the namespace that was looked at. */
  readonly index: number;
  /** `veth`, `macvlan`, … */
  readonly kind?: string;
  /** Index of the other end or of the link below, in its own namespace. */
  readonly peerIndex?: number;
}

/** Another namespace that one has an id for. */
export interface NetnsPeer {
  /** The id that the namespace has for it. */
  readonly nsid: number;
  /** The id that it has for the namespace; left out when it has none. */
  readonly nsidThere?: number;
  /** Device and inode, as in {@link NetnsEntry.id}; left out when it has no name and no process that may be looked at. */
  readonly id?: string;
  /** Its names, sorted. */
  readonly names: readonly string[];
  /** The processes inside, those that may be looked at. */
  readonly processes: readonly number[];
  /** The links of the namespace that lead there. */
  readonly links: readonly NetnsBorderLink[];
}

/** A network namespace and what surrounds it. */
export interface NetnsDetails {
  /** Device and inode. */
  readonly id: string;
  /** Its names, sorted. */
  readonly names: readonly string[];
  /** The id that the namespace of the caller has for it; left out when it has none. */
  readonly nsid?: number;
  /** The processes inside, those that may be looked at: see `pids`. */
  readonly processes: readonly number[];
  /** The namespaces that it has ids for, by id. */
  readonly peers: readonly NetnsPeer[];
}

const none: ReadonlySet<string> = new Set();

const host = perTransport((openTransport) => new Host({ openTransport }));
const syncHost = perTransport((openTransport) => new SyncHost({ openTransport }));

/** The names, and the ids that the namespace of the caller has for what they name: as many as asking for them is permitted. */
export function listWithIds(): NetnsEntry[] {
  const entries = listNames();
  const listed: NetnsEntry[] = [];
  // no more descriptors than the process can spare, however many names there are
  for (let i = 0; i < entries.length; i += namesAtOnce) listed.push(...withIds(entries.slice(i, i + namesAtOnce)));
  return listed;
}

const namesAtOnce = 64;

function withIds(entries: readonly NetnsEntry[]): readonly NetnsEntry[] {
  const opened: (OpenNamespace | undefined)[] = [];
  try {
    for (const { problem, path } of entries) opened.push(problem === undefined ? openOrUndefined(path) : undefined);
    if (opened.every((namespace) => namespace === undefined)) return entries;
    const ids = syncHost().run(idsOf(opened), {});
    return entries.map((entry, i) => (ids[i] === undefined ? entry : { ...entry, nsid: ids[i] }));
  } finally {
    for (const namespace of opened) if (namespace !== undefined) closeNamespace(namespace);
  }
}

/** The ids that the namespace where it runs has for others. */
function* idsOf(namespaces: readonly (OpenNamespace | undefined)[]): Program<(number | undefined)[]> {
  const there = namespaces.filter((namespace) => namespace !== undefined);
  const outcomes = (yield* askEach(there.map(({ fd, describe }) => namespaceIdRequest(fd, describe)))) as {
    ok: boolean;
    value?: { nsid?: number };
    error?: Error;
  }[];
  let next = 0;
  return namespaces.map((namespace) => {
    if (namespace === undefined) return undefined;
    const { ok, value, error } = outcomes[next++]!;
    if (!ok) throw error;
    return value!.nsid === notAssigned ? undefined : value!.nsid;
  });
}

/** Undefined when what the reference names is gone by now, or may not be opened. @throws NetloomError of another reason */
function openOrUndefined(reference: NamespaceRef): OpenNamespace | undefined {
  try {
    return openNamespace(reference);
  } catch (error) {
    if (
      error instanceof NotFoundError ||
      (error instanceof NetloomError && ['EACCES', 'EPERM', 'ERR_INVALID_ARG_VALUE'].includes(error.code))
    )
      return undefined;
    throw error;
  }
}

/**
 * Tells what a network namespace is and what it is connected to.
 *
 * @throws InputError, NotFoundError, SystemError, ClosedError for the reference; SystemError `EPERM` without CAP_SYS_ADMIN to look into it
 */
export async function inspect(reference: NamespaceRef, options: CallOptions = {}): Promise<NetnsDetails> {
  checkOptions(options, 'options', none);
  const survey = new Survey(reference);
  try {
    return await host().run(survey.inspect(), options);
  } finally {
    survey.close();
  }
}

/** {@link inspect}, in place. */
export function inspectSync(reference: NamespaceRef, options: CallOptions = {}): NetnsDetails {
  checkOptions(options, 'options', none);
  const survey = new Survey(reference);
  try {
    return syncHost().run(survey.inspect(), options);
  } finally {
    survey.close();
  }
}

/** A namespace that a name, a process or the caller itself leads to. */
interface Candidate {
  readonly id: string;
  readonly namespace: OpenNamespace;
}

class Survey {
  private readonly target: OpenNamespace;
  private readonly names = new Map<string, string[]>();
  private readonly processes: Map<string, number[]>;

  constructor(reference: NamespaceRef) {
    this.target = openNamespace(reference, 'reference');
    try {
      for (const { id, name } of listNames()) if (id !== undefined) this.names.set(id, [...(this.names.get(id) ?? []), name]);
      this.processes = processesByNamespace();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    closeNamespace(this.target);
  }

  *inspect(): Program<NetnsDetails> {
    const { id } = this.target;
    const [nsid] = yield* idsOf([this.target]);
    // a namespace gets its id when a link that leads there is first shown
    const links = yield* scoped(this.target, listLinks());
    const ids = yield* scoped(this.target, namespaceIds());
    const peers = yield* this.peersOf(ids, links);
    return {
      id,
      names: this.names.get(id) ?? [],
      ...(nsid === undefined ? {} : { nsid }),
      processes: this.processesOf(id),
      peers: peers.sort((a, b) => a.nsid - b.nsid),
    };
  }

  private processesOf(id: string): readonly number[] {
    return this.processes.get(inodeOf(id)) ?? [];
  }

  private *peersOf(ids: readonly number[], links: readonly Link[]): Program<NetnsPeer[]> {
    const missing = new Set(ids);
    const peers: NetnsPeer[] = [];
    const add = (nsid: number, rest: Partial<NetnsPeer> & { id?: string }): void => {
      missing.delete(nsid);
      const { id } = rest;
      peers.push({
        nsid,
        ...rest,
        names: (id !== undefined && this.names.get(id)) || [],
        processes: id === undefined ? [] : this.processesOf(id),
        links: links.filter((link) => link.linkNetnsid === nsid).map(border),
      });
    };
    for (const open of this.candidates()) {
      if (missing.size === 0) break;
      const candidate = open();
      if (candidate === undefined) continue;
      try {
        const [nsid] = yield* scoped(this.target, idsOf([candidate.namespace]));
        if (nsid === undefined || !missing.has(nsid)) continue;
        const [nsidThere] = yield* scoped(candidate.namespace, idsOf([this.target])); // none, as long as nobody has looked from there
        add(nsid, { id: candidate.id, ...(nsidThere === undefined ? {} : { nsidThere }) });
      } finally {
        closeNamespace(candidate.namespace);
      }
    }
    for (const nsid of [...missing]) add(nsid, {});
    return peers;
  }

  /** Each namespace once: that of the caller, those with names, and those with processes alone. */
  private *candidates(): Generator<() => Candidate | undefined> {
    const seen = new Set<string>();
    const of = (reference: NamespaceRef) => (): Candidate | undefined => {
      const namespace = openOrUndefined(reference);
      if (namespace === undefined) return undefined;
      if (!seen.has(namespace.id)) {
        seen.add(namespace.id);
        return { id: namespace.id, namespace };
      }
      closeNamespace(namespace);
      return undefined;
    };
    yield of('/proc/thread-self/ns/net');
    for (const [name] of this.names.values()) yield of(name!);
    for (const [pid] of this.processes.values()) yield of(pid!);
  }
}

function border({ name, index, kind, peerIndex, linkIndex }: Link): NetnsBorderLink {
  const other = peerIndex ?? linkIndex;
  return { name, index, ...(kind === undefined ? {} : { kind }), ...(other === undefined ? {} : { peerIndex: other }) };
}

/**
 * Gives a network namespace an id in that of the caller, or in `netns`: a small number that listings of links name it by. It is
 * kept as long as both exist. `ip netns set`.
 *
 * @param nsid 0 or more. Default: one that is free
 * @returns the id
 * @throws InputError, NotFoundError, SystemError for a reference; NetlinkError `EEXIST` when it has an id, `ENOSPC` when another has this one
 */
export async function setId(reference: NamespaceRef, nsid?: number, options: SetIdOptions = {}): Promise<number> {
  return await host().run(assigned(reference, nsid, options), options);
}

/** {@link setId}, in place. */
export function setIdSync(reference: NamespaceRef, nsid?: number, options: SetIdOptions = {}): number {
  return syncHost().run(assigned(reference, nsid, options), options);
}

export interface SetIdOptions extends CallOptions {
  /** The namespace that is to have the id. Default: that of the caller. */
  readonly netns?: NamespaceRef;
}

const setIdMembers: ReadonlySet<string> = new Set(['netns']);

function* assigned(reference: NamespaceRef, nsid: number | undefined, options: SetIdOptions): Program<number> {
  checkOptions(options, 'options', setIdMembers);
  const spec = nsid === undefined ? {} : { nsid };
  return (yield* within(options.netns, 'netns', () => netnsIdPrograms.create(reference, spec))).nsid;
}
