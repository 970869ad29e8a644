/** What can be asked about links. Source: include/uapi/linux/rtnetlink.h (RTM_*LINK, RTM_*LINKPROP). */
import type { ExtendedAck } from '../../netlink/errors.ts';
import { NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { kindName } from './info.ts';
import { type LinkMessage, type LinkMessageInput, linkMessage } from './message.ts';
import { type LinkRead, linkView, linkViewWithStats } from './view.ts';

export type LinkOperation = Operation<LinkMessageInput, LinkMessage>;

/** What builds the kinds that are not in every kernel. */
const options: Readonly<Record<string, string>> = {
  bareudp: 'CONFIG_BAREUDP',
  batadv: 'CONFIG_BATMAN_ADV',
  bond: 'CONFIG_BONDING',
  bridge: 'CONFIG_BRIDGE',
  dummy: 'CONFIG_DUMMY',
  erspan: 'CONFIG_NET_IPGRE',
  geneve: 'CONFIG_GENEVE',
  gre: 'CONFIG_NET_IPGRE',
  gretap: 'CONFIG_NET_IPGRE',
  gtp: 'CONFIG_GTP',
  hsr: 'CONFIG_HSR',
  ifb: 'CONFIG_IFB',
  ip6gre: 'CONFIG_IPV6_GRE',
  ip6gretap: 'CONFIG_IPV6_GRE',
  ip6tnl: 'CONFIG_IPV6_TUNNEL',
  ipip: 'CONFIG_NET_IPIP',
  ipvlan: 'CONFIG_IPVLAN',
  ipvtap: 'CONFIG_IPVTAP',
  macsec: 'CONFIG_MACSEC',
  macvlan: 'CONFIG_MACVLAN',
  macvtap: 'CONFIG_MACVTAP',
  netdevsim: 'CONFIG_NETDEVSIM',
  netkit: 'CONFIG_NETKIT',
  nlmon: 'CONFIG_NLMON',
  sit: 'CONFIG_IPV6_SIT',
  team: 'CONFIG_NET_TEAM',
  vcan: 'CONFIG_CAN_VCAN',
  veth: 'CONFIG_VETH',
  vlan: 'CONFIG_VLAN_8021Q',
  vrf: 'CONFIG_NET_VRF',
  vti: 'CONFIG_NET_IPVTI',
  vti6: 'CONFIG_IPV6_VTI',
  vxcan: 'CONFIG_CAN_VXCAN',
  vxlan: 'CONFIG_VXLAN',
  wireguard: 'CONFIG_WIREGUARD',
  xfrm: 'CONFIG_XFRM_INTERFACE',
};

function needs(value: LinkMessageInput, extack: ExtendedAck | undefined): string | undefined {
  // a kind that exists refuses single settings in the same way
  if (extack?.message !== 'Unknown device type') return undefined;
  const kind = kindName(value.info);
  return kind === undefined || !Object.hasOwn(options, kind) ? undefined : options[kind];
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
