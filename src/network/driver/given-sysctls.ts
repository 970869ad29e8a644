/**
 * Sysctls of a link that is given away: in another namespace the kernel makes them anew, and again when the link is back. What every link has there by default it has then; what is different is written down,
 * as words of a record: `ipv4.conf.rp_filter=2`. Source: Documentation/networking/ip-sysctl.rst.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { NotFoundError } from '../../netlink/errors.ts';
import { type Program, readSysctl, type SectionStep, writeSysctl } from '../../netlink/program.ts';
import type { Failures } from '../../rtnl/undo.ts';

const folders = ['ipv4/conf', 'ipv4/neigh', 'ipv6/conf', 'ipv6/neigh'];

/** Said in a message of its own; and a secret, which names of links would tell everybody. */
const notWritten: ReadonlySet<string> = new Set(['addr_gen_mode', 'stable_secret']);

/** The sysctls of a link that are not as for every link. @param mtu of the link, which is that of IPv6 too unless a router has said another one */
export function* changedSysctls(link: string, mtu: number | undefined): Program<string[]> {
  const look: SectionStep = { op: 'section', run: () => folders.flatMap((folder) => changedIn(folder, link, mtu)) };
  return (yield look) as string[];
}

function changedIn(folder: string, link: string, mtu: number | undefined): string[] {
  const path = `/proc/sys/net/${folder}`;
  const names = unlessMissing(() => readdirSync(`${path}/${link}`)) ?? [];
  const words: string[] = [];
  for (const name of names) {
    // the same number in a coarser unit
    if (notWritten.has(name) || names.includes(`${name}_ms`)) continue;
    const value = unlessMissing(() => readFileSync(`${path}/${link}/${name}`, 'utf8').trim());
    // those of neighbors have defaults in the first namespace alone; in others a link that nobody has a reason to change stands in
    const usual = ['default', 'lo']
      .map((of) => unlessMissing(() => readFileSync(`${path}/${of}/${name}`, 'utf8').trim()))
      .find((found) => found !== undefined);
    if (value === undefined || usual === undefined || value === usual || !/^-?\d+$/.test(value)) continue;
    if (folder === 'ipv6/conf' && name === 'mtu' && Number(value) === mtu) continue;
    // what only the kernel sets
    if ((statSync(`${path}/${link}/${name}`).mode & 0o200) !== 0) words.push(`${folder.replace('/', '.')}.${name}=${value}`);
  }
  return words;
}

/** EIO: it has none. */
function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'EIO', 'EACCES'].includes((error as NodeJS.ErrnoException).code!)) return undefined;
    throw error;
  }
}

/** Sets those of {@link changedSysctls} that are not so. @param failures what cannot be set; one that a kernel without IPv6 does not have is none */
export function* restoreSysctls(failures: Failures, words: readonly string[], link: string): Program<void> {
  for (const word of words) {
    const [, folder, name, value] = /^(ipv[46]\.(?:conf|neigh))\.(\w+)=(-?\d+)$/.exec(word) ?? [];
    if (value === undefined) continue;
    const sysctl = `net.${folder}.${link.replaceAll('.', '/')}.${name}`;
    yield* failures.collecting(function* () {
      try {
        if ((yield* readSysctl(sysctl)).trim() !== value) yield* writeSysctl(sysctl, value);
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
    });
  }
}
