/** What networks are told by processes that are killed at a step, and what the kernel is compared by then. */
import type { network } from 'netloom';
import { type Forks, forks } from './killed.ts';
import { picture, type Space } from './network.ts';
import { type Json, tool } from './oracle.ts';
import { namedNamespaces } from './state.ts';

/** What a process does, with the network `web` of `host`. */
export type KillTask =
  | { readonly task: 'create'; readonly options: object }
  | { readonly task: 'delete' }
  | { readonly task: 'attach'; readonly options: object }
  | { readonly task: 'detach'; readonly endpoint: network.EndpointRef }
  | { readonly task: 'publish'; readonly endpoint: network.EndpointRef; readonly ports: readonly network.PortOptions[] };

/**
 * Each is killed after `at` changes: 0 is before the first. What it reads does not count, for nothing is different after it. `everywhere`: before and after everything, for
 * what is changed by other system calls.
 */
const program = `
  import { network } from 'netloom';
  import { interferedWith } from '../support/faults.ts';
  async function main({ task, at, everywhere, host, ...more }, die) {
    let armed = false, count = 0;
    const step = () => { if (armed && count++ === at) die(); };
    const where = { netns: host, transport: interferedWith(everywhere ? { around: step } : { changed: step }) };
    const begin = () => { armed = true; if (!everywhere) step(); };
    if (task === 'create') {
      begin();
      (await network.create({ ...more.options, ...where })).close();
    } else if (task === 'delete') {
      begin();
      await network.delete('web', { ...where, force: true });
    } else {
      const net = await network.open('web', where);
      begin();
      if (task === 'attach') await net.attach(more.options);
      if (task === 'detach') await net.detach(more.endpoint);
      if (task === 'publish') await net.publish(more.endpoint, more.ports);
      net.close();
    }
    return count;
  }
`;

export interface Killer {
  /** Runs a process that is killed at a step. @returns false when it came to its end before */
  killedAt(at: number, task: KillTask, everywhere?: boolean): Promise<boolean>;
  close(): void;
}

/** @param host where the networks are, at the time */
export function killer(host: () => Space): Killer {
  const processes: Forks = forks(program);
  return {
    async killedAt(at, task, everywhere = false) {
      return (await processes.run({ at, everywhere, host: host().name, ...task })).killed;
    },
    close: processes.close,
  };
}

/** What must be as before in some namespaces: links, addresses, routes, rulesets, qdiscs, and the names of those namespaces. Others are made meanwhile by others. */
export function pictures(...spaces: readonly Space[]): unknown {
  return [
    ...spaces.map((space) => ({ ...picture(space), qdiscs: qdiscs(space) })),
    namedNamespaces().filter((name) => spaces.some((space) => space.name === name)),
  ];
}

function qdiscs(space: Space): Json[] {
  // one that a link has by itself has another handle each time
  return JSON.parse(tool(['tc', '-d', '-j', 'qdisc', 'show'], { netns: space.name })).map(({ handle: _, ...qdisc }: Json) => qdisc);
}
