/** Waiting for a link to be as it shall be, by the kernel's own announcements: nothing is asked at intervals. */
import { InputError, NotFoundError, TimeoutError } from '../../netlink/errors.ts';
import { type HostOptions, withDefaults } from '../../netlink/host.ts';
import { checkCallOptions } from '../../netlink/input.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { defaultTimeout } from '../../netlink/request-socket.ts';
import { show } from '../../netlink/scalar.ts';
import type { RtnlMonitor } from '../monitor/monitor.ts';
import type { Link } from './link.ts';
import { describeLink, identify, type LinkRef } from './reference.ts';

/**
 * What to wait for:
 * - `operational`: it exists, is up, and carries packets (operational state `up`, or `unknown` with a carrier, as `lo` and tunnels have it).
 * - `present`: it exists. `absent`: it does not.
 * - a function of the link, undefined while it does not exist.
 */
export type LinkCondition = 'operational' | 'present' | 'absent' | ((link: Link | undefined) => boolean);

/** What of a client this needs. */
interface Client {
  get(link: LinkRef, options: CallOptions): Promise<Link>;
  monitor(): RtnlMonitor<'link'>;
  readonly options: HostOptions;
}

const conditions: Readonly<Record<string, (link: Link | undefined) => boolean>> = {
  operational: (link) =>
    link?.up === true && (link.operState === 'up' || (link.operState === 'unknown' && link.flags.includes('lower_up'))),
  present: (link) => link !== undefined,
  absent: (link) => link === undefined,
};

/**
 * The kernel does not announce an alternative name of a link that is down: it is noticed with the next change of the link.
 *
 * @throws InputError, TimeoutError; what the signal says; what the condition throws
 */
export async function waitForLink(
  client: Client,
  ref: LinkRef,
  condition: LinkCondition,
  options: CallOptions | undefined,
): Promise<Link | undefined> {
  const which = identify(ref, 'link');
  const holds = typeof condition === 'function' ? condition : Object.hasOwn(conditions, condition) ? conditions[condition] : undefined;
  if (holds === undefined)
    throw new InputError('condition', `expected a function or one of ${Object.keys(conditions).join(', ')}, got ${show(condition)}`);
  checkCallOptions(options);
  const { signal, timeout = defaultTimeout } = withDefaults(options, client.options);
  signal?.throwIfAborted();
  const deadline = performance.now() + timeout;
  const left = (): number => Math.max(1, Math.ceil(deadline - performance.now()));
  const read = async (): Promise<Link | undefined> => {
    try {
      return await client.get(ref, signal === undefined ? { timeout: left() } : { timeout: left(), signal });
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  };
  // it listens before the first look, so that no change falls between the two
  const monitor = client.monitor();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    monitor.close();
  }, timeout);
  const onAbort = (): void => monitor.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    let link = await read();
    if (holds(link)) return link;
    for await (const event of monitor) {
      if (event.kind === 'link') {
        const told = 'new' in event ? event.new : event.old;
        const known = which.index ?? link?.index;
        // a name can be another link's by now; an index or a name that is not this one's is of no interest
        if (told !== undefined && told.index !== known && (which.index !== undefined || !hasName(told, ref))) continue;
      }
      link = await read();
      if (holds(link)) return link;
    }
    signal?.throwIfAborted();
    if (late) throw new TimeoutError(`waiting for ${describeLink(ref)}`, timeout, 'it was not so');
    // the client was closed
    return await read();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    monitor.close();
  }
}

function hasName(link: Link, ref: LinkRef): boolean {
  return link.name === ref || (typeof ref === 'string' && link.altNames?.includes(ref) === true);
}
