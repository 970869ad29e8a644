/** Draws hosts. */
import { noneOf } from '../netlink/choices.ts';
import { InputError } from '../netlink/errors.ts';
import { checkMembers, memberNames } from '../netlink/input.ts';
import { show } from '../netlink/scalar.ts';
import type { HostGraph } from './graph.ts';
import { drawMermaid } from './mermaid.ts';
import { drawSvg } from './svg.ts';
import { drawText } from './text.ts';

export interface DrawOptions {
  /**
   * - `text` (default): a tree, for terminals.
   * - `mermaid`: a flowchart, for documents that render it.
   * - `svg`: a picture.
   */
  format?: 'text' | 'mermaid' | 'svg';
}

const members = memberNames<DrawOptions>({ format: true });
const formats = { text: drawText, mermaid: drawMermaid, svg: drawSvg } as const;

/**
 * Draws a host. The same graph gives the same drawing; names are escaped as the format needs it.
 *
 *     console.log(network.draw(await network.inspectHost()));
 *
 * @throws InputError naming `graph`, or `format`
 */
export function draw(graph: HostGraph, options: DrawOptions = {}): string {
  checkMembers(options, 'options', members);
  const { format = 'text' } = options;
  if (!Object.hasOwn(formats, format)) throw new InputError('format', noneOf(format, Object.keys(formats)));
  const { networks, namespaces } = (typeof graph === 'object' && graph !== null ? graph : {}) as Partial<HostGraph>;
  if (!Array.isArray(networks) || !Array.isArray(namespaces))
    throw new InputError('graph', `expected what inspectHost returns, got ${show(graph)}`, 'ERR_INVALID_ARG_TYPE');
  return formats[format](graph);
}
