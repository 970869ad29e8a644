/** Names of links for the objects that refer to them by index: listed once, and then kept by the kernel's own messages about links. */
import type { MonitorContext, Run } from '../../netlink/monitor-feed.ts';
import type { Notification } from '../../netlink/monitor-socket.ts';
import { ask, type Program } from '../../netlink/program.ts';
import { view } from '../../netlink/view.ts';
import { AF_UNSPEC } from '../family.ts';
import { ifinfomsg, type LinkMessageInput, linkAttributes, RTEXT_FILTER_SKIP_STATS } from '../link/message.ts';
import { deleteLink, newLink, readLink } from '../link/operations.ts';
import type { LinkRead } from '../link/view.ts';
import { namespaceIds } from '../netns-id/message.ts';

const none: ReadonlyMap<number, string> = new Map();
const nameView = view('IFLA', ifinfomsg, linkAttributes, ['name']);

export class LinkNames implements MonitorContext {
  private own = new Map<number, string>();
  /** Those of other namespaces, by the id of the namespace. */
  private readonly others = new Map<number, Map<number, string>>();
  private readonly allNamespaces: boolean;

  constructor(allNamespaces: boolean) {
    this.allNamespaces = allNamespaces;
  }

  /** Names of the links of a namespace, by index; undefined: of the monitor's own. */
  of(nsid: number | undefined): ReadonlyMap<number, string> {
    return nsid === undefined ? this.own : (this.others.get(nsid) ?? none);
  }

  accept({ type, bytes, offset, length, nsid }: Notification): void {
    if (type !== newLink.type && type !== deleteLink.type) return;
    // the other families tell of what they made of the link: a port that leaves its bridge is no link that goes
    if (bytes[offset] !== AF_UNSPEC) return;
    const { index, name } = nameView.decode(bytes, offset, length);
    if (type === deleteLink.type) this.writable(nsid).delete(index);
    else if (name !== undefined) this.writable(nsid).set(index, name);
  }

  private writable(nsid: number | undefined): Map<number, string> {
    if (nsid === undefined) return this.own;
    let names = this.others.get(nsid);
    if (names === undefined) {
      names = new Map();
      this.others.set(nsid, names);
    }
    return names;
  }

  async load(run: Run): Promise<void> {
    this.own = namesOf(await run(links({})));
    if (!this.allNamespaces) return;
    this.others.clear();
    for (const id of await run(namespaceIds())) {
      this.others.set(id, namesOf(await run(linksOf(id))));
    }
  }
}

function namesOf(list: readonly LinkRead[]): Map<number, string> {
  const names = new Map<number, string>();
  for (const { index, name } of list) if (name !== undefined) names.set(index, name);
  return names;
}

function* links(where: LinkMessageInput): Program<LinkRead[]> {
  const value: LinkMessageInput = { ...where, extMask: RTEXT_FILTER_SKIP_STATS };
  return yield* ask({ operation: readLink, flags: 0, value, expects: 'dump' as const, subject: 'links' });
}

/** The links of another namespace; none when it is gone by now, or when it may not be looked into. */
function* linksOf(targetNetnsid: number): Program<LinkRead[]> {
  try {
    return yield* links({ targetNetnsid });
  } catch (error) {
    if (['EINVAL', 'ENOENT', 'EACCES', 'EPERM', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
