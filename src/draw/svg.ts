/** A host as a picture: its own namespace to the left, the others to the right, a row for each link, and lines between those that belong together. */
import type { Drawing } from './abridge.ts';
import { columnsOf, shortened, unprintable } from './characters.ts';
import type { GraphLink, GraphNamespace, GraphPort, HostGraph } from './graph.ts';
import {
  linkKindWords,
  linksByAddress,
  namespaceTitle,
  natWords,
  networkWords,
  ordered,
  pairs,
  portWords,
  routeWords,
  targetWords,
} from './words.ts';

/** A line of a box. */
interface Row {
  readonly text: string;
  readonly detail?: string;
  readonly depth: number;
  readonly style: 'link' | 'network' | 'note' | 'port';
  /** What lines lead to. */
  readonly of?: GraphLink | GraphPort;
}

interface Box {
  readonly title: string;
  readonly rows: readonly Row[];
  width: number;
  readonly height: number;
  x: number;
  y: number;
}

/** Lengths in units of the picture. A character of the font is about six tenths of its size wide. */
const fontSize = 13;
const charWidth = fontSize * 0.61;
const rowHeight = 22;
const titleHeight = 30;
const padding = 14;
const indent = 18;
const gap = 24;
const lane = 150;
/** Longer texts are cut; all of one is shown to who points at it. */
const mostColumns = 100;

export function drawSvg({ graph, leftOut, more }: Drawing): string {
  const boxes = graph.namespaces.map((namespace) => boxOf(graph, namespace, leftOut.get(namespace)));
  const [host, ...others] = boxes;
  const hostWidth = host?.width ?? 0;
  const width = Math.max(0, ...others.map((box) => box.width));
  let y = gap;
  for (const box of others) {
    // all as wide as the widest: lines between two of them go around the others
    box.width = width;
    box.x = gap + hostWidth + lane;
    box.y = y;
    y += box.height + gap;
  }
  if (host !== undefined) Object.assign(host, { x: gap, y: gap });
  const total = {
    width: round(gap + hostWidth + (others.length > 0 ? lane + width : 0) + gap + (others.length > 1 ? gap : 0)),
    height: Math.max(y, (host?.height ?? 0) + 2 * gap) + (more === undefined ? 0 : rowHeight),
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${total.width}" height="${total.height}" viewBox="0 0 ${total.width} ${total.height}" role="img" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="${fontSize}">`,
    '<title>Network namespaces, their links, and what is between them</title>',
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...boxes.flatMap(boxLines),
    ...edges(graph, boxes),
    ...(more === undefined ? [] : [`<text x="${gap}" y="${total.height - padding}" fill="${colors.note}">${escaped(`… ${more}`)}</text>`]),
    '</svg>\n',
  ].join('\n');
}

function boxOf(graph: HostGraph, namespace: GraphNamespace, left: string | undefined): Box {
  const { links, routes = [], nat = [], ports = [] } = namespace;
  const note = (text: string): Row => ({ text, depth: 0, style: 'note' });
  const rows: Row[] = [
    ...ordered(links).map(({ link, depth }): Row => {
      const of = networkWords(graph, link);
      return {
        text: [link.name, ...linkKindWords(link), ...link.addresses].join(' '),
        ...(of === undefined ? {} : { detail: of }),
        depth,
        style: link.network !== undefined && link.owner === undefined ? 'network' : 'link',
        of: link,
      };
    }),
    ...ports.map(
      (port): Row => ({
        text: `${portWords(port)} → ${targetWords(port)}`,
        detail: `${port.owner} on ${port.network}`,
        depth: 0,
        style: 'port',
        of: port,
      }),
    ),
    ...routes.map((route) => note(routeWords(route))),
    ...nat.map((rule) => note(natWords(rule))),
    ...(left === undefined ? [] : [note(`… ${left}`)]),
  ];
  const title = namespaceTitle(namespace);
  const widths = rows.map(
    ({ text, detail, depth }) => depth * indent + textWidth(text) + (detail === undefined ? 0 : textWidth(detail) + 2 * charWidth),
  );
  return {
    title,
    rows,
    width: round(Math.max(textWidth(title), ...widths) + 2 * padding),
    height: titleHeight + rows.length * rowHeight + padding,
    x: 0,
    y: 0,
  };
}

function textWidth(text: string): number {
  return columnsOf(shortened(text, mostColumns)) * charWidth;
}

/** A text, cut if need be, and then the whole of it, which viewers show beside the pointer. */
function cut(text: string): string {
  const short = shortened(text, mostColumns);
  return short === text ? escaped(text) : `${escaped(short)}<title>${escaped(text)}</title>`;
}

const colors = { link: '#1f2937', network: '#1d4ed8', note: '#6b7280', port: '#b45309' } as const;

function boxLines({ title, rows, x, y, width, height }: Box): string[] {
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="#f9fafb" stroke="#9ca3af"/>`,
    `<text x="${x + padding}" y="${y + 20}" font-weight="bold" fill="#111827">${cut(title)}</text>`,
    ...rows.map(({ text, detail, depth, style }, i) => {
      const more =
        detail === undefined ? '' : `<tspan dx="${round(2 * charWidth)}" fill="#6b7280" font-style="italic">${cut(detail)}</tspan>`;
      return `<text x="${x + padding + depth * indent}" y="${rowY(y, i) + 4}" fill="${colors[style]}">${cut(text)}${more}</text>`;
    }),
  ];
}

function rowY(boxY: number, row: number): number {
  return boxY + titleHeight + row * rowHeight + rowHeight / 2;
}

interface Anchor {
  readonly box: Box;
  readonly y: number;
}

function edges(graph: HostGraph, boxes: readonly Box[]): string[] {
  const anchors = new Map<GraphLink | GraphPort, Anchor>();
  for (const box of boxes) for (const [i, { of }] of box.rows.entries()) if (of !== undefined) anchors.set(of, { box, y: rowY(box.y, i) });
  const lines = pairs(graph).map(({ link, other }) => curve(anchors.get(link)!, anchors.get(other)!, '#2563eb', ''));
  for (const namespace of graph.namespaces) {
    const { ports = [] } = namespace;
    const targets = ports.length === 0 ? new Map<string, GraphLink>() : linksByAddress(graph, namespace);
    for (const port of ports) {
      const target = port.addresses.map((address) => targets.get(address)).find((link) => link !== undefined);
      if (target !== undefined) lines.push(curve(anchors.get(port)!, anchors.get(target)!, '#d97706', ' stroke-dasharray="4 3"'));
    }
  }
  return lines;
}

/** From the right side of one box to the left side of another; between boxes of one column, around their right sides. */
function curve(a: Anchor, b: Anchor, color: string, more: string): string {
  const [from, to] = a.box.x <= b.box.x ? [a, b] : [b, a];
  const x1 = round(from.box.x + from.box.width);
  const beside = from.box.x === to.box.x;
  const x2 = round(beside ? to.box.x + to.box.width : to.box.x);
  const bend = beside ? gap : lane / 2;
  const path = `M${x1} ${from.y} C${round(x1 + bend)} ${from.y} ${round(beside ? x2 + bend : x2 - bend)} ${to.y} ${x2} ${to.y}`;
  return `<path d="${path}" fill="none" stroke="${color}" stroke-width="1.5"${more}/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char]!).replace(unprintable, '\ufffd');
}
