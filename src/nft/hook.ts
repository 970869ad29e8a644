/**
 * What is hooked into the way of packets, by whomever: chains of nf_tables, iptables, conntrack, flowtables, BPF programs.
 * Source: include/uapi/linux/netfilter/nfnetlink_hook.h.
 */
import { attr, attributes } from '../netlink/attributes.ts';
import type { Infer } from '../netlink/codec.ts';
import { enumeration } from '../netlink/enumeration.ts';
import { MalformedMessageError } from '../netlink/errors.ts';
import { type Message, NETLINK_NETFILTER } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { be32, sbe32, u8 } from '../netlink/scalar.ts';
import { bytes, string } from '../netlink/text.ts';
import { type Hook, hooks } from './chain.ts';
import { type Family, familyName, type NfGenMsg, nftMessage } from './nfnetlink.ts';

const NFNL_SUBSYS_HOOK = 12;

const description_ = attributes('NFNLA_CHAIN', () => ({
  /** Name of a table; of a BPF program this is NFNLA_HOOK_BPF_ID, a number, and all there is. */
  table: attr('NFNLA_CHAIN_TABLE', 1, bytes),
  family: attr('NFNLA_CHAIN_FAMILY', 2, u8),
  name: attr('NFNLA_CHAIN_NAME', 3, string()),
}));

const info_ = attributes('NFNLA_HOOK_INFO', () => ({
  description: attr('NFNLA_HOOK_INFO_DESC', 1, description_),
  /** NFNL_HOOK_TYPE_* */
  type: attr('NFNLA_HOOK_INFO_TYPE', 2, enumeration(be32, { nftables: 1, bpf: 2, flowtable: 3 })),
}));

const hook_ = attributes('NFNLA_HOOK', () => ({
  number: attr('NFNLA_HOOK_HOOKNUM', 1, be32),
  priority: attr('NFNLA_HOOK_PRIORITY', 2, sbe32),
  device: attr('NFNLA_HOOK_DEV', 3, string()),
  function: attr('NFNLA_HOOK_FUNCTION_NAME', 4, string()),
  module: attr('NFNLA_HOOK_MODULE_NAME', 5, string()),
  info: attr('NFNLA_HOOK_CHAIN_INFO', 6, info_),
}));
interface HookInfo extends Infer<typeof hook_> {}
/** A hook entry on the wire. */
export type HookMessage = NfGenMsg & HookInfo;
const message: Message<HookMessage, Partial<NfGenMsg> & HookInfo> = nftMessage('NFNL_MSG_HOOK', hook_);

/** What NFNL_MSG_HOOK_GET needs. */
export const hookNeeds = 'CONFIG_NETFILTER_NETLINK_HOOK (Linux 5.14)';

/** NFNL_MSG_HOOK_GET: a dump of one hook of one family. */
export const getHook: Operation<Partial<NfGenMsg> & HookInfo, HookMessage> = {
  name: 'NFNL_MSG_HOOK_GET',
  protocol: NETLINK_NETFILTER,
  type: NFNL_SUBSYS_HOOK << 8,
  body: message,
  reply: message,
  needs: () => hookNeeds,
};

/** A chain or a flowtable, by its names. */
export interface HookedObject {
  /** Family of the table. */
  readonly family: Family;
  /** Name of the table. */
  readonly table: string;
  /** Name of the chain or flowtable. */
  readonly name: string;
}

/** One function of the kernel's that packets are handed to. */
export interface HookEntry {
  /** Whose packets come by: of `inet` there is one entry in `ip` and one in `ip6`. */
  readonly family: Exclude<Family, 'inet'>;
  /** Where on their way. */
  readonly hook: Hook;
  /** Order among those of the hook: the lowest is first. */
  readonly priority: number;
  /** The link, for `netdev`. */
  readonly device?: string;
  /** Name of the function, where the kernel knows it: `nft_do_chain_ipv4`. */
  readonly function?: string;
  /** Name of the module it is in. */
  readonly module?: string;
  /** The chain whose rules it runs. One of the family `inet` is listed for both `ip` and `ip6`. */
  readonly chain?: HookedObject;
  /** The flowtable that it serves (Linux 6.16). */
  readonly flowtable?: HookedObject;
  /** Id of the BPF program that it runs (Linux 6.4). */
  readonly bpf?: number;
}

/** @throws MalformedMessageError for what is no hook of the family asked for */
export function hookFromWire(wire: HookMessage, device: string | undefined): HookEntry {
  const family = familyName(wire.family);
  const hook = Object.entries(hooks[family]).find(([, number]) => number === wire.number)?.[0];
  if (hook === undefined || family === 'inet' || wire.priority === undefined)
    throw new MalformedMessageError('NFNL_MSG_HOOK', 0, 'a hook of a family, and a priority');
  const place = { family, hook: hook as Hook, priority: wire.priority, ...(device === undefined ? {} : { device }) };
  // the kernel puts the names of modules in brackets
  const names = {
    ...(wire.function === undefined ? {} : { function: wire.function }),
    ...(wire.module === undefined ? {} : { module: wire.module.replace(/^\[(.*)\]$/, '$1') }),
  };
  return { ...place, ...names, ...ownerOf(wire) };
}

function ownerOf({ info }: HookMessage): Pick<HookEntry, 'chain' | 'flowtable' | 'bpf'> {
  const { table, family, name } = info?.description ?? {};
  if (table === undefined) return {};
  if (info?.type === 'bpf') return { bpf: be32.decode(table, 0, table.length) };
  if (family === undefined || name === undefined) return {};
  const object = { family: familyName(family), table: string().decode(table, 0, table.length), name };
  return info?.type === 'flowtable' ? { flowtable: object } : { chain: object };
}
