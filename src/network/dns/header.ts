/** The first line of a resolv.conf that was made for an endpoint: which one that is, and a hash of the rest, for what somebody has changed is not netloom's any more. */
import { readFileSync, statSync } from 'node:fs';

/** The endpoint that a file was made for. What is absent, a file of a version that did not say it lacks. */
export interface Maker {
  /** Name of its link on the host. */
  readonly link: string;
  /** Device and inode of the namespace that this link is in, as in `Netns.id`. */
  readonly host?: string;
  /** Those of the namespace that was attached. */
  readonly netns?: string;
  /** Index of its link in there. */
  readonly index?: number;
  /** Which start of the machine this was after: all the numbers may come again after the next, and /etc stays. */
  readonly boot?: string;
}

export function formatHeader({ link, host, netns, index, boot }: Required<Maker>, text: string): string {
  return `# netloom/2 ${link} host=${host} netns=${netns} index=${index} boot=${boot} ${hash(text)}\n`;
}

/** For whom a file was made; undefined: not by netloom, or it was changed since. */
export function makerOf(file: string): Maker | undefined {
  const match =
    /^# netloom\/2 (?<link>\S+) host=(?<host>\d+:\d+) netns=(?<netns>\d+:\d+) index=(?<index>\d+) boot=(?<boot>\S+) (?<hash>[0-9a-f]{32})\n/.exec(
      file,
    ) ?? /^# netloom\/1 (?<link>\S+) (?<hash>[0-9a-f]{32})\n/.exec(file);
  if (match === null || hash(file.slice(match[0].length)) !== match.groups!['hash']) return undefined;
  const { link, host, netns, index, boot } = match.groups as Record<string, string | undefined>;
  if (host === undefined) return { link: link! };
  return { link: link!, host, netns: netns!, index: Number(index), boot: boot! };
}

function hash(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Device and inode of the network namespace that this thread is in at the moment. */
export function ownId(): string {
  const { dev, ino } = statSync('/proc/thread-self/ns/net', { bigint: true });
  return `${dev}:${ino}`;
}

/** Source: random(4), "/proc interfaces". */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
