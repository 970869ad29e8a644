/** The resolv.conf of an endpoint's namespace, where that was asked for: which one it is, is an alternative name of the endpoint's link, given before the file is written. */
import { NetloomError } from '../../netlink/errors.ts';
import { ask, askEach, type Program, type SectionStep, scoped } from '../../netlink/program.ts';
import { linkRequest } from '../../rtnl/link/reference.ts';
import type { Attaching } from '../driver/driver.ts';
import { hostEnd } from '../find.ts';
import { resolvConfAltName, resolvConfOf } from '../name.ts';
import { naming } from '../requests.ts';
import { foundOf, type Present, pathOf, removeResolvConf, removeResolvConfsBefore, writeResolvConf } from './file.ts';
import { bootId, type Maker, ownId } from './header.ts';
import { resolvConf } from './resolv-conf.ts';

const EEXIST = 17;
const ENODEV = 'ENODEV';

function* section<T>(run: () => T): Program<T> {
  const step: SectionStep = { op: 'section', run };
  return (yield step) as T;
}

/** @throws NetloomError `EEXIST` when there is one that is not an endpoint's, or another's; `ESTALE` when the name is another namespace's by now */
export function* writeFor(endpoint: Attaching): Program<void> {
  const { plan, host, link, subject, target, index } = endpoint;
  const { resolvConf: namespace, dns } = plan;
  if (namespace === undefined) return;
  yield* ask(naming({ index: host.index }, resolvConfAltName(link, namespace), subject));
  const text = resolvConf(dns!);
  const write = (instead?: Present): Present[] =>
    writeResolvConf(namespace, { link, host: ownId(), netns: target.id, index, boot: bootId() }, text, instead);
  let [present] = yield* section(() => write());
  const found = present;
  // that of an endpoint that went with a namespace of the same name, and has none or another one by now
  if (found?.maker !== undefined && !(yield* isInUse(found.maker, namespace, endpoint))) [present] = yield* section(() => write(found));
  if (present === undefined) return;
  throw new NetloomError(`resolvConf: ${pathOf(namespace)} is there, and ${whose(present)}`, 'EEXIST', { errno: EEXIST });
}

function whose({ maker }: Present): string {
  if (maker === undefined) return 'was not made by netloom, or was changed since';
  if (maker.host !== undefined) return 'is that of another endpoint';
  return 'was made by an earlier version of netloom, which does not say of which host its endpoint is: remove it if it is of none any more';
}

/** Whether the endpoint that a file was made for may be there, and have the namespace that the file is for now. */
function* isInUse({ link, host, netns, index, boot }: Maker, namespace: string, { target, index: own }: Attaching): Program<boolean> {
  if (host === undefined) return true;
  if (netns !== target.id || index === own) return false;
  const here = yield* section(() => ({ host: ownId(), boot: bootId() }));
  if (boot !== here.boot) return false;
  if (host === here.host) return resolvConfOf(link, (yield* hostEnd(link))?.altNames) === namespace;
  // of another host nothing is known here, but of the end of the endpoint that is in the namespace
  const [end] = yield* scoped(target, askEach([linkRequest({ index: index! }, `link of ${link}`)]));
  return end.ok || (end.error as NodeJS.ErrnoException).code !== ENODEV;
}

/** @param namespace whose file may be the endpoint's; absent: it is not known, and all are looked at */
export function* removeFor(link: string, namespace: string | undefined): Program<void> {
  yield* section(() => {
    const maker = { link, host: ownId() };
    if (namespace !== undefined) removeResolvConf(namespace, maker);
    // one that does not say of which host it is may be that of an endpoint of another, for as long as its namespace is there
    else
      for (const found of foundOf(maker.host))
        if (found.link === link && (!found.isOld || found.isGone)) removeResolvConf(found.namespace, maker);
  });
}

/**
 * The links of endpoints that files were made for, of namespaces that are gone. Where the namespace is there, so may its endpoint be: the folder is one for all
 * the namespaces that have networks, and this one knows nothing of the links of another.
 */
export function* linksWithFiles(): Program<string[]> {
  return yield* section(() => foundOf(ownId()).flatMap(({ link, isGone, isTemporary }) => (isGone || isTemporary ? [link] : [])));
}

/** Removes what there was before the machine was started anew, when other hosts' namespaces had other numbers. */
export function* sweepFiles(): Program<void> {
  yield* section(() => removeResolvConfsBefore(bootId()));
}
