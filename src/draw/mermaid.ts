/** A host as a flowchart of Mermaid (https://mermaid.js.org/syntax/flowchart.html). */
import type { Drawing } from './abridge.ts';
import { unprintable } from './characters.ts';
import type { GraphLink, GraphNamespace } from './graph.ts';
import {
  linkKindWords,
  linksByAddress,
  namespaceTitle,
  natWords,
  networkWords,
  pairs,
  portWords,
  routeWords,
  targetWords,
} from './words.ts';

/** What Mermaid draws at most, unless it is told otherwise: `maxTextSize` and `maxEdges` of its configuration. */
const mostCharacters = 50_000;
const mostEdges = 500;

/** Whether Mermaid draws this as it is set up by default. */
export function fitsMermaid(text: string): boolean {
  return text.length <= mostCharacters && text.split('\n').filter((line) => edge.test(line)).length <= mostEdges;
}

const edge = /^ {2}\w+ (?:---|<-->|-\.) /;

export function drawMermaid({ graph, leftOut, more }: Drawing): string {
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
    const left = leftOut.get(namespace);
    if (left !== undefined) lines.push(`    n${n}more[${quoted([`… ${left}`])}]`);
    lines.push('  end');
  }
  if (more !== undefined) lines.push(`  more[${quoted([`… ${more}`])}]`);
  for (const namespace of graph.namespaces) {
    const byName = new Map(namespace.links.map((link) => [link.name, link]));
    for (const link of namespace.links) {
      const master = link.master === undefined ? undefined : byName.get(link.master);
      if (master !== undefined && master !== link) lines.push(`  ${ids.get(master)} --- ${ids.get(link)}`);
    }
  }
  for (const { link, other } of pairs(graph)) lines.push(`  ${ids.get(link)} <--> ${ids.get(other)}`);
  for (const [n, namespace] of graph.namespaces.entries()) {
    const { ports = [] } = namespace;
    const targets = ports.length === 0 ? new Map<string, GraphLink>() : linksByAddress(graph, namespace);
    for (const [i, port] of ports.entries()) {
      const target = port.addresses.map((address) => targets.get(address)).find((link) => link !== undefined);
      if (target !== undefined) lines.push(`  n${n}p${i} -. ${quoted([targetWords(port)])} .-> ${ids.get(target)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function notesOf({ routes = [], nat = [] }: GraphNamespace): string[] {
  return [...routes.map(routeWords), ...nat.map(natWords)];
}

/** `%%{…}%%` is a directive wherever it stands, `$$…$$` a formula. */
const entities: Readonly<Record<string, string>> = {
  '&': '#amp;',
  '<': '#lt;',
  '>': '#gt;',
  '"': '#quot;',
  '#': '#35;',
  $: '#36;',
  '%': '#37;',
  '`': '#96;',
};

/** An icon of Font Awesome, wherever it stands. */
const icon = /\b(fa[bklrs]?):(?=fa-)/g;

function quoted(rows: readonly string[]): string {
  const escaped = rows.map((row) =>
    row
      .replace(/[&<>"#$%`]/g, (char) => entities[char]!)
      .replace(icon, '$1#58;')
      .replace(unprintable, '#65533;'),
  );
  return `"${escaped.join('<br/>')}"`;
}
