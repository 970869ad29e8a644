/** Reads what a host is like from its kernel: namespaces, links and where they lead, addresses, routes and NAT. */
import type { GraphLink, GraphNamespace, GraphNat, GraphNetwork, GraphPort, GraphRoute, HostGraph } from '../draw/graph.ts';
import { InputError, PermissionError } from '../netlink/errors.ts';
import { askEach, holding, type Program, scoped } from '../netlink/program.ts';
import type { NamespaceRef, OpenNamespace } from '../netlink/sys/namespace.ts';
import { rulePrograms } from '../nft/rules.ts';
import type { Statement } from '../nft/statements/statement.ts';
import { addressPrograms } from '../rtnl/address/programs.ts';
import type { Link } from '../rtnl/link/link.ts';
import { linkPrograms } from '../rtnl/link/programs.ts';
import { namespaceIdRequest, namespaceIds } from '../rtnl/netns-id/message.ts';
import { routePrograms } from '../rtnl/route/programs.ts';
import type { RateLimits } from '../rtnl/tc/bandwidth.ts';
import { limitsOf } from './bandwidth/limits.ts';
import { allNetworks } from './find.ts';
import { linkGroup } from './name.ts';
import { gathered, type OwnedPort } from './ports/element.ts';
import { publishedPorts } from './ports/published.ts';
import { parseEndpoint, parseNetwork } from './record.ts';

/** A namespace as it was read. */
interface Seen {
  readonly id: string;
  readonly name?: string;
  /** The id that the host has for it. */
  readonly nsid?: number;
  readonly links: readonly Link[];
  readonly addresses: ReadonlyMap<number, readonly string[]>;
  readonly routes?: readonly GraphRoute[];
  readonly nat?: readonly GraphNat[];
}

/**
 * @param own the namespace that the program's requests go to
 * @param names of the namespaces that `ip netns` knows
 */
export function* hostGraph(own: NamespaceRef, names: readonly string[]): Program<HostGraph> {
  const networks = yield* allNetworks();
  const host = yield* holding(own, 'netns', function* (namespace): Program<Seen> {
    // the host may have an id for itself
    const nsid = yield* nsidOf(namespace!);
    return { ...(yield* seen(namespace!.id)), name: 'host', ...(nsid === undefined ? {} : { nsid }) };
  });
  const namespaces: Seen[] = [host];
  for (const name of names) {
    const found = yield* named(name);
    if (found !== undefined && !namespaces.some(({ id }) => id === found.id)) namespaces.push(found);
  }
  namespaces.push(...(yield* unnamed(namespaces)));
  const places = yield* placesIn(namespaces);
  const ports = portsOf(yield* publishedPorts());
  const limits = yield* limitsOf(
    host.links
      .filter(({ group, alias }) => group === linkGroup && parseEndpoint(alias) !== undefined)
      .map(({ name, index }) => ({ link: name, index })),
  );
  return {
    networks: networks.map(({ definition }): GraphNetwork => {
      const { name, driver, link, subnets } = definition;
      const options = (['masquerade', 'isolate', 'internal', 'isolatePorts', 'publishedOnly', 'spoofCheck'] as const).filter(
        (flag) => definition[flag],
      );
      return { name, driver, link, subnets: subnets.map(({ subnet }) => subnet), options };
    }),
    namespaces: namespaces.map((namespace): GraphNamespace => {
      const { id, name, routes, nat } = namespace;
      return {
        id,
        ...(name === undefined ? {} : { name }),
        links: namespace.links.map((link) => graphLink(namespace, link, places, namespace === host ? limits : new Map())),
        ...(routes === undefined ? {} : { routes }),
        ...(nat === undefined || nat.length === 0 ? {} : { nat }),
        ...(namespace !== host || ports.length === 0 ? {} : { ports }),
      };
    }),
  };
}

/** What is in the namespace that the program's requests go to. */
function* seen(id: string): Program<Seen> {
  return {
    id,
    links: yield* linkPrograms.list(),
    addresses: grouped(yield* addressPrograms.list()),
    routes: (yield* routePrograms.list({ table: 'main' })).flatMap(({ to, via, dev, metric, type, nexthops }): GraphRoute[] => {
      // those that come with links and their addresses say nothing new
      if (type !== 'unicast' || (via === undefined && nexthops === undefined)) return [];
      const more = metric === undefined ? {} : { metric };
      const path = (hop: { via?: string; dev?: string }): GraphRoute => ({
        to,
        ...(hop.via === undefined ? {} : { via: hop.via }),
        ...(hop.dev === undefined ? {} : { dev: hop.dev }),
        ...more,
      });
      return nexthops === undefined
        ? [path({ ...(via === undefined ? {} : { via }), ...(dev === undefined ? {} : { dev }) })]
        : nexthops.map(path);
    }),
    nat: (yield* rulePrograms.list({ statements: true })).flatMap(({ family, table, chain, comment, statements = [] }) => {
      // of the table of published ports all is told as ports
      const kind = table === 'netloom-ports' ? undefined : natKind(statements);
      if (kind === undefined) return [];
      const source = sourceOf(statements);
      return [
        {
          kind,
          ...(source === undefined ? {} : { source }),
          chain: `${family} ${table} ${chain}`,
          ...(comment === undefined ? {} : { comment }),
        },
      ];
    }),
  };
}

function grouped(addresses: readonly { address: string; index: number; scope: unknown }[]): Map<number, string[]> {
  const byLink = new Map<number, string[]>();
  for (const { address, index, scope } of addresses) {
    if (scope === 'link') continue;
    const of = byLink.get(index);
    if (of === undefined) byLink.set(index, [address]);
    else of.push(address);
  }
  return byLink;
}

const natKinds = ['masquerade', 'snat', 'dnat', 'redirect'] as const;

function natKind(statements: readonly Statement[]): GraphNat['kind'] | undefined {
  return natKinds.find((kind) => statements.some((statement) => kind in statement));
}

/** The source address or network that a rule is for. */
function sourceOf(statements: readonly Statement[]): string | undefined {
  for (const statement of statements) {
    if (!('match' in statement)) continue;
    const { left, op, right } = statement.match as { left: unknown; op: string; right: unknown };
    const field = (left as { payload?: { field?: string } }).payload?.field;
    if (field !== 'saddr' || op !== '==') continue;
    if (typeof right === 'string') return right;
    const { prefix } = right as { prefix?: { addr: unknown; len: number } };
    if (typeof prefix?.addr === 'string') return `${prefix.addr}/${prefix.len}`;
  }
  return undefined;
}

/** A namespace with a name; undefined: it went meanwhile, or is closed to this process. */
function* named(name: string): Program<Seen | undefined> {
  return yield* unlessGone(name, function* (namespace): Program<Seen> {
    const nsid = yield* nsidOf(namespace);
    return { ...(yield* scoped(namespace, seen(namespace.id))), name, ...(nsid === undefined ? {} : { nsid }) };
  });
}

/** Runs `body` with a namespace that was listed by its name. @returns undefined when it went meanwhile, or is closed to this process */
function* unlessGone<T>(name: string, body: (namespace: OpenNamespace) => Program<T>): Program<T | undefined> {
  try {
    return yield* holding(name, 'netns', (namespace) => body(namespace!));
  } catch (error) {
    if (isGoneOrClosed(error)) return undefined;
    throw error;
  }
}

/** Whether a name that was listed leads nowhere any more, or nowhere for this process. Of one that is being deleted there is a file for a moment, and nothing mounted on it. */
function isGoneOrClosed(error: unknown): boolean {
  if (error instanceof PermissionError || error instanceof InputError) return true;
  return ['ENOENT', 'EINVAL', 'EPERM', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function* nsidOf(namespace: OpenNamespace): Program<number | undefined> {
  const [answer] = yield* askEach([namespaceIdRequest(namespace.fd, namespace.describe)]);
  const nsid = answer.ok ? answer.value.nsid : undefined;
  return nsid === undefined || nsid < 0 ? undefined : nsid;
}

/** Namespaces that the host has an id for, and `ip netns` no name: those of most container engines. Their routes are not read that way. */
function* unnamed(named: readonly Seen[]): Program<Seen[]> {
  const [host] = named;
  const known = new Set(named.map(({ nsid }) => nsid));
  const found: Seen[] = [];
  for (const nsid of (yield* namespaceIds()).sort((a, b) => a - b)) {
    if (known.has(nsid)) continue;
    // the host's ends of endpoints tell which namespace it is
    const mark = host!.links
      .map((link) => (link.linkNetnsid === nsid ? parseEndpoint(link.alias) : undefined))
      .find((each) => each !== undefined);
    try {
      const links = yield* linkPrograms.list({ targetNetnsid: nsid });
      const addresses = grouped(yield* addressPrograms.list({ netnsId: nsid }));
      found.push({ id: mark?.netns ?? `nsid:${nsid}`, nsid, links, addresses });
    } catch (error) {
      // it went meanwhile, or is another user's
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EPERM' && code !== 'EACCES' && code !== 'EINVAL' && code !== 'ENOENT') throw error;
    }
  }
  return found;
}

type Places = ReadonlyMap<Link, { readonly namespace: string; readonly link: string }>;

/** Where the other ends of links are. */
function* placesIn(namespaces: readonly Seen[]): Program<Places> {
  const places = new Map<Link, { namespace: string; link: string }>();
  const note = (link: Link, where: Seen | undefined): void => {
    const other = where?.links.find(({ index }) => index === (link.peerIndex ?? link.linkIndex));
    if (other === undefined || other === link) return;
    places.set(link, { namespace: where!.id, link: other.name });
    // ids are each namespace's own: what one knows of a pair holds for the other end
    if (link.peerIndex !== undefined) {
      const here = namespaces.find(({ links }) => links.includes(link));
      if (other.peerIndex === link.index) places.set(other, { namespace: here!.id, link: link.name });
    }
  };
  const [host] = namespaces;
  for (const namespace of namespaces) {
    for (const link of namespace.links) {
      if (link.peerIndex === undefined && link.linkIndex === undefined) continue;
      if (link.linkNetnsid === undefined) note(link, namespace);
      else if (namespace === host)
        note(
          link,
          namespaces.find(({ nsid }) => nsid === link.linkNetnsid),
        );
    }
  }
  for (const namespace of namespaces.slice(1)) {
    const open = namespace.links.filter((link) => link.linkNetnsid !== undefined && !places.has(link));
    if (open.length > 0) for (const { link, where } of yield* resolved(namespace, open, namespaces)) note(link, where);
  }
  return places;
}

/** Where links of a namespace lead that the host knows nothing of: by the ids that the namespace has for others. */
function* resolved(namespace: Seen, links: readonly Link[], namespaces: readonly Seen[]): Program<{ link: Link; where: Seen }[]> {
  const { name } = namespace;
  if (name === undefined) return [];
  const found: { link: Link; where: Seen }[] = [];
  yield* unlessGone(name, function* (inside): Program<void> {
    for (const where of namespaces.slice(1)) {
      if (where === namespace || where.name === undefined) continue;
      // one that went meanwhile keeps none of the others from being found
      yield* unlessGone(where.name, function* (other): Program<void> {
        const nsid = yield* scoped(inside, nsidOf(other));
        found.push(...links.filter((link) => nsid !== undefined && link.linkNetnsid === nsid).map((link) => ({ link, where })));
      });
    }
  });
  return found;
}

function graphLink({ addresses }: Seen, link: Link, places: Places, limits: ReadonlyMap<string, RateLimits>): GraphLink {
  const { name, index, kind, up, address, mtu, master, group, alias } = link;
  const peer = places.get(link);
  const endpoint = group === linkGroup ? parseEndpoint(alias) : undefined;
  const network = endpoint?.network ?? (group === linkGroup ? parseNetwork(alias, name)?.name : undefined);
  return {
    name,
    index,
    ...(kind === undefined ? {} : { kind }),
    up,
    ...(address === undefined ? {} : { mac: address }),
    mtu,
    addresses: addresses.get(index) ?? [],
    ...(master === undefined ? {} : { master }),
    ...(peer === undefined ? {} : { peer }),
    ...(network === undefined ? {} : { network }),
    ...(endpoint === undefined ? {} : { owner: endpoint.owner, ...ratesOf(limits.get(name)) }),
  };
}

function ratesOf(limits: RateLimits | undefined): Pick<GraphLink, 'rateLimits'> {
  if (limits === undefined) return {};
  const { ingressRate, egressRate } = limits;
  return { rateLimits: { ...(ingressRate === undefined ? {} : { ingressRate }), ...(egressRate === undefined ? {} : { egressRate }) } };
}

function portsOf(published: readonly OwnedPort[]): GraphPort[] {
  const links = [...new Set(published.map(({ link }) => link))].sort();
  return links.flatMap((link) => {
    const own = published.filter((port) => port.link === link);
    const { network, owner } = own[0]!;
    return gathered(own).map((port) => {
      const addresses = [
        ...new Set(
          own.filter(({ protocol, hostPort }) => protocol === port.protocol && hostPort === port.hostPort).map(({ address }) => address),
        ),
      ];
      return { ...port, network, owner, addresses };
    });
  });
}
