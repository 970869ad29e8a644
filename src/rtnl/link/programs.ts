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
  list,
  stream: streaming(listed),
  get,
  create,
  update,
  delete: remove,
  ensure,
  ensureAbsent,
  openTun,
  attachTun,
  addAltNames,
  removeAltNames,
} as const;
