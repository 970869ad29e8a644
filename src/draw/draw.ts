/** Draws hosts. */
import { noneOf } from '../netlink/choices.ts';
import { InputError } from '../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../netlink/input.ts';
import { checkInteger, show } from '../netlink/scalar.ts';
import { abridged } from './abridge.ts';
import type { HostGraph } from './graph.ts';
import { drawMermaid, fitsMermaid } from './mermaid.ts';
import { drawSvg } from './svg.ts';
import { drawText } from './text.ts';

export interface DrawOptions {
  /**
   * - `text` (default): a tree, for terminals.
   * - `mermaid`: a flowchart, for documents that render it.
   * - `svg`: a picture.
   */
  format?: 'text' | 'mermaid' | 'svg';
  /**
   * How many namespaces are drawn, and how many links, routes, rules and published ports of each; the drawing says how many are left out. `Infinity`: all. Default: all of them as text; 50 in a picture; and
   * no more in Mermaid than that draws without being told to (50,000 characters and 500 edges).
   */
  limit?: number;
}

const members = memberNames<DrawOptions>({ format: true, limit: true });
const defaultLimit = 50;
const formats = { text: drawText, mermaid: drawMermaid, svg: drawSvg } as const;

/**
 * Draws a host. The same graph gives the same drawing; names are escaped as the format needs it.
 *
 *     console.log(network.draw(await network.inspectHost()));
 *
 * @throws InputError naming `graph`, `format` or `limit`
 */
export function draw(graph: HostGraph, options: DrawOptions = {}): string {
  checkMembers(options, 'options', members);
  const { format = 'text', limit } = options;
  if (!Object.hasOwn(formats, format)) throw new InputError('format', noneOf(format, Object.keys(formats)));
  if (limit !== undefined && limit !== Number.POSITIVE_INFINITY) inArgument('limit', () => checkInteger(limit, 1, Number.MAX_SAFE_INTEGER));
  const { networks, namespaces } = (typeof graph === 'object' && graph !== null ? graph : {}) as Partial<HostGraph>;
  if (!Array.isArray(networks) || !Array.isArray(namespaces))
    throw new InputError('graph', `expected what inspectHost returns, got ${show(graph)}`, 'ERR_INVALID_ARG_TYPE');
  if (limit !== undefined) return formats[format](abridged(graph, limit));
  if (format !== 'mermaid') return formats[format](abridged(graph, format === 'text' ? Number.POSITIVE_INFINITY : defaultLimit));
  for (let most = defaultLimit; ; most = Math.floor(most / 2)) {
    const drawing = drawMermaid(abridged(graph, most));
    if (most === 1 || fitsMermaid(drawing)) return drawing;
  }
}
