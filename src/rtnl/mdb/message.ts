/** Messages about multicast databases of bridges and vxlans: RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB. Source: include/uapi/linux/if_bridge.h. */
import { ipAddress } from '../../netlink/address.ts';
import { type AttributeSet, attr, attributes, nested, repeated } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { type Enumerated, enumeration } from '../../netlink/enumeration.ts';
import { type Message, message, NETLINK_ROUTE } from '../../netlink/message.ts';
import type { Operation } from '../../netlink/operation.ts';
import { s32, u8, u16, u32 } from '../../netlink/scalar.ts';
import { fields, named, type Struct, struct } from '../../netlink/struct.ts';
import { messageFamily } from '../family.ts';
import { routeProtocol } from '../route/enumerations.ts';
import { routerPorts } from './router.ts';
import { groupSource } from './source.ts';

const brPortMsg_ = struct('br_port_msg', () => ({
  /** AF_BRIDGE. */
  family: named(fields.u8, messageFamily),
  /** Index of the bridge or vxlan; 0 in a listing request: all. */
  index: fields.u32,
}));

/** The header of a message about a multicast database. */
export interface MdbHeader extends Infer<typeof brPortMsg_> {}
export const brPortMsg: Struct<MdbHeader> = brPortMsg_;

const brMdbEntry_ = struct('br_mdb_entry', () => ({
  /** Index of the port. */
  port: fields.u32,
  /** MDB_TEMPORARY, MDB_PERMANENT. */
  state: fields.u8,
  /** MDB_FLAGS_*. */
  flags: fields.u8,
  vlan: fields.u16,
  /** 4, 16 or 6 bytes of the group's address, by `protocol`. */
  address: fields.blob(16),
  /** EtherType of the address; 0: it is a hardware address. */
  protocol: fields.be16,
  pad: fields.blob(2),
}));

/** Which group, where. */
export interface MdbEntryHeader extends Infer<typeof brMdbEntry_> {}
export const brMdbEntry: Struct<MdbEntryHeader> = brMdbEntry_;

const modes = { include: 1, exclude: 0 } as const;
/** MCAST_INCLUDE, MCAST_EXCLUDE (include/uapi/linux/in.h): whether the sources listed are those wanted or those not wanted. */
export type MdbFilterMode = Enumerated<typeof modes>;
export const mdbFilterMode = enumeration(u8, modes);

const mdbSource_ = attributes('MDBA_MDB_SRCATTR', () => ({
  address: attr('MDBA_MDB_SRCATTR_ADDRESS', 1, ipAddress),
  /** Hundredths of a second. */
  timer: attr('MDBA_MDB_SRCATTR_TIMER', 2, u32),
}));
const mdbSources_ = attributes('MDBA_MDB_SRCLIST', () => ({ sources: repeated('MDBA_MDB_SRCLIST_ENTRY', 1, nested(mdbSource_)) }));

const mdbInfo_ = message(
  'MDBA_MDB_EATTR',
  brMdbEntry_,
  attributes('MDBA_MDB_EATTR', () => ({
    /** Hundredths of a second until the entry goes; 0 for a permanent one. */
    timer: attr('MDBA_MDB_EATTR_TIMER', 1, u32),
    sourceList: attr('MDBA_MDB_EATTR_SRC_LIST', 2, nested(mdbSources_)),
    mode: attr('MDBA_MDB_EATTR_GROUP_MODE', 3, mdbFilterMode),
    source: attr('MDBA_MDB_EATTR_SOURCE', 4, groupSource),
    protocolOfOrigin: attr('MDBA_MDB_EATTR_RTPROT', 5, routeProtocol),
    dst: attr('MDBA_MDB_EATTR_DST', 6, ipAddress),
    dstPort: attr('MDBA_MDB_EATTR_DST_PORT', 7, u16),
    vni: attr('MDBA_MDB_EATTR_VNI', 8, u32),
    via: attr('MDBA_MDB_EATTR_IFINDEX', 9, u32),
    srcVni: attr('MDBA_MDB_EATTR_SRC_VNI', 10, u32),
  })),
);

/** One entry of a multicast database as it is reported. */
export interface MdbInfo extends Infer<typeof mdbInfo_> {}
const mdbInfo: Codec<MdbInfo> = mdbInfo_;

const mdbGroup_ = attributes('MDBA_MDB_ENTRY', () => ({ infos: repeated('MDBA_MDB_ENTRY_INFO', 1, mdbInfo) }));
const mdbGroups_ = attributes('MDBA_MDB', () => ({ groups: repeated('MDBA_MDB_ENTRY', 1, nested(mdbGroup_)) }));

const mdbAttributes_ = attributes('MDBA', () => ({
  mdb: attr('MDBA_MDB', 1, nested(mdbGroups_)),
  router: attr('MDBA_ROUTER', 2, nested(routerPorts)),
}));

export interface MdbAttributes extends Infer<typeof mdbAttributes_> {}
export const mdbAttributes: AttributeSet<MdbAttributes> = mdbAttributes_;

const mdbMessage_ = message('MDBA', brPortMsg_, mdbAttributes_);

/** What the kernel reports of a multicast database, as it travels. */
export interface MdbMessage extends Infer<typeof mdbMessage_> {}
/** What a request for all entries has. */
export interface MdbMessageInput extends Partial<MdbMessage> {}
export const mdbMessage: Message<MdbMessage, MdbMessageInput> = mdbMessage_;

const wantedSource_ = attributes('MDBE_SRCATTR', () => ({ address: attr('MDBE_SRCATTR_ADDRESS', 1, ipAddress) }));
const wantedSources_ = attributes('MDBE_SRC_LIST', () => ({ sources: repeated('MDBE_SRC_LIST_ENTRY', 1, nested(wantedSource_)) }));

const mdbWanted_ = attributes('MDBE_ATTR', () => ({
  source: attr('MDBE_ATTR_SOURCE', 1, groupSource),
  sourceList: attr('MDBE_ATTR_SRC_LIST', 2, nested(wantedSources_)),
  mode: attr('MDBE_ATTR_GROUP_MODE', 3, mdbFilterMode),
  protocolOfOrigin: attr('MDBE_ATTR_RTPROT', 4, routeProtocol),
  dst: attr('MDBE_ATTR_DST', 5, ipAddress),
  dstPort: attr('MDBE_ATTR_DST_PORT', 6, u16),
  vni: attr('MDBE_ATTR_VNI', 7, u32),
  via: attr('MDBE_ATTR_IFINDEX', 8, s32),
  srcVni: attr('MDBE_ATTR_SRC_VNI', 9, u32),
  /** Of a bulk deletion: whether the state counts. */
  stateMask: attr('MDBE_ATTR_STATE_MASK', 10, u8),
}));

/** What is wanted of an entry besides its group. */
export interface MdbWanted extends Infer<typeof mdbWanted_> {}
export const mdbWanted: AttributeSet<MdbWanted> = mdbWanted_;

/** struct br_mdb_entry alone. */
const entryOnly = message(
  'br_mdb_entry',
  brMdbEntry_,
  attributes('br_mdb_entry', () => ({})),
);

const setMdbMessage_ = message(
  'MDBA_SET_ENTRY',
  brPortMsg_,
  attributes('MDBA_SET_ENTRY', () => ({
    entry: attr('MDBA_SET_ENTRY', 1, entryOnly),
    wanted: attr('MDBA_SET_ENTRY_ATTRS', 2, nested(mdbWanted)),
  })),
);

/** What is asked of a multicast database, as it travels. */
export interface SetMdbMessage extends Infer<typeof setMdbMessage_> {}
/** What a request that changes an entry has. */
export interface SetMdbInput extends Partial<SetMdbMessage> {}
export const setMdbMessage: Message<SetMdbMessage, SetMdbInput> = setMdbMessage_;

const getMdbMessage_ = message(
  'MDBA_GET_ENTRY',
  brPortMsg_,
  attributes('MDBA_GET_ENTRY', () => ({
    entry: attr('MDBA_GET_ENTRY', 1, entryOnly),
    wanted: attr('MDBA_GET_ENTRY_ATTRS', 2, nested(mdbWanted)),
  })),
);

/** A question about a multicast database, as it travels. */
export interface GetMdbMessage extends Infer<typeof getMdbMessage_> {}
/** What a request for one entry has. */
export interface GetMdbInput extends Partial<GetMdbMessage> {}
export const getMdbMessage: Message<GetMdbMessage, GetMdbInput> = getMdbMessage_;

const needs = ({ wanted }: SetMdbInput): string => {
  if (wanted?.stateMask !== undefined) return 'flushing of multicast databases (Linux 6.8)';
  return wanted?.dst === undefined ? 'CONFIG_BRIDGE_IGMP_SNOOPING' : 'multicast databases of vxlans (Linux 6.4)';
};

function operation(name: string, type: number): Operation<SetMdbInput, MdbMessage> {
  return { name, protocol: NETLINK_ROUTE, type, body: setMdbMessage, reply: mdbMessage, needs };
}

export const newMdb: Operation<SetMdbInput, MdbMessage> = operation('RTM_NEWMDB', 84);
export const deleteMdb: Operation<SetMdbInput, MdbMessage> = operation('RTM_DELMDB', 85);
export const getMdb: Operation<GetMdbInput, MdbMessage> = {
  name: 'RTM_GETMDB',
  protocol: NETLINK_ROUTE,
  type: 86,
  body: getMdbMessage,
  reply: mdbMessage,
  needs: ({ entry }) => (entry === undefined ? 'CONFIG_BRIDGE_IGMP_SNOOPING' : 'asking for a single entry (Linux 6.8)'),
};
