/** Chains. Sources: include/uapi/linux/netfilter/nf_tables.h (NFTA_CHAIN_*, NFTA_HOOK_*), netfilter.h (hook numbers), nft(8), CHAINS. */

import { attr, attributes, type RawAttribute } from '../netlink/attributes.ts';
import { noneOf } from '../netlink/choices.ts';
import type { Infer } from '../netlink/codec.ts';
import { enumeration, flags } from '../netlink/enumeration.ts';
import { InputError } from '../netlink/errors.ts';
import { checkOptions, memberNames } from '../netlink/input.ts';
import type { Message } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { be32, be64, sbe32, show } from '../netlink/scalar.ts';
import { interfaceName, string } from '../netlink/text.ts';
import { deviceList, isPattern } from './devices.ts';
import { type Counter, counter } from './expressions/counter.ts';
import { checkName } from './name.ts';
import { destroyNeeds, type Family, familyName, familyNumber, type NfGenMsg, nftMessage, nftOperation } from './nfnetlink.ts';
import { type PriorityName, priorityNumber } from './priority.ts';
import { type Annotated, annotations, userData, userDataOf } from './userdata.ts';

const NFT_CHAIN_BASE = 1;

const policy = enumeration(be32, { drop: 0, accept: 1 });
const chainFlagNames = flags(be32, { base: NFT_CHAIN_BASE, 'hw-offload': 2, binding: 4 });

const hookAttributes_ = attributes('NFTA_HOOK', () => ({
  number: attr('NFTA_HOOK_HOOKNUM', 1, be32),
  priority: attr('NFTA_HOOK_PRIORITY', 2, sbe32),
  device: attr('NFTA_HOOK_DEV', 3, interfaceName),
  devices: attr('NFTA_HOOK_DEVS', 4, deviceList),
}));
interface HookAttributes extends Infer<typeof hookAttributes_> {}

const chainAttributes_ = attributes('NFTA_CHAIN', () => ({
  table: attr('NFTA_CHAIN_TABLE', 1, string(255)),
  handle: attr('NFTA_CHAIN_HANDLE', 2, be64),
  name: attr('NFTA_CHAIN_NAME', 3, string(255)),
  hook: attr<HookAttributes>('NFTA_CHAIN_HOOK', 4, hookAttributes_),
  policy: attr('NFTA_CHAIN_POLICY', 5, policy),
  use: attr('NFTA_CHAIN_USE', 6, be32),
  type: attr('NFTA_CHAIN_TYPE', 7, string(31)),
  counters: attr<Counter>('NFTA_CHAIN_COUNTERS', 8, counter),
  flags: attr('NFTA_CHAIN_FLAGS', 10, chainFlagNames),
  id: attr('NFTA_CHAIN_ID', 11, be32),
  userdata: attr('NFTA_CHAIN_USERDATA', 12, userData),
}));
interface ChainAttributes extends Infer<typeof chainAttributes_> {}
/** A chain on the wire. */
export type ChainMessage = NfGenMsg & ChainAttributes;
type ChainRequest = Partial<NfGenMsg> & ChainAttributes;
const message: Message<ChainMessage, ChainRequest> = nftMessage('NFTA_CHAIN', chainAttributes_);

export const newChain: Operation<ChainRequest, ChainMessage> = nftOperation('NFT_MSG_NEWCHAIN', 3, message);
export const getChain: Operation<ChainRequest, ChainMessage> = nftOperation('NFT_MSG_GETCHAIN', 4, message);
export const destroyChain: Operation<ChainRequest, ChainMessage> = nftOperation('NFT_MSG_DESTROYCHAIN', 27, message, destroyNeeds);
export const deleteChain: Operation<ChainRequest, ChainMessage> = nftOperation('NFT_MSG_DELCHAIN', 5, message);

const ipHooks = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4, ingress: 5 } as const;
export const hooks: Readonly<Record<Family, Readonly<Record<string, number>>>> = {
  ip: ipHooks,
  ip6: ipHooks,
  inet: ipHooks,
  bridge: ipHooks,
  arp: { input: 0, output: 1, forward: 2 },
  netdev: { ingress: 0, egress: 1 },
};

/** Where a base chain meets packets. */
export type Hook = keyof typeof ipHooks | 'egress';

/** What names a chain. */
export interface ChainRef {
  /** Family of the table. */
  readonly family: Family;
  /** Name of the table. */
  readonly table: string;
  /** Name of the chain. */
  readonly name: string;
}

/**
 * A chain: one that packets pass at a hook (a base chain: `type`, `hook`, `priority`), or one that rules jump to. What a
 * list returns, a create accepts: what the kernel assigns (`handle`, `use`, `counters`) is left out then.
 */
export interface Chain extends Annotated {
  /** Family of the table. */
  family: Family;
  /** Name of the table. */
  table: string;
  /** Name of the chain. */
  name: string;
  /** Assigned by the kernel, for as long as the chain exists. */
  handle?: bigint;
  /** What its rules may do. Default, with a hook: `filter`. */
  type?: 'filter' | 'nat' | 'route' | (string & {});
  /** Where packets come into it: `prerouting`, `input`, …; absent: it is one that rules jump to. */
  hook?: Hook;
  /** Order among the chains of the hook: a number (what lists give), a name (`srcnat`) or both (`srcnat + 10`). */
  priority?: number | PriorityName | (string & {});
  /** What becomes of packets that no rule decides on. Default: accept. */
  policy?: 'accept' | 'drop';
  /** Devices it is bound to (netdev, and ingress of inet). `eth*`: all whose names begin so, those to come as well (Linux 6.16). */
  devices?: string[];
  /** `hw-offload`: rules are given to the hardware. */
  flags?: ('hw-offload' | 'binding' | number)[];
  /** Rules it holds and jumps that lead to it. */
  use?: number;
  /** What passed it, where the kernel was told to count. */
  counters?: Counter;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** `chain ip nat postrouting` */
export function describeChain({ family, table, name }: ChainRef): string {
  return `chain ${family} ${table} ${name}`;
}

/** A chain as the kernel told it. @throws MalformedMessageError */
export function chainFromWire(wire: ChainMessage): Chain {
  const { family, table, name, handle, hook, policy: verdict, use, type, counters, flags: bits, userdata, unknown } = wire;
  const familyOf = familyName(family);
  const chain: Chain = { family: familyOf, table: table ?? '', name: name ?? '' };
  if (handle !== undefined) chain.handle = handle;
  if (type !== undefined) chain.type = type;
  if (hook !== undefined) {
    const found = Object.entries(hooks[familyOf]).find(([, number]) => number === hook.number);
    if (found !== undefined) chain.hook = found[0] as Hook;
    if (hook.priority !== undefined) chain.priority = hook.priority;
    const devices = hook.devices ?? (hook.device === undefined ? undefined : [hook.device]);
    if (devices !== undefined) chain.devices = devices;
  }
  if (verdict !== undefined) chain.policy = verdict as 'accept' | 'drop';
  if (bits !== undefined) {
    const rest = bits.filter((bit) => bit !== 'base');
    if (rest.length > 0) chain.flags = rest as NonNullable<Chain['flags']>;
  }
  if (use !== undefined) chain.use = use;
  if (counters !== undefined) chain.counters = counters;
  if (unknown !== undefined) chain.unknown = unknown;
  return Object.assign(chain, annotations(userdata));
}

const members = memberNames<Chain>({
  family: true,
  table: true,
  name: true,
  handle: true,
  type: true,
  hook: true,
  priority: true,
  policy: true,
  devices: true,
  flags: true,
  use: true,
  counters: true,
  comment: true,
  userdata: true,
  unknown: true,
});

/** @throws InputError naming the member that is wrong */
export function chainToWire(chain: Chain): ChainRequest {
  checkOptions(chain, 'chain', members);
  const wire: ChainRequest = chainKey(chain);
  if (chain.hook === undefined) {
    for (const member of ['type', 'priority', 'policy', 'devices'] as const) {
      if (chain[member] !== undefined) throw new InputError(member, 'is for a chain with a hook');
    }
  } else {
    wire.hook = hookToWire(chain);
    wire.type = chain.type ?? 'filter';
    if (chain.policy !== undefined) wire.policy = chain.policy;
  }
  if (chain.flags !== undefined && chain.flags.length > 0) wire.flags = chain.flags;
  const userdata = userDataOf(chain);
  if (userdata !== undefined) wire.userdata = userdata;
  if (chain.unknown !== undefined) wire.unknown = chain.unknown;
  return wire;
}

function hookToWire({ family, hook, priority, devices }: Chain): HookAttributes {
  const known = hooks[family];
  const number = Object.hasOwn(known, String(hook)) ? known[String(hook)] : undefined;
  if (number === undefined) throw new InputError('hook', `${noneOf(hook, Object.keys(known))} (in the family ${family})`);
  if (priority === undefined) throw new InputError('priority', 'a chain with a hook needs one');
  const wire: HookAttributes = { number, priority: priorityNumber(priority, family) };
  if (devices !== undefined) {
    if (!Array.isArray(devices)) throw new InputError('devices', `expected an array, got ${show(devices)}`, 'ERR_INVALID_ARG_TYPE');
    // kernels before 5.5 know the single device only
    if (devices.length === 1 && !isPattern(devices[0])) wire.device = devices[0]!;
    else if (devices.length > 0) wire.devices = devices;
  }
  return wire;
}

/** What requests about a chain name it by. @throws InputError naming `family`, `table` or `name` */
export function chainKey({ family, table, name }: ChainRef): ChainRequest {
  return { family: familyNumber(family), table: checkName(table, 'table'), name: checkName(name, 'name') };
}

/** The request that names some devices of a chain: to be bound to, or to be taken away. @throws InputError */
export function chainDevices(chain: ChainRef, devices: string[]): ChainRequest {
  if (!Array.isArray(devices)) throw new InputError('devices', `expected an array, got ${show(devices)}`, 'ERR_INVALID_ARG_TYPE');
  return { ...chainKey(chain), hook: { devices } };
}
