/**
 * Fields of headers, by header: `ip.saddr`, `tcp.dport`, `icmp.type`. Names are nft(8)'s in camelCase: `ip.fragOff`. That a packet has the header is seen to
 * when the rule is made. Source: nft(8), PAYLOAD EXPRESSIONS, EXTENSION HEADER EXPRESSIONS.
 */
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
import { type Camel, uncamel } from './value.ts';

/** `integer` where a table names no type. */
type TypeOf<F> = F extends readonly [number, number, infer T extends DataTypeName] ? T : 'integer';
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
      if (name === undefined) throw new InputError('', `${what} has no ${show(member)}`);
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

/** Headers of the packet within a tunnel. */
type Within = { readonly [N in Exclude<HeaderName, 'gre'>]: HeaderFields<N> };

function tunnel<N extends TunnelName>(name: N): FieldsOf<(typeof tunnels)[N]['fields']> & Within {
  const { fields }: { readonly fields: Readonly<Record<string, HeaderField>> } = tunnels[name];
  const members = { ...headers, ...fields };
  return lazily(name, members, (member) =>
    Object.hasOwn(fields, member)
      ? fieldOf(fields[member]![2] ?? 'integer', { payload: { protocol: name, field: member } })
      : header(member as HeaderName, name),
  );
}

export const ether = header('ether');
export const vlan = header('vlan');
export const arp = header('arp');
export const ip = header('ip');
export const ip6 = header('ip6');
export const icmp = header('icmp');
export const icmpv6 = header('icmpv6');
export const igmp = header('igmp');
export const tcp = header('tcp');
export const udp = header('udp');
export const udplite = header('udplite');
export const dccp = header('dccp');
export const sctp = header('sctp');
export const esp = header('esp');
export const ah = header('ah');
export const comp = header('comp');
/** The ports of whichever transport protocol it is; the rule is to match that itself (`meta.l4proto`). */
export const th = header('th');

/** Header of VXLAN, and those of the packet within: `vxlan.vni`, `vxlan.ip.saddr`; the rule is to match the port of UDP first. Linux 6.2. */
export const vxlan = tunnel('vxlan');
/** The same for Geneve. */
export const geneve = tunnel('geneve');
/** The packet within GRE that carries frames of Ethernet: `gretap.ip.saddr`. Linux 6.2. */
export const gretap = tunnel('gretap');
/** Header of GRE, and those of the packet within: `gre.version`, `gre.ip.saddr` (Linux 6.2). */
export const gre: HeaderFields<'gre'> & Within = lazily('gre', { ...headers.gre.fields, ...headers }, (member) =>
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

/** Extension headers of IPv6: `exthdr.frag.moreFragments`. */
export const exthdr = extensions('exthdr', extensionHeaders, (of) => ({ exthdr: of }));
/** Options of TCP: `tcpOption.maxseg.size`. */
export const tcpOption = extensions('tcpOption', tcpOptions, (of) => ({ 'tcp option': of }));
/** Options of IPv4: `ipOption.lsrr.exists()`. */
export const ipOption = extensions('ipOption', ipOptions, (of) => ({ 'ip option': of }));
/** Chunks of SCTP: `sctpChunk.init.initialTsn`. */
export const sctpChunk = extensions('sctpChunk', sctpChunks, (of) => ({ 'sctp chunk': of }));

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
