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

/** The links in the order they are drawn in: each bridge with its ports behind it. */
export function ordered(links: readonly GraphLink[]): { readonly link: GraphLink; readonly depth: number }[] {
  const names = new Set(links.map(({ name }) => name));
  const below = (master: string | undefined, depth: number): { link: GraphLink; depth: number }[] =>
    links
      .filter((link) => (link.master !== undefined && names.has(link.master) ? link.master : undefined) === master)
      // a link is no port of its own, nor of one of its ports: the kernel sees to that, and a graph from elsewhere must not hang
      .flatMap((link) => (depth > links.length ? [] : [{ link, depth }, ...below(link.name, depth + 1)]));
  return below(undefined, 0);
}

/** The link that has an address, in any namespace but this one. */
export function linkOfAddress(
  graph: HostGraph,
  addresses: readonly string[],
  not: GraphNamespace,
): { namespace: GraphNamespace; link: GraphLink } | undefined {
  for (const namespace of graph.namespaces) {
    if (namespace === not) continue;
    const link = namespace.links.find((candidate) =>
      candidate.addresses.some((address) => addresses.includes(address.replace(/\/.*$/, ''))),
    );
    if (link !== undefined) return { namespace, link };
  }
  return undefined;
}

/** Each pair of veths once, and each link on another: by the places of its two ends. */
export function pairs(
  graph: HostGraph,
): { readonly from: GraphNamespace; readonly link: GraphLink; readonly to: GraphNamespace; readonly other: GraphLink }[] {
  const seen = new Set<string>();
  return graph.namespaces.flatMap((from) =>
    from.links.flatMap((link) => {
      const to = graph.namespaces.find(({ id }) => id === link.peer?.namespace);
      const other = to?.links.find(({ name }) => name === link.peer?.link);
      if (to === undefined || other === undefined) return [];
      const key = JSON.stringify(
        [
          [from.id, link.name],
          [to.id, other.name],
        ].sort(),
      );
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ from, link, to, other }];
    }),
  );
}
