/** What kernels before a release pass over in silence: a link would not be what was asked for. */
import { UnsupportedError } from '../../netlink/errors.ts';
import { ask, type Program } from '../../netlink/program.ts';
import { linkKindOf } from './kinds.ts';
import { newLink } from './operations.ts';
import { linkRequest } from './reference.ts';
import type { LinkSettings } from './settings.ts';
import type { LinkRead } from './view.ts';

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
  for (const key of wanted) if (lo[key] === undefined) throw unsupported(subject, key, since[key]);
}

/**
 * Checks that a link that is there could report the newer settings of its kind among those it is to get; without any, asks nothing.
 *
 * @throws UnsupportedError naming the setting
 */
export function* checkDataSupport(index: number, kind: string | undefined, data: object | undefined, subject: string): Program<void> {
  if (kind === undefined) return;
  const known = linkKindOf(kind)?.since ?? {};
  if (!Object.keys(known).some((path) => isGiven(data, path))) return;
  const link = yield* ask(linkRequest({ index }, subject));
  checkReported(known, kind, data, link, subject);
}

/** Checks that a link that was made with settings of its kind reports the newer among them. @throws UnsupportedError naming the setting */
export function checkMade(kind: string, data: object | undefined, made: LinkRead, subject: string): void {
  const { since: known = {}, flagsSince = {} } = linkKindOf(kind) ?? {};
  checkReported(known, kind, data, made, subject);
  const flags = Object.keys(flagsSince).filter((path) => at(data, path) === true);
  checkReported(Object.fromEntries(flags.map((path) => [path, flagsSince[path]!])), kind, data, made, subject);
}

function checkReported(
  known: Readonly<Record<string, string>>,
  kind: string,
  data: object | undefined,
  { info }: LinkRead,
  subject: string,
): void {
  // of another kind than the caller says, it is for the kernel to refuse; of settings that could not be read nothing is known
  if (info?.kind !== kind) return;
  const { data: reported } = info as { data?: unknown };
  for (const [path, release] of Object.entries(known))
    if (isGiven(data, path) && at(reported, path) === undefined) throw unsupported(subject, `data.${path}`, release);
}

/** A switch among several is off where the kernel does not know it. */
function isGiven(data: object | undefined, path: string): boolean {
  const value = at(data, path);
  return value !== undefined && !(value === false && path.includes('.'));
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

function unsupported(subject: string, attribute: string, release: string): UnsupportedError {
  return new UnsupportedError({ syscall: newLink.name, subject, errno: EOPNOTSUPP, attribute, hint: `needs ${release}` });
}
