/**
 * The message types of rtnetlink, for `describe` and traces: those that netloom has a schema for, one line an object, and the names of the
 * others. Source of the names: include/uapi/linux/rtnetlink.h (RTM_*).
 */
import { NETLINK_ROUTE } from '../netlink/message.ts';
import { type MessageType, registerMessages } from '../netlink/message-types.ts';
import { addressMessage, deleteAddress, getAddress, getAnycast, getMulticast, newAddress } from './address/message.ts';
import { deleteAddressLabel, getAddressLabel, newAddressLabel } from './address-label/message.ts';
import { shownBridgeLink } from './bridge-link/message.ts';
import { deleteVlan, getVlan, newVlan } from './bridge-vlan/message.ts';
import { AF_BRIDGE } from './family.ts';
import { deleteLink, deleteLinkProperties, getLink, newLink, newLinkProperties, setLink } from './link/operations.ts';
import { deleteMdb, getMdb, mdbMessage, newMdb } from './mdb/message.ts';
import { ndUserOptionMessage, RTM_NEWNDUSEROPT } from './nd-user-option/message.ts';
import { deleteNeighbor, getNeighbor, newNeighbor } from './neighbor/message.ts';
import { getNeighborTable, newNeighborTable, setNeighborTable } from './neighbor-table/message.ts';
import { deleteNetconf, getNetconf, newNetconf } from './netconf/message.ts';
import { deleteNetnsId, getNetnsId, newNetnsId } from './netns-id/message.ts';
import { deleteNexthop, deleteNexthopBucket, getNexthop, getNexthopBucket, newNexthop, newNexthopBucket } from './nexthop/message.ts';
import { prefixMessage, RTM_NEWPREFIX } from './prefix/message.ts';
import { deleteRoute, getRoute, newRoute } from './route/message.ts';
import { deleteRule, getRule, newRule } from './rule/message.ts';
import { getStats, setStats, statsMessage } from './stats/message.ts';
import { deleteAction, getAction, newAction } from './tc/action/message.ts';
import {
  deleteQdisc,
  deleteTclass,
  deleteTfilter,
  getQdisc,
  getTclass,
  getTfilter,
  newQdisc,
  newTclass,
  newTfilter,
} from './tc/message.ts';
import { deleteTunnel, getTunnel, newTunnel } from './vni/message.ts';

/** What a bridge has of a link is another schema under the same numbers: IFLA_PROTINFO and IFLA_AF_SPEC of AF_BRIDGE. */
const orOfBridge = (type: MessageType): MessageType => ({
  ...type,
  choose: ({ family }) => (family === AF_BRIDGE ? shownBridgeLink : type.body!),
});

/** What is asked of a multicast database differs from what is told of it; br_mdb_dump() in net/bridge/br_mdb.c answers with RTM_GETMDB. */
const orMdb = (type: MessageType): MessageType => ({ ...type, choose: ({ request }) => (request ? type.body! : mdbMessage) });

/** One line an object. A notification or answer whose type no operation has is `{ name, type, body }`. */
const withSchema = (): readonly MessageType[] => [
  ...[newAddress, deleteAddress, getAddress],
  ...[
    getMulticast,
    { name: 'RTM_NEWMULTICAST', type: 56, body: addressMessage },
    { name: 'RTM_DELMULTICAST', type: 57, body: addressMessage },
  ],
  ...[getAnycast, { name: 'RTM_NEWANYCAST', type: 60, body: addressMessage }, { name: 'RTM_DELANYCAST', type: 61, body: addressMessage }],
  ...[newLink, deleteLink, getLink, setLink].map(orOfBridge),
  ...[newLinkProperties, deleteLinkProperties],
  ...[newNeighbor, deleteNeighbor, getNeighbor],
  ...[newAddressLabel, deleteAddressLabel, getAddressLabel],
  ...[newMdb, deleteMdb, getMdb].map(orMdb),
  ...[newNeighborTable, getNeighborTable, setNeighborTable],
  ...[newNetconf, deleteNetconf, getNetconf],
  ...[newNetnsId, deleteNetnsId, getNetnsId],
  ...[getStats, setStats, { name: 'RTM_NEWSTATS', type: 92, body: statsMessage }],
  ...[newQdisc, deleteQdisc, getQdisc, newTclass, deleteTclass, getTclass, newTfilter, deleteTfilter, getTfilter],
  ...[newAction, deleteAction, getAction],
  ...[newTunnel, deleteTunnel, getTunnel],
  ...[newVlan, deleteVlan, getVlan],
  ...[newNexthop, deleteNexthop, getNexthop, newNexthopBucket, deleteNexthopBucket, getNexthopBucket],
  { name: 'RTM_NEWPREFIX', type: RTM_NEWPREFIX, body: prefixMessage },
  { name: 'RTM_NEWNDUSEROPT', type: RTM_NEWNDUSEROPT, body: ndUserOptionMessage },
  ...[newRoute, deleteRoute, getRoute],
  ...[newRule, deleteRule, getRule],
];

// biome-ignore format: a table of short entries
const names: Readonly<Record<number, string>> = {
  16: 'NEWLINK', 17: 'DELLINK', 18: 'GETLINK', 19: 'SETLINK', 20: 'NEWADDR', 21: 'DELADDR', 22: 'GETADDR', 24: 'NEWROUTE', 25: 'DELROUTE',
  26: 'GETROUTE', 28: 'NEWNEIGH', 29: 'DELNEIGH', 30: 'GETNEIGH', 32: 'NEWRULE', 33: 'DELRULE', 34: 'GETRULE', 36: 'NEWQDISC', 37: 'DELQDISC',
  38: 'GETQDISC', 40: 'NEWTCLASS', 41: 'DELTCLASS', 42: 'GETTCLASS', 44: 'NEWTFILTER', 45: 'DELTFILTER', 46: 'GETTFILTER', 48: 'NEWACTION',
  49: 'DELACTION', 50: 'GETACTION', 52: 'NEWPREFIX', 56: 'NEWMULTICAST', 57: 'DELMULTICAST', 58: 'GETMULTICAST', 60: 'NEWANYCAST',
  61: 'DELANYCAST', 62: 'GETANYCAST', 64: 'NEWNEIGHTBL', 66: 'GETNEIGHTBL', 67: 'SETNEIGHTBL', 68: 'NEWNDUSEROPT', 72: 'NEWADDRLABEL',
  73: 'DELADDRLABEL', 74: 'GETADDRLABEL', 78: 'GETDCB', 79: 'SETDCB', 80: 'NEWNETCONF', 81: 'DELNETCONF', 82: 'GETNETCONF', 84: 'NEWMDB',
  85: 'DELMDB', 86: 'GETMDB', 88: 'NEWNSID', 89: 'DELNSID', 90: 'GETNSID', 92: 'NEWSTATS', 94: 'GETSTATS', 95: 'SETSTATS', 96: 'NEWCACHEREPORT',
  100: 'NEWCHAIN', 101: 'DELCHAIN', 102: 'GETCHAIN', 104: 'NEWNEXTHOP', 105: 'DELNEXTHOP', 106: 'GETNEXTHOP', 108: 'NEWLINKPROP',
  109: 'DELLINKPROP', 110: 'GETLINKPROP', 112: 'NEWVLAN', 113: 'DELVLAN', 114: 'GETVLAN', 116: 'NEWNEXTHOPBUCKET', 117: 'DELNEXTHOPBUCKET',
  118: 'GETNEXTHOPBUCKET', 120: 'NEWTUNNEL', 121: 'DELTUNNEL', 122: 'GETTUNNEL',
};

function load(): MessageType[] {
  return [...Object.entries(names).map(([type, name]) => ({ name: `RTM_${name}`, type: Number(type) })), ...withSchema()];
}

/** Called by what sends these messages, and not from here: a bundler drops a module that nothing is imported from. */
export function registerRtnlMessages(): void {
  registerMessages(NETLINK_ROUTE, load);
}
