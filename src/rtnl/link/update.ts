/** Changes links. Source: ip-link(8), "ip link set". */
import { ask, holding, type Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { changedData, portWithIndexes } from './kind-settings.ts';
import { newLink } from './operations.ts';
import { checkNameFree, describeLink, findLink, type LinkRef, masterError, notFound, resolveLinks } from './reference.ts';
import { settingsOf } from './settings.ts';
import { checkUpdate, type UpdateLink } from './spec.ts';
import { checkDataSupport, checkSupport } from './support.ts';
import { laterWireOf, type ResolvedLink, renameLinkPath, wireOf } from './wire.ts';

/**
 * Changes what `changes` holds and nothing else, in one message. The kernel applies the parts in order and stops at the
 * first it refuses; what came before stays changed.
 */
export function* update(link: LinkRef, changes: UpdateLink): Program<void> {
  checkUpdate(changes);
  yield* holding(changes.netns, 'netns', function* (target): Program<void> {
    const refs = [{ ref: link, argument: 'link' }];
    const { master, name } = changes;
    if (master !== undefined && master !== null) refs.push({ ref: master, argument: 'master' });
    const [index, masterIndex] = yield* resolveLinks(refs);
    if (target !== undefined && name !== undefined && !name.includes('%')) {
      const before = yield* findLink(link, 'link');
      yield* checkNameFree(name, before.name, target, `link ${show(before.name)} to ${target.describe}`);
    }
    yield* checkSupport(changes, describeLink(link));
    const { kind, data } = yield* changedData(index!, changes);
    yield* checkDataSupport(index!, kind, data, describeLink(link));
    const resolved: ResolvedLink = {
      ...settingsOf(changes),
      index,
      up: changes.up,
      data,
      port: yield* portWithIndexes(changes.port),
      netnsFd: target?.fd,
      targetNetnsid: changes.targetNetnsid,
      newIndex: changes.newIndex,
      unknown: changes.unknown,
    };
    if (changes.data !== undefined) resolved.kind = kind;
    if (master !== undefined) resolved.master = master === null ? 0 : masterIndex;
    try {
      yield* ask({
        operation: newLink,
        flags: 0,
        value: { ...wireOf(resolved), ...laterWireOf(changes) },
        expects: 'ack' as const,
        subject: describeLink(link),
        rename: renameLinkPath,
      });
    } catch (error) {
      throw notFound(yield* masterError(error, master, 'master'), link, 'link');
    }
  });
}
