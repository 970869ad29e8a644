/** What can be done with links: a file each. Source: rtnetlink(7), ip-link(8). */
import { streaming } from '../../netlink/dump.ts';
import { addAltNames, removeAltNames } from './alt-names.ts';
import { create } from './create.ts';
import { ensureAbsent, remove } from './delete.ts';
import { ensure } from './ensure.ts';
import { attachTun, openTun } from './open-tun.ts';
import { get, list, listed } from './read.ts';
import { update } from './update.ts';

export type { DeleteLinkOptions } from './delete.ts';
export type { GetLinkOptions, LinkFilter } from './read.ts';

/** The programs of {@link RtnlClient.links}. */
export const linkPrograms = {
  /**
   * The links of the namespace, in the kernel's order. `kind` and `master` are filtered by the kernel.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `master` does not exist
   */
  list,

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * One link. A single request; a second one for the names of its master and of the link below or opposite, where it has any.
   *
   * @throws NotFoundError `ENODEV` when it does not exist
   */
  get,

  /**
   * Creates a link: one RTM_NEWLINK, and where there is something that the kernel does not take with it (`alias`, `altNames`, `port`, …), a
   * second message; if that is refused the link is deleted again. Returns the link as the kernel made it.
   *
   * @throws InputError for a bad or unknown member, before anything is sent
   * @throws NotFoundError when `master`, `link` or a namespace does not exist
   * @throws NetlinkError `EEXIST` when the name or the index is taken
   * @throws UnsupportedError when this kernel lacks the kind, or would pass over a setting that is newer than it
   */
  create,

  /**
   * Changes what `changes` holds and nothing else, in one message. The kernel applies the parts in order and stops at the
   * first it refuses; what came before stays changed.
   *
   * @throws InputError for a bad or unknown member, before anything is sent
   * @throws NotFoundError when the link, `master` or `netns` does not exist
   * @throws NetlinkError `EEXIST` when `name` is taken in `netns`, before the link is moved
   * @throws UnsupportedError for a setting that is newer than this kernel, which would pass over it
   */
  update,

  /**
   * Deletes a link. The other end of a veth goes with it.
   *
   * @throws NotFoundError `ENODEV` when it does not exist
   */
  delete: remove,

  /**
   * Creates the link if its name is free. If it exists, its kind must be that of `spec`, and of `mtu`, `address`, `up`,
   * `master`, `txQueueLength`, `group` and `alias` those that are given and differ are set; nothing is sent when none does.
   * The settings of its kind (`data`) and its other end (`peer`) are not compared. There is no `replace` for links: a link
   * that is deleted takes its addresses and routes with it.
   *
   * @throws InputError when `name` is missing
   * @throws NetloomError `EEXIST` when the link exists and is of another kind
   */
  ensure,

  /** Deletes a link if it exists. */
  ensureAbsent,

  /**
   * Creates a tun or tap link and attaches to it. When something is refused nothing is left of it.
   *
   *     using tap = await rt.links.openTun({ name: 'tap0', data: { type: 'tap' }, up: true });
   *     writeSync(tap.fd, frame);
   *
   * @throws InputError for a bad or unknown member, before anything is done
   * @throws NotFoundError when `master` or `netns` does not exist
   * @throws NetlinkError `EEXIST` when the name or the index is taken
   * @throws SystemError `ENOENT` where there is no /dev/net/tun, `EPERM` without CAP_NET_ADMIN
   */
  openTun,

  /**
   * Attaches to a tun or tap that exists and stays: to it, or of one with `multiQueue` to a further queue of it.
   *
   * @throws InputError when the link is neither
   * @throws NotFoundError when it does not exist
   * @throws SystemError `EBUSY` when somebody else is attached, `EPERM` for who is neither its owner nor has CAP_NET_ADMIN
   */
  attachTun,

  /**
   * Gives a link alternative names, of 1 to 127 bytes each, by which it is found as well as by its own: all of them or none.
   *
   * @throws InputError naming `names[i]`, before anything is sent
   * @throws NotFoundError when the link does not exist
   * @throws NetlinkError `EEXIST` when a link has one of the names
   */
  addAltNames,

  /**
   * Takes alternative names from a link: all of them or none.
   *
   * @throws InputError naming `names[i]`, before anything is sent
   * @throws NotFoundError when the link does not exist
   * @throws NetlinkError `ENOENT` when it lacks one of the names
   */
  removeAltNames,
} as const;
