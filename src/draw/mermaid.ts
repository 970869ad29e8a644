/** A host as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html). */
import type { GraphLink, GraphNamespace, HostGraph } from './graph.ts';
import {
  linkKindWords,
  linkOfAddress,
  namespaceTitle,
  natWords,
  networkWords,
  pairs,
  portWords,
  routeWords,
  targetWords,
} from './words.ts';

export function drawMermaid(graph: HostGraph): string {
  const lines = ['flowchart LR'];
  const ids = new Map<GraphLink, string>();
  for (const [n, namespace] of graph.namespaces.entries()) {
    lines.push(`  subgraph n${n}[${quoted([namespaceTitle(namespace)])}]`);
    for (const [i, link] of namespace.links.entries()) {
      const id = `n${n}l${i}`;
      ids.set(link, id);
      const of = networkWords(graph, link);
      const label = quoted([[link.name, ...linkKindWords(link)].join(' '), ...link.addresses, ...(of === undefined ? [] : [of])]);
      lines.push(`    ${id}${link.kind === 'bridge' ? `{{${label}}}` : `[${label}]`}`);
    }
    const notes = notesOf(namespace);
    if (notes.length > 0) lines.push(`    n${n}notes[/${quoted(notes)}/]`);
    for (const [i, port] of (namespace.ports ?? []).entries()) lines.push(`    n${n}p${i}([${quoted([portWords(port)])}])`);
    lines.push('  end');
  }
  for (const namespace of graph.namespaces) {
    for (const link of namespace.links) {
      const master = namespace.links.find(({ name }) => name === link.master);
      if (master !== undefined) lines.push(`  ${ids.get(master)} --- ${ids.get(link)}`);
    }
  }
  for (const { link, other } of pairs(graph)) lines.push(`  ${ids.get(link)} <--> ${ids.get(other)}`);
  for (const [n, namespace] of graph.namespaces.entries()) {
    for (const [i, port] of (namespace.ports ?? []).entries()) {
      const target = linkOfAddress(graph, port.addresses, namespace);
      if (target !== undefined) lines.push(`  n${n}p${i} -. ${quoted([targetWords(port)])} .-> ${ids.get(target.link)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function notesOf({ routes = [], nat = [] }: GraphNamespace): string[] {
  return [...routes.map(routeWords), ...nat.map(natWords)];
}

const entities: Readonly<Record<string, string>> = { '&': '#amp;', '<': '#lt;', '>': '#gt;', '"': '#quot;', '#': '#35;', '`': '#96;' };

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const unprintable = /[\x00-\x1f\x7f-\x9f]/g;

function quoted(rows: readonly string[]): string {
  const escaped = rows.map((row) => row.replace(/[&<>"#`]/g, (char) => entities[char]!).replace(unprintable, '#65533;'));
  return `"${escaped.join('<br/>')}"`;
}
