/**
 * The file /etc/netns/NAME/resolv.conf, which `ip netns exec` puts over /etc/resolv.conf (ip-netns(8)). Its first line says which endpoint it was made for, by the name of its link on the host, and has a hash of the
 * rest: what somebody has changed is not netloom's any more.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';

const directory = '/etc/netns';

export function pathOf(namespace: string): string {
  return `${directory}/${namespace}/resolv.conf`;
}

/** Under this name a file is written before it gets its own. */
function temporaryOf(namespace: string, link: string): string {
  return `${directory}/${namespace}/.resolv.conf.${link}`;
}

function hash(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** A file that is there: made for the endpoint with this link, and not changed since; or anything else. */
export type Present = { readonly link: string } | { readonly link: undefined };

function look(namespace: string): Present | undefined {
  const text = unlessMissing(() => readFileSync(pathOf(namespace), 'utf8'));
  if (text === undefined) return undefined;
  const match = /^# netloom\/1 (\S+) ([0-9a-f]{32})\n/.exec(text);
  return { link: match !== null && hash(text.slice(match[0].length)) === match[2] ? match[1]! : undefined };
}

/**
 * Writes the file, whole or not at all, unless another one is in its place: one that was made for somebody else than `link` or `instead`.
 *
 * @returns what is in the way; empty: it is written
 */
export function writeResolvConf(namespace: string, link: string, text: string, instead?: string): Present[] {
  mkdirSync(`${directory}/${namespace}`, { recursive: true });
  const temporary = temporaryOf(namespace, link);
  writeFileSync(temporary, `# netloom/1 ${link} ${hash(text)}\n${text}`);
  try {
    const present = look(namespace);
    if (present === undefined) linkSync(temporary, pathOf(namespace));
    else if (present.link !== undefined && [link, instead].includes(present.link)) renameSync(temporary, pathOf(namespace));
    else return [present];
    return [];
  } catch (error) {
    // somebody else has made one meanwhile
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return [{ link: undefined }];
  } finally {
    unlessMissing(() => unlinkSync(temporary));
    swept(namespace);
  }
}

/** Removes the file that was made for `link`, and the folder if nothing else is in it. One that was changed stays. */
export function removeResolvConf(namespace: string, link: string): void {
  unlessMissing(() => unlinkSync(temporaryOf(namespace, link)));
  if (look(namespace)?.link === link) unlessMissing(() => unlinkSync(pathOf(namespace)));
  swept(namespace);
}

function swept(namespace: string): void {
  try {
    rmdirSync(`${directory}/${namespace}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** The files that there are, with the links they were made for. */
export function resolvConfs(): { readonly namespace: string; readonly link: string }[] {
  return (unlessMissing(() => readdirSync(directory)) ?? []).flatMap((namespace) => {
    const link = look(namespace)?.link;
    return link === undefined ? [] : [{ namespace, link }];
  });
}

function unlessMissing<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
