/** The resolv.conf of an endpoint's namespace, where that was asked for: which one it is, is an alternative name of the endpoint's link, given before the file is written. */
import { existsSync } from 'node:fs';
import { NetloomError } from '../../netlink/errors.ts';
import { ask, type Program, type SectionStep } from '../../netlink/program.ts';
import { nameDirectories } from '../../netlink/sys/namespace.ts';
import type { Attaching } from '../driver/driver.ts';
import { resolvConfAltName, resolvConfOf } from '../name.ts';
import { linkOf, naming } from '../requests.ts';
import { pathOf, removeResolvConf, resolvConfs, writeResolvConf } from './file.ts';
import { resolvConf } from './resolv-conf.ts';

const EEXIST = 17;

function* section<T>(run: () => T): Program<T> {
  const step: SectionStep = { op: 'section', run };
  return (yield step) as T;
}

/** @throws NetloomError `EEXIST` when there is one that is not an endpoint's, or another's */
export function* writeFor({ plan: { resolvConf: namespace, dns }, host, link, subject }: Attaching): Program<void> {
  if (namespace === undefined) return;
  yield* ask(naming({ index: host.index }, resolvConfAltName(link, namespace), subject));
  const text = resolvConf(dns!);
  let [present] = yield* section(() => writeResolvConf(namespace, link, text));
  // that of an endpoint that went with a namespace of the same name, and has none or another one by now
  const other = present?.link;
  if (other !== undefined && resolvConfOf(other, (yield* linkOf(other))?.altNames) !== namespace)
    [present] = yield* section(() => writeResolvConf(namespace, link, text, other));
  if (present === undefined) return;
  const whose = present.link === undefined ? 'was not made by netloom, or was changed since' : 'is that of another endpoint';
  throw new NetloomError(`resolvConf: ${pathOf(namespace)} is there, and ${whose}`, 'EEXIST', { errno: EEXIST });
}

/** @param namespace whose file may be the endpoint's; absent: it is not known, and all are looked at */
export function* removeFor(link: string, namespace: string | undefined): Program<void> {
  yield* section(() => {
    for (const name of namespace === undefined ? namespacesOf(link) : [namespace]) removeResolvConf(name, link);
  });
}

function namespacesOf(link: string): string[] {
  return resolvConfs().flatMap((each) => (each.link === link ? [each.namespace] : []));
}

/**
 * The links of endpoints that files were made for, of namespaces that are gone. Where the namespace is there, so may its endpoint be: the folder is one for all
 * the namespaces that have networks, and this one knows nothing of the links of another.
 */
export function* linksWithFiles(): Program<string[]> {
  const isGone = (namespace: string): boolean => nameDirectories.every((directory) => !existsSync(`${directory}/${namespace}`));
  return yield* section(() => resolvConfs().flatMap(({ link, namespace }) => (isGone(namespace) ? [link] : [])));
}
