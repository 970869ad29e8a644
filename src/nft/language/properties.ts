/** Properties of packets and connections that are in no header: `meta.iifname`, `ct.state`, `fib(…)`. Source: nft(8), PRIMARY EXPRESSIONS. */
import type { DataTypeName } from '../datatype/data-type.ts';
import { ctProperties, metaProperties } from '../protocol/keys.ts';
import type { FibFlag } from '../statements/expression.ts';
import type { MatchStatement } from '../statements/statement.ts';
import { Field, type Operand } from './field.ts';
import { type FieldOf, fieldOf, lazily, type Presence } from './headers.ts';
import type { Camel } from './value.ts';

type PropertiesOf<T extends Readonly<Record<string, { readonly type: DataTypeName }>>> = {
  readonly [K in keyof T & string as Camel<K>]: FieldOf<T[K]['type']>;
};

/** The properties of {@link meta}. */
export interface MetaFields extends PropertiesOf<typeof metaProperties> {}

/** What is known of a packet: interfaces, marks, sockets' owners, the time. */
export const meta: MetaFields = lazily('meta', metaProperties, (key) => fieldOf(metaProperties[key as 'mark'].type, { meta: { key } }));

interface CtProperties extends PropertiesOf<typeof ctProperties> {}

/** What the packets of one direction of a connection have: `ct.original.ipSaddr`. */
export interface CtDirectionFields
  extends Pick<
    CtProperties,
    | 'l3proto'
    | 'protocol'
    | 'protoSrc'
    | 'protoDst'
    | 'packets'
    | 'bytes'
    | 'avgpkt'
    | 'zone'
    | 'ipSaddr'
    | 'ipDaddr'
    | 'ip6Saddr'
    | 'ip6Daddr'
  > {}

/** The properties of {@link ct}. */
export interface CtFields extends CtProperties {
  /** What the packets that go the way of the first one have. */
  readonly original: CtDirectionFields;
  /** What the packets of the answers have. */
  readonly reply: CtDirectionFields;
}

function ctFields(dir?: 'original' | 'reply'): unknown {
  const direction = dir === undefined ? {} : { dir };
  const rest = dir === undefined ? { original: ctFields('original'), reply: ctFields('reply') } : {};
  return lazily('ct', ctProperties, (key) => fieldOf(ctProperties[key as 'mark'].type, { ct: { key, ...direction } }), rest);
}

/** The packet's connection. `ct.original` and `ct.reply`: what the packets of one direction have. `expiration` is in seconds. */
export const ct = ctFields() as CtFields;

/** The route that a packet takes. */
export const rt = {
  classid: new Field('realm', { rt: { key: 'classid' } }),
  /** Largest segment of TCP that goes through. */
  mtu: new Field('integer', { rt: { key: 'mtu' } }),
  /** Whether it goes through IPsec. */
  ipsec: new Field('boolean', { rt: { key: 'ipsec' } }),
  ipNexthop: new Field('ipv4_addr', { rt: { key: 'nexthop', family: 'ip' } }),
  ip6Nexthop: new Field('ipv6_addr', { rt: { key: 'nexthop', family: 'ip6' } }),
} as const;

/** The socket that a packet is for. */
export const socket = {
  transparent: new Field('boolean', { socket: { key: 'transparent' } }),
  wildcard: new Field('boolean', { socket: { key: 'wildcard' } }),
  mark: new Field('mark', { socket: { key: 'mark' } }),
  /** Number of the control group (its inode), or of its ancestor `level` steps below the root. */
  cgroupv2: (level: number): Field<'cgroupsv2'> => new Field('cgroupsv2', { socket: { key: 'cgroupv2', level } }),
} as const;

const fibTypes = { oif: 'iface_index', oifname: 'ifname', type: 'fib_addrtype' } as const;

/**
 * What the routing table has for parts of the packet. With `exists()` and `missing()`: whether there is a route.
 *
 * @example fib(['saddr', 'iif'], 'oif').missing()
 */
export function fib<R extends keyof typeof fibTypes>(flags: readonly FibFlag[], result: R): Field<(typeof fibTypes)[R]> & Presence {
  const field = new Field(fibTypes[result], { fib: { flags, result } });
  const presence = (right: boolean): MatchStatement => ({ match: { left: field.expr, op: '==', right } });
  return Object.assign(field, { exists: () => presence(true), missing: () => presence(false) });
}

/** The operating system that sent a packet, by its ways. `ttl`: how the time to live is compared. Default: exactly. */
export function osf(key: 'name' | 'version', options: { readonly ttl?: 'loose' | 'skip' } = {}): Field<'string'> {
  return new Field('string', { osf: { key, ...options } });
}

/** The IPsec transformations of a packet. `spnum`: which of several, from 0. */
export function ipsec(dir: 'in' | 'out', key: 'reqid' | 'spi', spnum?: number): Field<'integer'>;
export function ipsec(dir: 'in' | 'out', key: 'ip saddr' | 'ip daddr', spnum?: number): Field<'ipv4_addr'>;
export function ipsec(dir: 'in' | 'out', key: 'ip6 saddr' | 'ip6 daddr', spnum?: number): Field<'ipv6_addr'>;
export function ipsec(dir: 'in' | 'out', name: string, spnum = 0): Field<'integer'> | Field<'ipv4_addr'> | Field<'ipv6_addr'> {
  const [family, key] = name.split(' ') as ['ip' | 'ip6', 'saddr' | 'daddr' | undefined];
  if (key === undefined) return new Field('integer', { ipsec: { dir, key: name as 'spi', spnum } });
  const expr = { ipsec: { dir, key, family, spnum } };
  return family === 'ip' ? new Field('ipv4_addr', expr) : new Field('ipv6_addr', expr);
}

/** A number that counts up, or a random one, less than `mod`. `offset` is added. */
export function numgen(mode: 'inc' | 'random', mod: number, offset?: number): Operand {
  return { expr: { numgen: { mode, mod, ...(offset === undefined ? {} : { offset }) } } };
}

/** A hash of fields, less than `mod`. `seed` default: random. */
export function jhash(of: Operand, mod: number, options: { readonly seed?: number; readonly offset?: number } = {}): Operand {
  return { expr: { jhash: { expr: of.expr, mod, ...options } } };
}

/** A hash of addresses and ports that is the same in both directions, less than `mod`. */
export function symhash(mod: number, offset?: number): Operand {
  return { expr: { symhash: { mod, ...(offset === undefined ? {} : { offset }) } } };
}
