/** Which ports are published, from the kernel. */
import type { Program } from '../../netlink/program.ts';
import { elementPrograms } from '../../nft/elements.ts';
import { isAbout, unlessMissing } from '../rule-table.ts';
import { allMaps, type OwnedPort, portOf } from './element.ts';
import { portTable } from './table.ts';

/** All ports that are published, or those of one family at one address or at any. */
export function* publishedPorts(only: { readonly any?: boolean } = {}): Program<OwnedPort[]> {
  const found: OwnedPort[] = [];
  for (const { family, any, map } of allMaps()) {
    if (only.any !== undefined && only.any !== any) continue;
    for (const element of yield* unlessMissing(elementPrograms.list(map), [])) {
      const port = portOf(family, element);
      if (port !== undefined) found.push(port);
    }
  }
  return found;
}

/** The ports of the endpoint whose link on the host is, or was, called `link`. */
export function* portsOf(link: string): Program<OwnedPort[]> {
  if (!(yield* isAbout(portTable(), link))) return [];
  return (yield* publishedPorts()).filter((port) => port.link === link);
}
