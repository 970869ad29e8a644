/** What can be asked about links. Source: include/uapi/linux/rtnetlink.h (RTM_*LINK, RTM_*LINKPROP). */
import { NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { kindName } from './info.ts';
import { type LinkMessage, type LinkMessageInput, linkMessage } from './message.ts';
import { type LinkRead, linkView, linkViewWithStats } from './view.ts';

export type LinkOperation = Operation<LinkMessageInput, LinkMessage>;

/** Where the kernel's configuration option is not `CONFIG_` and the kind in capitals. */
const options: Readonly<Record<string, string>> = {
  vlan: 'CONFIG_VLAN_8021Q',
  bond: 'CONFIG_BONDING',
  vrf: 'CONFIG_NET_VRF',
  team: 'CONFIG_NET_TEAM',
  gre: 'CONFIG_NET_IPGRE',
  gretap: 'CONFIG_NET_IPGRE',
  ip6gre: 'CONFIG_IPV6_GRE',
  ip6gretap: 'CONFIG_IPV6_GRE',
  ipip: 'CONFIG_NET_IPIP',
  sit: 'CONFIG_IPV6_SIT',
  ip6tnl: 'CONFIG_IPV6_TUNNEL',
  vti: 'CONFIG_NET_IPVTI',
  xfrm: 'CONFIG_XFRM_INTERFACE',
};

function needs(value: LinkMessageInput): string | undefined {
  const kind = kindName(value.info);
  return kind === undefined ? undefined : (options[kind] ?? `CONFIG_${kind.toUpperCase()}`);
}

function operation(name: string, type: number): LinkOperation {
  return { name, protocol: NETLINK_ROUTE, type, body: linkMessage, reply: linkMessage, needs };
}

export const newLink: LinkOperation = operation('RTM_NEWLINK', 16);
export const deleteLink: LinkOperation = operation('RTM_DELLINK', 17);
export const getLink: LinkOperation = operation('RTM_GETLINK', 18);
/** The same, read for what a `Link` shows. */
export const readLink: Operation<LinkMessageInput, LinkRead> = { ...getLink, reply: linkView };
export const readLinkWithStats: Operation<LinkMessageInput, LinkRead> = { ...getLink, reply: linkViewWithStats };
/** Adds alternative names. */
export const newLinkProperties: LinkOperation = operation('RTM_NEWLINKPROP', 108);
export const deleteLinkProperties: LinkOperation = operation('RTM_DELLINKPROP', 109);
