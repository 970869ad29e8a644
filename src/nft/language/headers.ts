/**
 * Fields of headers, by header: `ip.saddr`, `tcp.dport`, `icmp.type`. Names are nft(8)'s in camelCase: `ip.fragOff`. That a packet has the header is seen to
 * when the rule is made. Source: nft(8), PAYLOAD EXPRESSIONS, EXTENSION HEADER EXPRESSIONS.
 */
import { withChoices } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import type { DataTypeName } from '../datatype/data-type.ts';
import { extensionHeaders, ipOptions, sctpChunks, tcpOptions } from '../protocol/extensions.ts';
import { type HeaderField, type HeaderName, headers } from '../protocol/headers.ts';
import { bitTypes } from '../protocol/keys.ts';
import { type TunnelName, tunnels } from '../protocol/tunnels.ts';
import type { Expr } from '../statements/expression.ts';
import type { MatchStatement } from '../statements/statement.ts';
import { type BitField, bitField } from './bits.ts';
import { Field } from './field.ts';
import { type Camel, camel, uncamel } from './value.ts';

/** `integer` where a table names no type. */
type TypeOf<F> = F extends readonly [number, number, infer T extends DataTypeName] ? T : 'integer';
/** What a table has for a field: one whose values are sets of bits has methods for them. */
type FieldOf<T extends DataTypeName> = T extends BitType ? BitField<T> : Field<T>;
type BitType = 'tcp_flag' | 'ct_state' | 'ct_status' | 'ct_event' | 'ct_label' | 'bitmask';

type FieldsOf<F> = { readonly [K in keyof F & string as Camel<K>]: FieldOf<TypeOf<F[K]>> };

/** Members that are made when they are asked for, from a table with nft's names. */
export function lazily<T extends object>(
  what: string,
  table: Readonly<Record<string, unknown>>,
  make: (name: string) => unknown,
  rest: object = {},
): T {
  const made: Record<string | symbol, unknown> = { ...rest };
  return new Proxy(made, {
    get: (_, member) => {
      if (typeof member === 'symbol' || Object.hasOwn(made, member)) return made[member];
      const name = uncamel(table, member);
      if (name === undefined)
        throw new InputError('', withChoices(`${what} has no ${show(member)}`, member, Object.keys(table).map(camel)));
      made[member] = make(name);
      return made[member];
    },
  }) as T;
}

/** @throws InputError */
export function fieldOf(type: DataTypeName, expr: Expr): Field<DataTypeName> {
  return bitTypes.has(type) ? bitField(type, expr) : new Field(type, expr);
}

type HeaderFields<N extends HeaderName> = FieldsOf<(typeof headers)[N]['fields']>;

function header<N extends HeaderName>(protocol: N, tunnel?: TunnelName): HeaderFields<N> {
  const { fields }: { readonly fields: Readonly<Record<string, HeaderField>> } = headers[protocol];
  const around = tunnel === undefined ? {} : { tunnel };
  return lazily(protocol, fields, (field) => fieldOf(fields[field]![2] ?? 'integer', { payload: { protocol, field, ...around } }));
}

/** The fields of {@link ether}. */
export interface EtherFields extends HeaderFields<'ether'> {}
/** The fields of {@link vlan}. */
export interface VlanFields extends HeaderFields<'vlan'> {}
/** The fields of {@link arp}. */
export interface ArpFields extends HeaderFields<'arp'> {}
/** The fields of {@link ip}. */
export interface IpFields extends HeaderFields<'ip'> {}
/** The fields of {@link ip6}. */
export interface Ip6Fields extends HeaderFields<'ip6'> {}
/** The fields of {@link icmp}. */
export interface IcmpFields extends HeaderFields<'icmp'> {}
/** The fields of {@link icmpv6}. */
export interface Icmpv6Fields extends HeaderFields<'icmpv6'> {}
/** The fields of {@link igmp}. */
export interface IgmpFields extends HeaderFields<'igmp'> {}
/** The fields of {@link tcp}. */
export interface TcpFields extends HeaderFields<'tcp'> {}
/** The fields of {@link udp}. */
export interface UdpFields extends HeaderFields<'udp'> {}
/** The fields of {@link udplite}. */
export interface UdpliteFields extends HeaderFields<'udplite'> {}
/** The fields of {@link dccp}. */
export interface DccpFields extends HeaderFields<'dccp'> {}
/** The fields of {@link sctp}. */
export interface SctpFields extends HeaderFields<'sctp'> {}
/** The fields of {@link esp}. */
export interface EspFields extends HeaderFields<'esp'> {}
/** The fields of {@link ah}. */
export interface AhFields extends HeaderFields<'ah'> {}
/** The fields of {@link comp}. */
export interface CompFields extends HeaderFields<'comp'> {}
/** The fields of {@link th}. */
export interface ThFields extends HeaderFields<'th'> {}

/** Headers of the packet within a tunnel. */
export interface InnerHeaders {
  /** Ethernet header of the inner packet. */
  readonly ether: EtherFields;
  /** Tag of IEEE 802.1Q of the inner packet. */
  readonly vlan: VlanFields;
  /** ARP within the tunnel. */
  readonly arp: ArpFields;
  /** IPv4 header of the inner packet. */
  readonly ip: IpFields;
  /** IPv6 header of the inner packet. */
  readonly ip6: Ip6Fields;
  /** ICMP within the tunnel. */
  readonly icmp: IcmpFields;
  /** ICMPv6 within the tunnel. */
  readonly icmpv6: Icmpv6Fields;
  /** IGMP within the tunnel. */
  readonly igmp: IgmpFields;
  /** TCP header of the inner packet. */
  readonly tcp: TcpFields;
  /** UDP header of the inner packet. */
  readonly udp: UdpFields;
  /** UDP-Lite header of the inner packet. */
  readonly udplite: UdpliteFields;
  /** DCCP header of the inner packet. */
  readonly dccp: DccpFields;
  /** SCTP header of the inner packet. */
  readonly sctp: SctpFields;
  /** ESP header of the inner packet. */
  readonly esp: EspFields;
  /** Authentication header of the inner packet. */
  readonly ah: AhFields;
  /** IPComp header of the inner packet. */
  readonly comp: CompFields;
  /** What the transport headers of the inner packet have in common: ports. */
  readonly th: ThFields;
}

/** The fields of {@link vxlan}, and the headers within. */
export interface VxlanFields extends InnerHeaders, FieldsOf<(typeof tunnels)['vxlan']['fields']> {}
/** The fields of {@link geneve}, and the headers within. */
export interface GeneveFields extends InnerHeaders, FieldsOf<(typeof tunnels)['geneve']['fields']> {}
/** The fields of {@link gre}, and the headers within. */
export interface GreFields extends InnerHeaders, HeaderFields<'gre'> {}

function tunnel<N extends TunnelName>(name: N): FieldsOf<(typeof tunnels)[N]['fields']> & InnerHeaders {
  const { fields }: { readonly fields: Readonly<Record<string, HeaderField>> } = tunnels[name];
  const members = { ...headers, ...fields };
  return lazily(name, members, (member) =>
    Object.hasOwn(fields, member)
      ? fieldOf(fields[member]![2] ?? 'integer', { payload: { protocol: name, field: member } })
      : header(member as HeaderName, name),
  );
}

/** Header of Ethernet: `ether.saddr`, `ether.type`. */
export const ether: EtherFields = header('ether');
/** Tag of a VLAN (IEEE 802.1Q): `vlan.id`, `vlan.pcp`. */
export const vlan: VlanFields = header('vlan');
/** Header of ARP: `arp.operation`, `arp.saddrIp`. */
export const arp: ArpFields = header('arp');
/** Header of IPv4: `ip.saddr`, `ip.protocol`. */
export const ip: IpFields = header('ip');
/** Header of IPv6: `ip6.saddr`, `ip6.nexthdr`; its extension headers are {@link exthdr}. */
export const ip6: Ip6Fields = header('ip6');
/** Header of ICMP: `icmp.type`, `icmp.code`. */
export const icmp: IcmpFields = header('icmp');
/** Header of ICMPv6: `icmpv6.type`, `icmpv6.code`. */
export const icmpv6: Icmpv6Fields = header('icmpv6');
/** Header of IGMP: `igmp.type`, `igmp.group`. */
export const igmp: IgmpFields = header('igmp');
/** Header of TCP: `tcp.dport`, `tcp.flags`; its options are {@link tcpOption}. */
export const tcp: TcpFields = header('tcp');
/** Header of UDP: `udp.dport`, `udp.length`. */
export const udp: UdpFields = header('udp');
/** Header of UDP-Lite: `udplite.dport`. */
export const udplite: UdpliteFields = header('udplite');
/** Header of DCCP: `dccp.dport`, `dccp.type`. */
export const dccp: DccpFields = header('dccp');
/** Header of SCTP: `sctp.dport`, `sctp.vtag`; its chunks are {@link sctpChunk}. */
export const sctp: SctpFields = header('sctp');
/** Header of ESP (IPsec): `esp.spi`, `esp.sequence`. */
export const esp: EspFields = header('esp');
/** Authentication header (IPsec): `ah.spi`, `ah.hdrlength`. */
export const ah: AhFields = header('ah');
/** Header of IPComp: `comp.cpi`. */
export const comp: CompFields = header('comp');
/** The ports of whichever transport protocol it is; the rule is to match that itself (`meta.l4proto`). */
export const th: ThFields = header('th');

/** Header of VXLAN, and those of the packet within: `vxlan.vni`, `vxlan.ip.saddr`; the rule is to match the port of UDP first. Linux 6.2. */
export const vxlan: VxlanFields = tunnel('vxlan');
/** Header of Geneve, and those of the packet within: `geneve.vni`, `geneve.ip.saddr`; the rule is to match the port of UDP first. Linux 6.2. */
export const geneve: GeneveFields = tunnel('geneve');
/** The packet within GRE that carries frames of Ethernet: `gretap.ip.saddr`. Linux 6.2. */
export const gretap: InnerHeaders = tunnel('gretap');
/** Header of GRE, and those of the packet within: `gre.version`, `gre.ip.saddr` (Linux 6.2). */
export const gre: GreFields = lazily('gre', { ...headers.gre.fields, ...headers }, (member) =>
  Object.hasOwn(headers.gre.fields, member) ? header('gre')[member as 'version'] : header(member as HeaderName, 'gre'),
);

/** Bits of a packet, counted from the start of a header. nft: `@th,16,16`. */
export function raw(base: 'll' | 'nh' | 'th', offset: number, bits: number): Field<'integer'> {
  return new Field('integer', { payload: { base, offset, len: bits } });
}

/** What can be asked of a header or an option that may be there or not. */
export interface Presence {
  /** Matches packets that have it. */
  exists(): MatchStatement;
  /** Matches packets that do not. */
  missing(): MatchStatement;
}

interface Extension {
  readonly fields: Readonly<Record<string, HeaderField>>;
}

type ExtensionOf<T> = {
  readonly [K in keyof T & string as Camel<K>]: Presence & FieldsOf<T[K] extends { readonly fields: infer F } ? F : never>;
};

type Wrap = (of: { readonly name: string; readonly field?: string }) => Expr;

function extensions<T extends Readonly<Record<string, Extension>>>(what: string, table: T, wrap: Wrap): ExtensionOf<T> {
  return lazily(what, table, (name) => {
    const { fields } = table[name]!;
    const presence = (right: boolean): MatchStatement => ({ match: { left: wrap({ name }), op: '==', right } });
    const rest: Presence = { exists: () => presence(true), missing: () => presence(false) };
    return lazily(`${what} ${name}`, fields, (field) => fieldOf(fields[field]![2] ?? 'integer', wrap({ name, field })), rest);
  });
}

/** The extension headers of {@link exthdr}. */
export interface ExtensionHeaders extends ExtensionOf<typeof extensionHeaders> {}
/** The options of {@link tcpOption}. */
export interface TcpOptions extends ExtensionOf<typeof tcpOptions> {}
/** The options of {@link ipOption}. */
export interface IpOptions extends ExtensionOf<typeof ipOptions> {}
/** The chunks of {@link sctpChunk}. */
export interface SctpChunks extends ExtensionOf<typeof sctpChunks> {}

/** Extension headers of IPv6: `exthdr.frag.moreFragments`. */
export const exthdr: ExtensionHeaders = extensions('exthdr', extensionHeaders, (of) => ({ exthdr: of }));
/** Options of TCP: `tcpOption.maxseg.size`. */
export const tcpOption: TcpOptions = extensions('tcpOption', tcpOptions, (of) => ({ 'tcp option': of }));
/** Options of IPv4: `ipOption.lsrr.exists()`. */
export const ipOption: IpOptions = extensions('ipOption', ipOptions, (of) => ({ 'ip option': of }));
/** Chunks of SCTP: `sctpChunk.init.initialTsn`. */
export const sctpChunk: SctpChunks = extensions('sctpChunk', sctpChunks, (of) => ({ 'sctp chunk': of }));

/** Option of DCCP, by its number: whether it is there. */
export function dccpOption(type: number): Presence {
  const presence = (right: boolean): MatchStatement => ({ match: { left: { 'dccp option': { type } }, op: '==', right } });
  return { exists: () => presence(true), missing: () => presence(false) };
}

/** The address of a segment in a routing header, from 1. nft: `srh sid[2]`. */
export function segment(index: number): Field<'ipv6_addr'> {
  return new Field('ipv6_addr', { exthdr: { name: 'srh', field: `sid[${index}]` } });
}

/** Bits of an option of TCP, by its number. nft: `tcp option @255,8,8`. */
export function rawTcpOption(kind: number, offset: number, bits: number): Field<'integer'> {
  return new Field('integer', { 'tcp option': { base: kind, offset, len: bits } });
}

export type { FieldOf };
