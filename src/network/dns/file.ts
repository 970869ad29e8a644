/**
 * The files /etc/netns/NAME/resolv.conf, which `ip netns exec` puts over /etc/resolv.conf (ip-netns(8)). All that is done to them is done under the lock of /etc/netns: that folder is one for all
 * the namespaces that have networks, each of which has endpoints, and locks, of its own.
 */
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { NetloomError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { withLock } from '../../netlink/sys/mount.ts';
import { nameDirectories } from '../../netlink/sys/namespace.ts';
import { formatHeader, type Maker, makerOf } from './header.ts';
import { unlessMissing } from './missing.ts';

const directory = '/etc/netns';
const ESTALE = 116;

/** Somebody else, who does not ask for the lock, may remove the folder before there is a file in it; nobody does that this often in a row. */
const mostAttempts = 1000;

export function pathOf(namespace: string): string {
  return `${directory}/${namespace}/resolv.conf`;
}

/** Under this name a file is written before it gets its own: not in its folder, for all that is in there is put over something of /etc. */
function temporaryOf(namespace: string, { link, host }: Required<Pick<Maker, 'link' | 'host'>>): string {
  return `${directory}/.${namespace}.resolv.conf.${host}.${link}`;
}

const temporaryName = /^\.(.+)\.resolv\.conf\.(\d+:\d+)\.(nl[0-9a-z]{13})$/;

/** Where an earlier version wrote it. */
function oldTemporaryOf(namespace: string, link: string): string {
  return `${directory}/${namespace}/.resolv.conf.${link}`;
}

/** A file that is there. */
export interface Present {
  /** Its first line. */
  readonly header: string;
  /** For which endpoint it was made; absent: it was not made by netloom, or was changed since. */
  readonly maker?: Maker;
}

function look(namespace: string): Present | undefined {
  const text = unlessMissing(() => readFileSync(pathOf(namespace), 'utf8'));
  if (text === undefined) return undefined;
  const maker = makerOf(text);
  return { header: text.slice(0, text.indexOf('\n') + 1), ...(maker === undefined ? {} : { maker }) };
}

/**
 * Writes the file, whole or not at all, unless another one is in its place: one that was made for somebody else, and is not `instead`.
 *
 * @param namespace name of the namespace, which is `maker.netns`
 * @returns what is in the way; empty: it is written
 * @throws NetloomError `ESTALE` when the name is another namespace's by now, `EBUSY` when somebody keeps the lock; Error of Node's when it cannot be written
 */
export function writeResolvConf(namespace: string, maker: Required<Maker>, text: string, instead?: Present): Present[] {
  mkdirSync(directory, { recursive: true });
  return withLock(directory, () => {
    const path = pathOf(namespace);
    if (idOf(namespace) !== maker.netns)
      throw new NetloomError(`resolvConf: ${show(namespace)} is the name of another network namespace by now, or of none`, 'ESTALE', {
        errno: ESTALE,
      });
    const present = look(namespace);
    if (present !== undefined && !isMadeFor(present.maker, maker) && (instead?.maker === undefined || present.header !== instead.header))
      return [present];
    const temporary = temporaryOf(namespace, maker);
    try {
      writeFileSync(temporary, formatHeader(maker, text) + text);
      // a umask of ours is no reason for others to find no names
      chmodSync(temporary, 0o644);
      if (present === undefined) linkInFolder(temporary, namespace);
      else renameSync(temporary, path);
      return [];
    } catch (error) {
      // somebody who does not ask for the lock has made one meanwhile
      if (!isCode(error, 'EEXIST')) throw error;
      return [look(namespace) ?? { header: '' }];
    } finally {
      unlessMissing(() => unlinkSync(temporary));
      sweep(namespace);
    }
  });
}

function linkInFolder(temporary: string, namespace: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      mkdirSync(`${directory}/${namespace}`, { recursive: true });
      linkSync(temporary, pathOf(namespace));
      return;
    } catch (error) {
      if (!isCode(error, 'ENOENT') || attempt === mostAttempts) throw error;
    }
  }
}

/** Whether a file was made for this endpoint. One that does not say what host its endpoint is of is taken for this one's. */
function isMadeFor(maker: Maker | undefined, { link, host }: Pick<Maker, 'link' | 'host'>): boolean {
  return maker !== undefined && maker.link === link && (maker.host === undefined || maker.host === host);
}

/** Removes the file that was made for an endpoint, what is left of one that was being written, and the folder if nothing else is in it. One that was changed stays. */
export function removeResolvConf(namespace: string, maker: Required<Pick<Maker, 'link' | 'host'>>): void {
  removing(namespace, (present) => isMadeFor(present, maker), [temporaryOf(namespace, maker), oldTemporaryOf(namespace, maker.link)]);
}

/** Removes the files of endpoints that the machine had before it was started anew, of whatever host. */
export function removeResolvConfsBefore(boot: string): void {
  for (const namespace of folders()) {
    const isOfBefore = (maker: Maker | undefined): boolean => maker?.boot !== undefined && maker.boot !== boot;
    if (isOfBefore(look(namespace)?.maker)) removing(namespace, isOfBefore, []);
  }
}

function removing(namespace: string, isMeant: (maker: Maker | undefined) => boolean, others: readonly string[]): void {
  if (![`${directory}/${namespace}`, ...others].some((path) => existsSync(path))) return;
  withLock(directory, () => {
    for (const path of others) unlessMissing(() => unlinkSync(path));
    if (isMeant(look(namespace)?.maker)) unlessMissing(() => unlinkSync(pathOf(namespace)));
    sweep(namespace);
  });
}

function sweep(namespace: string): void {
  try {
    rmdirSync(`${directory}/${namespace}`);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].some((code) => isCode(error, code))) throw error;
  }
}

/** A file of an endpoint, or what is left of one that was being written. */
export interface Found {
  readonly namespace: string;
  readonly link: string;
  /** Whether the name is another namespace's by now than the one that was attached, or nobody's. */
  readonly isGone: boolean;
  /** Whether it does not say of which host its endpoint is. */
  readonly isOld: boolean;
  /** Whether it was being written. */
  readonly isTemporary: boolean;
}

/** What there is that was made for endpoints of a host, and what does not say of which one it is. */
export function foundOf(host: string): Found[] {
  return folders().flatMap((folder): Found[] => {
    const [, namespace = folder, writer, link] = temporaryName.exec(folder) ?? [];
    if (link !== undefined) return writer === host ? [{ namespace, link, isGone: false, isOld: false, isTemporary: true }] : [];
    const maker = look(namespace)?.maker;
    if (maker === undefined || (maker.host ?? host) !== host) return [];
    const id = idOf(namespace);
    const isGone = id === undefined || (maker.netns ?? id) !== id;
    return [{ namespace, link: maker.link, isGone, isOld: maker.host === undefined, isTemporary: false }];
  });
}

function folders(): string[] {
  return unlessMissing(() => readdirSync(directory)) ?? [];
}

/** Device and inode of the namespace of a name; undefined: there is none. */
function idOf(namespace: string): string | undefined {
  for (const names of nameDirectories) {
    const found = statSync(`${names}/${namespace}`, { bigint: true, throwIfNoEntry: false });
    if (found !== undefined) return `${found.dev}:${found.ino}`;
  }
  return undefined;
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
