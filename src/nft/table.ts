/** Tables. Sources: include/uapi/linux/netfilter/nf_tables.h (NFTA_TABLE_*), nft(8), TABLES. */
import { attr, attributes, type RawAttribute } from '../netlink/attributes.ts';
import type { Infer } from '../netlink/codec.ts';
import { type Enumerated, flags } from '../netlink/enumeration.ts';
import { checkOptions, memberNames } from '../netlink/input.ts';
import type { Message } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { be32, be64 } from '../netlink/scalar.ts';
import { string } from '../netlink/text.ts';
import { checkName } from './name.ts';
import { destroyNeeds, type Family, familyName, familyNumber, type NfGenMsg, nftMessage, nftOperation, nftReading } from './nfnetlink.ts';
import { type Annotated, annotations, userData, userDataOf } from './userdata.ts';

const tableFlagValues = { dormant: 0x1, owner: 0x2, persist: 0x4 } as const;
/** NFT_TABLE_F_*. */
export const tableFlags = flags(be32, tableFlagValues);

const tableAttributes_ = attributes('NFTA_TABLE', () => ({
  name: attr('NFTA_TABLE_NAME', 1, string(255)),
  flags: attr('NFTA_TABLE_FLAGS', 2, tableFlags),
  use: attr('NFTA_TABLE_USE', 3, be32),
  handle: attr('NFTA_TABLE_HANDLE', 4, be64),
  userdata: attr('NFTA_TABLE_USERDATA', 6, userData),
  owner: attr('NFTA_TABLE_OWNER', 7, be32),
}));
interface TableAttributes extends Infer<typeof tableAttributes_> {}
/** A table on the wire. */
export type TableMessage = NfGenMsg & TableAttributes;
type TableRequest = Partial<NfGenMsg> & TableAttributes;
const message: Message<TableMessage, TableRequest> = nftMessage('NFTA_TABLE', tableAttributes_);

export const newTable: Operation<TableRequest, TableMessage> = nftOperation('NFT_MSG_NEWTABLE', 0, message);
export const getTable: Operation<TableRequest, TableMessage> = nftReading('NFT_MSG_GETTABLE', 1, message);
export const destroyTable: Operation<TableRequest, TableMessage> = nftOperation('NFT_MSG_DESTROYTABLE', 26, message, destroyNeeds);
export const deleteTable: Operation<TableRequest, TableMessage> = nftOperation('NFT_MSG_DELTABLE', 2, message);

/** What names a table. */
export interface TableRef {
  /** `ip`, `ip6`, `inet` (both of them), `arp`, `bridge` or `netdev`. */
  readonly family: Family;
  /** Name of the table, once in each family. */
  readonly name: string;
}

/** A table. What a list returns, a create accepts: what the kernel assigns (`handle`, `use`, `owner`) is left out then. */
export interface Table extends Annotated {
  /** `ip`, `ip6`, `inet` (both of them), `arp`, `bridge` or `netdev`. */
  family: Family;
  /** Name of the table, once in each family. */
  name: string;
  /** Assigned by the kernel, for as long as the table exists. */
  handle?: bigint;
  /** `dormant`: its chains see no packets. `owner`: goes with the socket that made it. */
  flags?: Enumerated<typeof tableFlagValues>[];
  /** Chains, sets, objects and flowtables it holds. */
  use?: number;
  /** Port id of the socket that owns it. */
  owner?: number;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** `table ip nat` */
export function describeTable({ family, name }: TableRef): string {
  return `table ${family} ${name}`;
}

/** A table as the kernel told it. @throws MalformedMessageError */
export function tableFromWire(wire: TableMessage): Table {
  const { family, version: _version, resId: _resId, name, userdata, ...rest } = wire;
  return { family: familyName(family), name: name ?? '', ...rest, ...annotations(userdata) };
}

const members = memberNames<Table>({
  family: true,
  name: true,
  handle: true,
  flags: true,
  use: true,
  owner: true,
  comment: true,
  userdata: true,
  unknown: true,
});

/** @throws InputError naming the member that is wrong */
export function tableToWire(table: Table): TableRequest {
  checkOptions(table, 'table', members);
  const wire: TableRequest = tableKey(table);
  if (table.flags !== undefined) wire.flags = table.flags;
  const userdata = userDataOf(table);
  if (userdata !== undefined) wire.userdata = userdata;
  if (table.unknown !== undefined) wire.unknown = table.unknown;
  return wire;
}

/** What requests about a table name it by. @throws InputError naming `family` or `name` */
export function tableKey({ family, name }: TableRef): TableRequest {
  return { family: familyNumber(family), name: checkName(name, 'name') };
}
