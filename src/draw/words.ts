/** What drawings say of links, routes and ports: the same words in all formats. */
import type { GraphLink, GraphNamespace, GraphNat, GraphPort, GraphRoute, HostGraph } from './graph.ts';

export function namespaceTitle({ name, id }: GraphNamespace): string {
  return name ?? id;
}

/** What a link is, besides its name and its addresses. */
export function linkKindWords({ kind, up }: GraphLink): string[] {
  return [...(kind === undefined ? [] : [kind]), ...(up ? [] : ['down'])];
}

/** The network that a link is of. */
export function networkWords(graph: HostGraph, { name, network, owner, rateLimits }: GraphLink): string | undefined {
  if (network === undefined) return undefined;
  if (owner !== undefined) return [`${owner} on ${network}`, ...limitWords(rateLimits)].join(', ');
  const found = graph.networks.find((candidate) => candidate.name === network && candidate.link === name);
  return found === undefined ? `network ${network}` : ['network', found.name, ...found.options].join(' ');
}

function limitWords({ ingressRate, egressRate }: NonNullable<GraphLink['rateLimits']> = {}): string[] {
  return [
    ...(ingressRate === undefined ? [] : [`gets ${rateWords(ingressRate)}`]),
    ...(egressRate === undefined ? [] : [`sends ${rateWords(egressRate)}`]),
  ];
}

/** As tc(8) shows rates: `80Mbit`. */
function rateWords(rate: number): string {
  for (const [unit, size] of [
    ['Gbit', 1e9],
    ['Mbit', 1e6],
    ['Kbit', 1e3],
  ] as const)
    if (rate >= size && rate % size === 0) return `${rate / size}${unit}`;
  return `${rate}bit`;
}

export function routeWords({ to, via, dev, metric }: GraphRoute): string {
  return [
    to,
    ...(via === undefined ? [] : ['via', via]),
    ...(dev === undefined ? [] : ['dev', dev]),
    ...(metric === undefined ? [] : ['metric', metric]),
  ].join(' ');
}

export function natWords({ kind, source, chain, comment }: GraphNat): string {
  return [kind, ...(source === undefined ? [] : [source]), `(${chain}${comment === undefined ? '' : `: ${comment}`})`].join(' ');
}

/** `tcp 192.0.2.1:8000-8009` */
export function portWords({ protocol, hostAddress, hostPort, hostPortEnd }: GraphPort): string {
  const address = hostAddress === undefined ? '*' : hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress;
  return `${protocol} ${address}:${hostPort}${hostPortEnd === undefined ? '' : `-${hostPortEnd}`}`;
}

/** `8000-8009` of the endpoint. */
export function targetWords({ hostPort, hostPortEnd = hostPort, containerPort }: GraphPort): string {
  const last = containerPort + hostPortEnd - hostPort;
  return last === containerPort ? `${containerPort}` : `${containerPort}-${last}`;
}

/** The links in the order they are drawn in: each bridge with its ports behind it. Every link once, though a graph from elsewhere may have links that are ports of each other. */
export function ordered(links: readonly GraphLink[]): { readonly link: GraphLink; readonly depth: number }[] {
  const names = new Set(links.map(({ name }) => name));
  const ports = new Map<string, GraphLink[]>();
  const roots: GraphLink[] = [];
  for (const link of links) {
    if (link.master === undefined || !names.has(link.master)) roots.push(link);
    else if (ports.has(link.master)) ports.get(link.master)!.push(link);
    else ports.set(link.master, [link]);
  }
  const order: { link: GraphLink; depth: number }[] = [];
  const seen = new Set<GraphLink>();
  // those that are in a circle are below none of the roots
  for (const root of [...roots, ...links]) {
    const waiting = [{ link: root, depth: 0 }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next.link)) continue;
      seen.add(next.link);
      order.push(next);
      const { depth } = next;
      for (const link of (ports.get(next.link.name) ?? []).toReversed()) waiting.push({ link, depth: depth + 1 });
    }
  }
  return order;
}

/** The links that have addresses, in any namespace but this one. */
export function linksByAddress(graph: HostGraph, not: GraphNamespace): ReadonlyMap<string, GraphLink> {
  const found = new Map<string, GraphLink>();
  for (const namespace of graph.namespaces) {
    if (namespace === not) continue;
    for (const link of namespace.links)
      for (const address of link.addresses) {
        const host = address.replace(/\/.*$/, '');
        if (!found.has(host)) found.set(host, link);
      }
  }
  return found;
}

/** Each pair of veths once, and each link on another. */
export function pairs(graph: HostGraph): { readonly link: GraphLink; readonly other: GraphLink }[] {
  const places = new Map(graph.namespaces.map(({ id, links }) => [id, new Map(links.map((link) => [link.name, link]))]));
  const seen = new Map<GraphLink, Set<GraphLink>>();
  return graph.namespaces.flatMap(({ links }) =>
    links.flatMap((link) => {
      const other = link.peer === undefined ? undefined : places.get(link.peer.namespace)?.get(link.peer.link);
      if (other === undefined || other === link || seen.get(other)?.has(link) === true) return [];
      const of = seen.get(link) ?? new Set();
      seen.set(link, of.add(other));
      return [{ link, other }];
    }),
  );
}
