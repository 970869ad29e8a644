/** What can be asked about links. Source: include/uapi/linux/rtnetlink.h (RTM_*LINK, RTM_*LINKPROP). */
import { meant } from '../../netlink/choices.ts';
import type { ExtendedAck } from '../../netlink/errors.ts';
import { NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { show } from '../../netlink/scalar.ts';
import { kindName } from './info.ts';
import { linkKindOf, linkKinds } from './kinds.ts';
import { type LinkMessage, type LinkMessageInput, linkMessage } from './message.ts';
import { type LinkRead, linkView, linkViewWithAll, linkViewWithStats } from './view.ts';

/** RTM_NEWLINK and the other operations on links, as `ask` takes them. */
export type LinkOperation = Operation<LinkMessageInput, LinkMessage>;

function needs(value: LinkMessageInput, extack: ExtendedAck | undefined): string | undefined {
  // a kind that exists refuses single settings in the same way
  if (extack?.message !== 'Unknown device type') return undefined;
  const kind = kindName(value.info);
  if (kind === undefined) return undefined;
  return linkKindOf(kind) === undefined ? `the kind ${show(kind)}${meant(kind, linkKinds.names())}` : linkKindOf(kind)?.needs;
}

function operation(name: string, type: number): LinkOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: linkMessage, reply: linkMessage, needs };
}

export const newLink: LinkOperation = operation('RTM_NEWLINK', 16);
export const deleteLink: LinkOperation = operation('RTM_DELLINK', 17);
export const getLink: LinkOperation = operation('RTM_GETLINK', 18);
/** Changes links, as RTM_NEWLINK without NLM_F_CREATE does; for what the family AF_BRIDGE has: `setBridgeLink`. */
export const setLink: LinkOperation = operation('RTM_SETLINK', 19);
/** As `getLink`, read for what a `Link` shows. */
export const readLink: Operation<LinkMessageInput, LinkRead> = { ...getLink, reply: linkView };
export const readLinkWithStats: Operation<LinkMessageInput, LinkRead> = { ...getLink, reply: linkViewWithStats };
export const readLinkWithAll: Operation<LinkMessageInput, LinkRead> = { ...getLink, reply: linkViewWithAll };
/** Adds alternative names. */
export const newLinkProperties: LinkOperation = operation('RTM_NEWLINKPROP', 108);
export const deleteLinkProperties: LinkOperation = operation('RTM_DELLINKPROP', 109);
