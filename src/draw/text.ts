/** A host as a tree, for terminals. */
import type { Drawing } from './abridge.ts';
import { unprintable } from './characters.ts';
import type { GraphNamespace, HostGraph } from './graph.ts';
import { linkKindWords, namespaceTitle, natWords, networkWords, ordered, portWords, routeWords, targetWords } from './words.ts';

interface Branch {
  readonly text: string;
  readonly below: readonly Branch[];
}

export function drawText({ graph, leftOut, more }: Drawing): string {
  const places = new Map(graph.namespaces.map((namespace) => [namespace.id, namespace]));
  const parts = graph.namespaces.map((namespace) => {
    const left = leftOut.get(namespace);
    const branches = branchesOf(graph, namespace, places);
    return [
      printable(namespaceTitle(namespace)),
      ...lines(left === undefined ? branches : [...branches, { text: `… ${left}`, below: [] }], ''),
    ].join('\n');
  });
  return [...parts, ...(more === undefined ? [] : [`… ${more}`])].join('\n\n').concat('\n');
}

type Places = ReadonlyMap<string, GraphNamespace>;

function branchesOf(graph: HostGraph, namespace: GraphNamespace, places: Places): Branch[] {
  const { routes = [], nat = [], ports = [] } = namespace;
  const group = (text: string, items: readonly string[]): Branch[] =>
    items.length === 0 ? [] : [{ text, below: items.map((item) => ({ text: item, below: [] })) }];
  return [
    ...linkBranches(graph, namespace, places),
    ...group('routes', routes.map(routeWords)),
    ...group('NAT', nat.map(natWords)),
    ...group(
      'published',
      ports.map(
        (port) => `${portWords(port)} → ${port.addresses.join(', ')} port ${targetWords(port)}  (${port.owner} on ${port.network})`,
      ),
    ),
  ];
}

function linkBranches(graph: HostGraph, namespace: GraphNamespace, places: Places): Branch[] {
  const roots: { text: string; below: Branch[] }[] = [];
  const path: { text: string; below: Branch[] }[] = [];
  for (const { link, depth } of ordered(namespace.links)) {
    const peer = link.peer === undefined ? undefined : places.get(link.peer.namespace);
    const text = [
      link.name,
      ...linkKindWords(link),
      ...link.addresses,
      ...(peer === undefined ? [] : [`⇄ ${link.peer!.link}${peer === namespace ? '' : ` in ${namespaceTitle(peer)}`}`]),
    ].join(' ');
    const of = networkWords(graph, link);
    const branch = { text: of === undefined ? text : `${text}  (${of})`, below: [] };
    path.length = depth;
    (path.at(-1)?.below ?? roots).push(branch);
    path.push(branch);
  }
  return roots;
}

function lines(branches: readonly Branch[], indent: string): string[] {
  return branches.flatMap(({ text, below }, i) => {
    const last = i === branches.length - 1;
    return [`${indent}${last ? '└─' : '├─'} ${printable(text)}`, ...lines(below, `${indent}${last ? '   ' : '│  '}`)];
  });
}

/** A name can hold any byte but a slash: none that moves a terminal's cursor gets through, nor one that is not to be seen. */
function printable(text: string): string {
  return text.replace(unprintable, (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}
