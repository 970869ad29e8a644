/** Graphs that are too large to be looked at, made smaller; what is left out is said. */
import type { GraphLink, GraphNamespace, HostGraph } from './graph.ts';

/** What is drawn. */
export interface Drawing {
  readonly graph: HostGraph;
  /** What is left out of a namespace: `12 more links, 1 more route`. */
  readonly leftOut: ReadonlyMap<GraphNamespace, string>;
  /** How many namespaces are left out: `951 more namespaces`. */
  readonly more?: string;
}

/**
 * The first namespaces of a graph, and of each the first links, routes, rules and ports. Links that lead to a namespace which is left out are left out too.
 *
 * @param limit how many of each; links that lead to other namespaces are counted for themselves
 */
export function abridged(graph: HostGraph, limit: number): Drawing {
  const leftOut = new Map<GraphNamespace, string>();
  const kept = graph.namespaces.slice(0, limit);
  const ids = new Set(kept.map(({ id }) => id));
  const dropped = new Set(graph.namespaces.flatMap(({ id }) => (ids.has(id) ? [] : [id])));
  const namespaces = kept.map((namespace): GraphNamespace => {
    const { links, routes, nat, ports } = namespace;
    const first = { ...namespace, links: firstLinks(namespace, limit, dropped) };
    if (routes !== undefined) Object.assign(first, { routes: routes.slice(0, limit) });
    if (nat !== undefined) Object.assign(first, { nat: nat.slice(0, limit) });
    if (ports !== undefined) Object.assign(first, { ports: ports.slice(0, limit) });
    const words = [
      countWords(links.length - first.links.length, 'link'),
      countWords((routes?.length ?? 0) - (first.routes?.length ?? 0), 'route'),
      countWords((nat?.length ?? 0) - (first.nat?.length ?? 0), 'rule'),
      countWords((ports?.length ?? 0) - (first.ports?.length ?? 0), 'published port'),
    ].filter((text) => text !== undefined);
    if (words.length > 0) leftOut.set(first, words.join(', '));
    return first;
  });
  const more = countWords(graph.namespaces.length - namespaces.length, 'namespace');
  return { graph: { networks: graph.networks, namespaces }, leftOut, ...(more === undefined ? {} : { more }) };
}

function firstLinks({ id, links }: GraphNamespace, limit: number, dropped: ReadonlySet<string>): GraphLink[] {
  let leading = 0;
  let own = 0;
  return links.filter(({ peer }) => {
    if (peer !== undefined && dropped.has(peer.namespace)) return false;
    return peer === undefined || peer.namespace === id ? ++own <= limit : ++leading <= limit;
  });
}

function countWords(count: number, what: string): string | undefined {
  return count === 0 ? undefined : `${count} more ${what}${count === 1 ? '' : 's'}`;
}
