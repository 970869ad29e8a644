/** What kernels before a release pass over in silence: a link would not be what was asked for. */
import { UnsupportedError } from '../../netlink/errors.ts';
import { ask, type Program } from '../../netlink/program.ts';
import { newLink } from './operations.ts';
import { linkRequest } from './reference.ts';
import type { LinkSettings } from './settings.ts';

const since = { groMaxSize: 'Linux 5.19', gsoIpv4MaxSize: 'Linux 6.3', groIpv4MaxSize: 'Linux 6.3' } as const;

/** Index of `lo`, which every namespace has (include/net/flow.h). */
const LOOPBACK_IFINDEX = 1;
const EOPNOTSUPP = 95;

/**
 * Checks that the kernel knows the newer settings among those of `spec`; without any, asks nothing. A kernel that knows one reports it of
 * every link, `lo` included.
 *
 * @throws UnsupportedError naming the setting
 */
export function* checkSupport(spec: LinkSettings, subject: string): Program<void> {
  const wanted = (Object.keys(since) as (keyof typeof since)[]).filter((key) => spec[key] !== undefined);
  if (wanted.length === 0) return;
  const lo = yield* ask(linkRequest({ index: LOOPBACK_IFINDEX }, 'link "lo"'));
  for (const key of wanted)
    if (lo[key] === undefined)
      throw new UnsupportedError({ syscall: newLink.name, subject, errno: EOPNOTSUPP, attribute: key, hint: `needs ${since[key]}` });
}
