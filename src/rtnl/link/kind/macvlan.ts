/** A link with a MAC address of its own on top of `link`. Source: include/uapi/linux/if_link.h (IFLA_MACVLAN_*); ip-link(8), "MACVLAN and MACVTAP Type Support". */
import { ethernetAddress } from '../../../netlink/address.ts';
import { attr, attributes, listOf } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration, flags } from '../../../netlink/enumeration.ts';
import { s32, u16, u32 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

/** enum macvlan_mode. */
const mode = enumeration(u32, { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 });
/** enum macvlan_macaddr_mode. */
const macaddrMode = enumeration(u32, { add: 0, del: 1, flush: 2, set: 3 });
/** MACVLAN_FLAG_*. */
const macvlanFlags = flags(u16, { nopromisc: 1, nodst: 2 });

const macvlan_ = attributes('IFLA_MACVLAN', () => ({
  /** Whom it talks to. Default: `vepa`. */
  mode: attr('IFLA_MACVLAN_MODE', 1, mode),
  flags: attr('IFLA_MACVLAN_FLAGS', 2, macvlanFlags),
  /** In the mode `source`: what to do with `macaddr` or `macaddrData`; never read back. */
  macaddrMode: attr('IFLA_MACVLAN_MACADDR_MODE', 3, macaddrMode),
  /** The address to `add` or `del`. */
  macaddr: attr('IFLA_MACVLAN_MACADDR', 4, ethernetAddress),
  /** The addresses allowed in the mode `source`; to `set` them all, give `macaddrMode` as well. */
  macaddrData: attr('IFLA_MACVLAN_MACADDR_DATA', 5, listOf('IFLA_MACVLAN_MACADDR', 4, ethernetAddress)),
  /** Read only: how many addresses are allowed. */
  macaddrCount: attr('IFLA_MACVLAN_MACADDR_COUNT', 6, u32),
  /** Packets that may wait in the queue for broadcasts. Of all requests of the links on one `link` the largest counts. Default: 1000. */
  bcQueueLen: attr('IFLA_MACVLAN_BC_QUEUE_LEN', 7, u32),
  /** Read only: the one in force. */
  bcQueueLenUsed: attr('IFLA_MACVLAN_BC_QUEUE_LEN_USED', 8, u32),
  /** From so many receivers on a broadcast goes through the queue; -1: always; 0 and more: above that number. Default: 1. */
  bcCutoff: attr('IFLA_MACVLAN_BC_CUTOFF', 9, s32),
}));

/** IFLA_INFO_DATA of a macvlan, and of a macvtap. */
export interface Macvlan extends Infer<typeof macvlan_> {}
export const macvlan: Codec<Macvlan> = macvlan_;

export const macvlanSince = { bcQueueLen: 'Linux 5.11' } as const;
export const macvlanReadOnly: ReadonlySet<string> = new Set<keyof Macvlan>(['macaddrCount', 'bcQueueLenUsed']);

/** Addresses as a listing has them are those to set. */
export function creatableMacvlan(data: Macvlan): Macvlan {
  if (data.macaddrData === undefined || data.macaddrMode !== undefined) return data;
  const { macaddrData, ...rest } = data;
  return macaddrData.length === 0 ? rest : { ...data, macaddrMode: 'set' };
}

export const macvlanKind: LinkKind<Macvlan> = {
  data: macvlan,
  needs: 'CONFIG_MACVLAN',
  readOnly: macvlanReadOnly,
  creatable: creatableMacvlan,
  since: macvlanSince,
};
