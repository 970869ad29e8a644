/** Sees to it that a link is there and as it shall be, and changes nothing if it is so already. */
import { InputError, NetlinkError, NetloomError } from '../../netlink/errors.ts';
import { holding, type Program, scoped } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { create } from './create.ts';
import type { Link } from './link.ts';
import { get, named } from './read.ts';
import { linkNamed, resolveLink } from './reference.ts';
import { type CreateLink, checkCreate, type UpdateLink } from './spec.ts';
import { update } from './update.ts';
import type { LinkRead } from './view.ts';

/** The settings that `ensure` brings into line. */
const ensured = ['mtu', 'address', 'txQueueLength', 'group', 'alias', 'up'] as const;

/**
 * Creates the link if its name is free. If it exists, its kind must be that of `spec`, and of `mtu`, `address`, `up`,
 * `master`, `txQueueLength`, `group` and `alias` those that are given and differ are set; nothing is sent when none does.
 * The settings of its kind (`data`) and its other end (`peer`) are not compared. There is no `replace` for links: a link
 * that is deleted takes its addresses and routes with it.
 */
export function* ensure(spec: CreateLink | Link): Program<Link> {
  checkCreate(spec);
  const { name } = spec;
  if (name === undefined || name.includes('%')) throw new InputError('name', 'is needed to tell whether the link exists');
  return yield* holding(spec.netns, 'netns', function* (target): Program<Link> {
    const found = yield* scoped(target, linkNamed(name));
    if (found === undefined) {
      try {
        return yield* create(spec);
      } catch (error) {
        // somebody else may have created it since
        if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
        const raced = yield* scoped(target, linkNamed(name));
        if (raced === undefined) throw error;
        return yield* scoped(target, adjusted(raced, spec));
      }
    }
    return yield* scoped(target, adjusted(found, spec));
  });
}

/** Brings an existing link into line with `spec`. Runs where the link is. */
function* adjusted(wire: LinkRead, spec: CreateLink): Program<Link> {
  const link = yield* named(wire);
  if (link.kind !== spec.kind) {
    throw new NetloomError(
      `link ${show(link.name)} exists, and is ${link.kind === undefined ? 'of no kind' : `a ${link.kind}`}, not a ${spec.kind}`,
      'EEXIST',
    );
  }
  const changes: UpdateLink = {};
  for (const member of ensured) {
    const wanted = spec[member];
    const same =
      member === 'address'
        ? String(wanted).toLowerCase().replaceAll('-', ':') === link.address
        : wanted === (member === 'alias' ? (link.alias ?? '') : link[member]);
    if (wanted !== undefined && !same) Object.assign(changes, { [member]: wanted });
  }
  if (spec.master !== undefined) {
    const master = yield* resolveLink(spec.master, 'master');
    if (master !== link.masterIndex) changes.master = master;
  }
  if (Object.keys(changes).length === 0) return link;
  yield* update(link, changes);
  return yield* get(link);
}
