/**
 * What becomes of packets that a rule has marked with `meta nftrace set 1`: a message for each rule that they meet, and for each end of a chain.
 * Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_TRACE_*), nft(8), MONITOR.
 */
import { attr, attributes, type WithUnknown } from '../netlink/attributes.ts';
import type { Infer } from '../netlink/codec.ts';
import { type EnumerationCodec, enumeration } from '../netlink/enumeration.ts';
import { MalformedMessageError } from '../netlink/errors.ts';
import type { Message } from '../netlink/message.ts';
import type { MessageType } from '../netlink/message-types.ts';
import { be16, be32, be64 } from '../netlink/scalar.ts';
import { bytes, string } from '../netlink/text.ts';
import { type Verdict, verdict } from './data.ts';
import { type Family, familyName, NFNL_SUBSYS_NFTABLES, type NfGenMsg, nftMessage } from './nfnetlink.ts';

/** NFT_TRACETYPE_* */
const traceTypes = { policy: 1, return: 2, rule: 3 } as const;
const traceType: EnumerationCodec<typeof traceTypes> = enumeration(be32, traceTypes);

/** NFPROTO_* */
const protocols = { ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 } as const;
const protocol: EnumerationCodec<typeof protocols> = enumeration(be32, protocols);

const trace_ = attributes('NFTA_TRACE', () => ({
  table: attr('NFTA_TRACE_TABLE', 1, string(255)),
  chain: attr('NFTA_TRACE_CHAIN', 2, string(255)),
  ruleHandle: attr('NFTA_TRACE_RULE_HANDLE', 3, be64),
  type: attr('NFTA_TRACE_TYPE', 4, traceType),
  verdict: attr('NFTA_TRACE_VERDICT', 5, verdict),
  id: attr('NFTA_TRACE_ID', 6, be32),
  linkLayerHeader: attr('NFTA_TRACE_LL_HEADER', 7, bytes),
  networkHeader: attr('NFTA_TRACE_NETWORK_HEADER', 8, bytes),
  transportHeader: attr('NFTA_TRACE_TRANSPORT_HEADER', 9, bytes),
  iif: attr('NFTA_TRACE_IIF', 10, be32),
  iifType: attr('NFTA_TRACE_IIFTYPE', 11, be16),
  oif: attr('NFTA_TRACE_OIF', 12, be32),
  oifType: attr('NFTA_TRACE_OIFTYPE', 13, be16),
  mark: attr('NFTA_TRACE_MARK', 14, be32),
  protocol: attr('NFTA_TRACE_NFPROTO', 15, protocol),
  policy: attr('NFTA_TRACE_POLICY', 16, enumeration(be32, { drop: 0, accept: 1 })),
}));
export interface TraceAttributes extends Infer<typeof trace_>, WithUnknown {}
const body: Message<NfGenMsg & TraceAttributes, Partial<NfGenMsg> & TraceAttributes> = nftMessage('NFT_MSG_TRACE', trace_);

/** NFT_MSG_TRACE: the kernel tells it, nobody asks for it. */
export const traceMessage: MessageType & { readonly body: typeof body } = {
  name: 'NFT_MSG_TRACE',
  type: (NFNL_SUBSYS_NFTABLES << 8) | 17,
  body,
};

/** One step of a packet's way through the rules. */
export interface TraceEvent {
  /** Tells the events apart. */
  readonly kind: 'trace';
  /** The same for the steps of one packet in a row of chains; nft shows it in hexadecimal. What a packet becomes, by loopback or a tunnel, has another. */
  readonly id: number;
  /** Family of the table. */
  readonly family: Family;
  /** Name of the table. */
  readonly table: string;
  /** Name of the chain. */
  readonly chain: string;
  /** `rule`: a rule matched; `return`: a chain ended, or was left by `return`; `policy`: a base chain ended, and its policy decided. */
  readonly type: keyof typeof traceTypes;
  /** The rule that matched: as in {@link Rule}. Left out by the kernel where a jump has come back and no rule follows. */
  readonly handle?: bigint;
  /** What the rule said, or where the packet goes on: `{ code: 'jump', chain: 'web' }`. */
  readonly verdict?: Verdict;
  /** What the chain does with packets that no rule decided on. */
  readonly policy?: 'drop' | 'accept';
  /** What the packet is. */
  readonly protocol?: keyof typeof protocols | number;
  /** Mark of the packet, left out when it has none. */
  readonly mark?: number;
  /** Where it comes from and what it says: on the first step of each base chain. */
  readonly packet?: TracedPacket;
}

/** What the kernel tells of a packet: the beginnings of its headers, as they are at that moment. */
export interface TracedPacket {
  /** Index of the link that it came in by. */
  readonly iif?: number;
  /** Kind of that link: ARPHRD_*. */
  readonly iifType?: number;
  /** Index of the link that it leaves by. */
  readonly oif?: number;
  /** What the link that it leaves by is made of: ARPHRD_*. */
  readonly oifType?: number;
  /** Its header of the link layer, byte for byte. */
  readonly linkLayerHeader?: Uint8Array;
  /** Its header of the network layer, byte for byte. */
  readonly networkHeader?: Uint8Array;
  /** Its header of the transport layer, byte for byte. */
  readonly transportHeader?: Uint8Array;
}

/** @throws MalformedMessageError when it lacks what every kernel tells */
export function traceFromWire(wire: NfGenMsg & TraceAttributes): TraceEvent {
  const { id, table, chain, type } = wire;
  if (id === undefined || table === undefined || chain === undefined || typeof type !== 'string')
    throw new MalformedMessageError('NFT_MSG_TRACE', 0, 'an id, a table, a chain and a type');
  const { iif, iifType, oif, oifType, linkLayerHeader, networkHeader, transportHeader } = wire;
  const packet = given({ iif, iifType, oif, oifType, linkLayerHeader, networkHeader, transportHeader });
  const { ruleHandle: handle, verdict, policy, protocol, mark } = wire;
  return {
    ...{ kind: 'trace', id, family: familyName(wire.family), table, chain, type },
    ...given({ handle, verdict, policy: policy === 'drop' || policy === 'accept' ? policy : undefined, protocol, mark }),
    ...(Object.keys(packet).length === 0 ? {} : { packet }),
  };
}

/** The members that there are. */
function given<T extends object>(of: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
