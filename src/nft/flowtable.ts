/** Flowtables: connections whose packets take a short cut past the rules. Sources: include/uapi/linux/netfilter/nf_tables.h (NFTA_FLOWTABLE_*), nft(8), FLOWTABLES. */
import { attr, attributes, type RawAttribute } from '../netlink/attributes.ts';
import type { Infer } from '../netlink/codec.ts';
import { enumeration, flags } from '../netlink/enumeration.ts';
import { InputError } from '../netlink/errors.ts';
import { checkOptions, memberNames } from '../netlink/input.ts';
import type { Message } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { be32, be64, sbe32, show } from '../netlink/scalar.ts';
import { string } from '../netlink/text.ts';
import { deviceList } from './devices.ts';
import { checkName } from './name.ts';
import { destroyNeeds, type Family, familyName, familyNumber, type NfGenMsg, nftMessage, nftOperation } from './nfnetlink.ts';
import { type PriorityName, priorityNumber } from './priority.ts';

/** NFT_FLOWTABLE_*. */
const flowtableFlags = flags(be32, { 'hw-offload': 1, counter: 2 });
/** NF_NETDEV_*. */
const flowtableHook = enumeration(be32, { ingress: 0 });

const hook_ = attributes('NFTA_FLOWTABLE_HOOK', () => ({
  number: attr('NFTA_FLOWTABLE_HOOK_NUM', 1, flowtableHook),
  priority: attr('NFTA_FLOWTABLE_HOOK_PRIORITY', 2, sbe32),
  devices: attr('NFTA_FLOWTABLE_HOOK_DEVS', 3, deviceList),
}));
interface FlowtableHook extends Infer<typeof hook_> {}

const flowtable_ = attributes('NFTA_FLOWTABLE', () => ({
  table: attr('NFTA_FLOWTABLE_TABLE', 1, string(255)),
  name: attr('NFTA_FLOWTABLE_NAME', 2, string(255)),
  hook: attr<FlowtableHook>('NFTA_FLOWTABLE_HOOK', 3, hook_),
  use: attr('NFTA_FLOWTABLE_USE', 4, be32),
  handle: attr('NFTA_FLOWTABLE_HANDLE', 5, be64),
  flags: attr('NFTA_FLOWTABLE_FLAGS', 7, flowtableFlags),
}));
interface FlowtableAttributes extends Infer<typeof flowtable_> {}
/** A flowtable on the wire. */
export type FlowtableMessage = NfGenMsg & FlowtableAttributes;
type FlowtableRequest = Partial<NfGenMsg> & FlowtableAttributes;
const message: Message<FlowtableMessage, FlowtableRequest> = nftMessage('NFTA_FLOWTABLE', flowtable_);

type FlowtableOperation = Operation<FlowtableRequest, FlowtableMessage>;
const needs = 'CONFIG_NF_FLOW_TABLE';
export const newFlowtable: FlowtableOperation = nftOperation('NFT_MSG_NEWFLOWTABLE', 22, message, needs);
export const getFlowtable: FlowtableOperation = nftOperation('NFT_MSG_GETFLOWTABLE', 23, message, needs);
export const deleteFlowtable: FlowtableOperation = nftOperation('NFT_MSG_DELFLOWTABLE', 24, message, needs);
export const destroyFlowtable: FlowtableOperation = nftOperation('NFT_MSG_DESTROYFLOWTABLE', 32, message, destroyNeeds);

/** What names a flowtable. */
export interface FlowtableRef {
  /** Family of the table. */
  readonly family: Family;
  /** Name of the table. */
  readonly table: string;
  /** Name of the flowtable. */
  readonly name: string;
}

/** A flowtable. What a list returns, a create accepts: what the kernel assigns (`handle`, `use`) is left out then. */
export interface Flowtable {
  /** Family of the table. */
  family: Family;
  /** Name of the table. */
  table: string;
  /** Name of the flowtable. */
  name: string;
  /** Assigned by the kernel, for as long as the flowtable exists. */
  handle?: bigint;
  /** Where packets are looked up. Default: ingress, the only one. */
  hook?: 'ingress';
  /** Order at the hook: a number (what lists give), a name (`filter`) or both (`filter + 10`). */
  priority: number | PriorityName | (string & {});
  /** Devices whose packets are looked up; `eth*`: all whose names begin so (Linux 6.16). */
  devices?: string[];
  /** `hw-offload`: connections are given to the hardware. `counter`: their packets are counted. */
  flags?: ('hw-offload' | 'counter' | number)[];
  /** Rules that refer to it. */
  use?: number;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** `flowtable inet filter f` */
export function describeFlowtable({ family, table, name }: FlowtableRef): string {
  return `flowtable ${family} ${table} ${name}`;
}

/** What requests about a flowtable name it by. @throws InputError naming `family`, `table` or `name` */
export function flowtableKey({ family, table, name }: FlowtableRef): FlowtableRequest {
  return { family: familyNumber(family), table: checkName(table, 'table'), name: checkName(name, 'name') };
}

/** A flowtable as the kernel told it. @throws MalformedMessageError */
export function flowtableFromWire(wire: FlowtableMessage): Flowtable {
  const flowtable: Flowtable = {
    family: familyName(wire.family),
    table: wire.table ?? '',
    name: wire.name ?? '',
    priority: wire.hook?.priority ?? 0,
  };
  if (wire.handle !== undefined) flowtable.handle = wire.handle;
  if (wire.hook?.number === 'ingress') flowtable.hook = 'ingress';
  if (wire.hook?.devices !== undefined) flowtable.devices = wire.hook.devices;
  if (wire.flags !== undefined && wire.flags.length > 0) flowtable.flags = wire.flags;
  if (wire.use !== undefined) flowtable.use = wire.use;
  if (wire.unknown !== undefined) flowtable.unknown = wire.unknown;
  return flowtable;
}

const members = memberNames<Flowtable>({
  family: true,
  table: true,
  name: true,
  handle: true,
  hook: true,
  priority: true,
  devices: true,
  flags: true,
  use: true,
  unknown: true,
});

/** @throws InputError naming the member that is wrong */
export function flowtableToWire(flowtable: Flowtable): FlowtableRequest {
  checkOptions(flowtable, 'flowtable', members);
  const wire = flowtableKey(flowtable);
  if (flowtable.hook !== undefined && flowtable.hook !== 'ingress')
    throw new InputError('hook', `${show(flowtable.hook)} is not ingress, the only hook of flowtables`);
  // names stand for the numbers they have for the chains of a netdev table (nft 1.1: of ip)
  wire.hook = { number: 'ingress', priority: priorityNumber(flowtable.priority, 'netdev') };
  if (flowtable.devices !== undefined) wire.hook.devices = checkDevices(flowtable.devices);
  if (flowtable.flags !== undefined && flowtable.flags.length > 0) wire.flags = flowtable.flags;
  if (flowtable.unknown !== undefined) wire.unknown = flowtable.unknown;
  return wire;
}

/** The request that names some devices of a flowtable: to take on, or to let go. @throws InputError */
export function flowtableDevices(flowtable: FlowtableRef, devices: string[]): FlowtableRequest {
  return { ...flowtableKey(flowtable), hook: { devices: checkDevices(devices) } };
}

/** @throws InputError naming `devices` unless it is an array */
export function checkDevices(devices: unknown): string[] {
  if (!Array.isArray(devices)) throw new InputError('devices', `expected an array, got ${show(devices)}`, 'ERR_INVALID_ARG_TYPE');
  return devices as string[];
}
