/** What can be loaded into a register: fields, properties, numbers. */
import { noneOf, withChoices } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { type DataTypeName, dataType } from '../datatype/data-type.ts';
import type { Field } from '../datatype/value.ts';
import type { Expression, ExpressionData } from '../expressions/expression.ts';
import { extensionHeaders, ipOptions, sctpChunks, tcpOptions } from '../protocol/extensions.ts';
import { type HeaderBase, type HeaderField, type HeaderName, headerOf, headers } from '../protocol/headers.ts';
import { ctProperties, metaProperties, type Property } from '../protocol/keys.ts';
import { type TunnelName, tunnels } from '../protocol/tunnels.ts';
import { type Expr, isNode, type Node } from '../statements/expression.ts';
import { innerScope, within } from './inner-scope.ts';
import { registerAt } from './registers.ts';
import type { Scope } from './scope.ts';

/** Where the bits of a value lie among loaded bytes. */
export interface Source {
  readonly field: Field;
  /** Bits of a value. */
  readonly bits: number;
  /** Bits below the value in what is loaded; those above and below are cleared. */
  readonly shift: number;
  /** Bytes loaded. */
  readonly loaded: number;
  /** Loads the bytes into the register that starts with a word. */
  readonly load: (word: number) => Expression[];
  /** Bytes of a header, whole ones. */
  readonly payload?: { readonly base: HeaderBase; readonly offset: number };
  /** Loads less: the first bytes. */
  readonly loadFirst?: (word: number, bytes: number) => Expression[];
  /** What it is, for what follows of its value. */
  readonly names?: readonly [header: HeaderName | 'meta', field: string];
}

/** @throws InputError */
export function sourceOf(scope: Scope, of: Expr): Source {
  if (!isNode(of)) throw new InputError('', `expected something of a packet, got ${show(of)}`);
  if ('payload' in of) return payloadSource(scope, of.payload);
  if ('meta' in of) return propertySource(named(metaProperties, of.meta.key, 'meta'), 'meta', of.meta.key);
  if ('ct' in of) return ctSource(scope, of.ct);
  if ('exthdr' in of || 'tcp option' in of || 'ip option' in of || 'sctp chunk' in of || 'dccp option' in of)
    return extensionSource(scope, of);
  return otherSource(scope, of);
}

function field(type: DataTypeName, length: number, order?: 'host' | 'network'): Field {
  const described = dataType(type);
  return { type: described, length, order: order ?? described.order };
}

function named<T>(table: Readonly<Record<string, T>>, name: unknown, what: string): T {
  if (typeof name === 'string' && Object.hasOwn(table, name)) return table[name]!;
  throw new InputError('', withChoices(`${what} has no ${show(name)}`, String(name), Object.keys(table)));
}

type PayloadNode = Extract<Node, { payload: unknown }>['payload'];
const rawBases = { ll: 'link', nh: 'network', th: 'transport' } as const;

function payloadSource(scope: Scope, of: PayloadNode): Source {
  if ('base' in of) {
    if (of.base === 'ih') throw new InputError('base', 'the inner header has no place of its own in nft 1.0.6');
    return bitsSource(named(rawBases, of.base, 'payload'), [of.offset, of.len]);
  }
  if (of.tunnel !== undefined) return tunnelSource(scope, of.tunnel as TunnelName, of.protocol, of.field);
  if (Object.hasOwn(tunnels, of.protocol) && !Object.hasOwn(headers, of.protocol))
    return tunnelSource(scope, of.protocol as TunnelName, of.protocol, of.field);
  const header = headerOf(of.protocol);
  if (header === undefined) throw new InputError('protocol', noneOf(of.protocol, Object.keys(headers)));
  const bits = named(header.fields, of.field, header.name);
  scope.require(header);
  scope.requireIcmpType(header.name, of.field);
  const moved = 8 * scope.offsetOf(header.name);
  if (moved !== 0) return bitsSource(header.base, [bits[0] + moved, bits[1], bits[2]], [header.name, of.field]);
  const sources = fieldSources.get(header.name) ?? new Map<string, Source>();
  const source = sources.get(of.field) ?? bitsSource(header.base, bits, [header.name, of.field]);
  sources.set(of.field, source);
  fieldSources.set(header.name, sources);
  return source;
}

/** Fields of headers that are where their table says: the same for every rule. */
const fieldSources = new Map<HeaderName, Map<string, Source>>();

/** A field of a tunnel's own header, or of one in the packet within. */
function tunnelSource(scope: Scope, tunnel: TunnelName, protocol: string, of: string): Source {
  const inner = innerScope(scope, tunnel);
  const source =
    protocol === tunnel
      ? bitsSource('tunnel', named<HeaderField>(tunnels[tunnel].fields, of, tunnel))
      : payloadSource(inner, { protocol, field: of });
  // it is neither put together with what is around it, nor known of that
  const { payload: _payload, names: _names, load, loadFirst, ...rest } = source;
  return {
    ...rest,
    load: (word) => within(tunnel, load(word)),
    ...(loadFirst === undefined ? {} : { loadFirst: (word, bytes) => within(tunnel, loadFirst(word, bytes)) }),
  };
}

/** First byte, bytes, and the bits below the last one. */
function extent(bit: number, bits: number): { offset: number; length: number; shift: number } {
  const offset = Math.floor(bit / 8);
  const length = Math.ceil((bit + bits) / 8) - offset;
  return { offset, length, shift: 8 * (offset + length) - bit - bits };
}

function masked(bits: number, shift: number, length: number, word: number): Expression[] {
  if (bits === 8 * length) return [];
  const register = registerAt(word);
  const mask = toBytes(((1n << BigInt(bits)) - 1n) << BigInt(shift), length);
  return [{ kind: 'bitwise', data: { sreg: register, dreg: register, len: length, mask, xor: new Uint8Array(length) } }];
}

export function toBytes(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = length - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

function bitsSource(base: HeaderBase, [bit, bits, type]: HeaderField, names?: Source['names']): Source {
  const { offset, length, shift } = extent(bit, bits);
  const loadFirst = (word: number, len: number): Expression[] => [{ kind: 'payload', data: { dreg: registerAt(word), base, offset, len } }];
  const whole = bits === 8 * length;
  return {
    field: field(type ?? 'integer', Math.ceil(bits / 8)),
    bits,
    shift,
    loaded: length,
    load: (word) => [...loadFirst(word, length), ...masked(bits, shift, length, word)],
    ...(whole ? { payload: { base, offset }, loadFirst } : {}),
    ...(names === undefined ? {} : { names }),
  };
}

type CtNode = Extract<Node, { ct: unknown }>['ct'];

function ctSource(scope: Scope, of: CtNode): Source {
  let key = of.key === 'l3proto' ? 'l3proto' : of.key;
  const address = key === 'saddr' || key === 'daddr';
  if (address) {
    const family = of.family ?? (scope.family === 'ip' || scope.family === 'ip6' ? scope.family : undefined);
    if (family === undefined) throw new InputError('family', `${key} needs a family in a table of the family ${scope.family}`);
    key = `${family} ${key}`;
  }
  const property: Property<NonNullable<ExpressionData<'ct'>['key']>> = named(ctProperties, key, 'ct');
  const direction = of.dir === undefined ? {} : { direction: of.dir };
  return simple(property, (dreg) => ({ kind: 'ct', data: { key: property.key, dreg, ...direction } }));
}

function propertySource(property: Property<NonNullable<ExpressionData<'meta'>['key']>>, header: 'meta', name: string): Source {
  return { ...simple(property, (dreg) => ({ kind: 'meta', data: { key: property.key, dreg } })), names: [header, name] };
}

function simple(property: Property<unknown>, load: (register: number) => Expression): Source {
  const type = dataType(property.type);
  const length = property.length ?? Math.ceil(type.bits / 8);
  return {
    field: { type, length, order: property.order ?? type.order },
    bits: 8 * length,
    shift: 0,
    loaded: length,
    load: (word) => [load(registerAt(word))],
  };
}

type ExtensionNode = Extract<
  Node,
  { exthdr: unknown } | { 'tcp option': unknown } | { 'ip option': unknown } | { 'sctp chunk': unknown } | { 'dccp option': unknown }
>;
type ExthdrOp = NonNullable<ExpressionData<'exthdr'>['op']>;

function extensionSource(scope: Scope, of: ExtensionNode): Source {
  if ('exthdr' in of) {
    scope.requireNetwork(headerOf('ip6')!);
    return optionSource('ipv6', extensionHeaders, of.exthdr);
  }
  if ('ip option' in of) {
    scope.requireNetwork(headerOf('ip')!);
    return optionSource('ipv4', ipOptions, of['ip option']);
  }
  if ('sctp chunk' in of) return optionSource('sctp', sctpChunks, of['sctp chunk']);
  if ('dccp option' in of) return presence('dccp', of['dccp option'].type);
  const option = of['tcp option'];
  if ('base' in option) return optionBits('tcpopt', option.base, [option.offset, option.len]);
  return optionSource('tcpopt', tcpOptions, option);
}

type OptionTable = Readonly<Record<string, { readonly type: number; readonly fields: Readonly<Record<string, HeaderField>> }>>;

function optionSource(op: ExthdrOp, table: OptionTable, of: { readonly name: string; readonly field?: string }): Source {
  const option = named(table, of.name, op === 'ipv6' ? 'exthdr' : `${op} option`);
  if (of.field === undefined) return presence(op, option.type);
  // sid[2], addr[1]: one of several
  const [, name, index] = /^([a-z0-9-]+)(?:\[(\d{1,3})\])?$/.exec(of.field) ?? [];
  const [bit, bits, type] = named(option.fields, name ?? of.field, of.name);
  const skipped = index === undefined ? 0 : Math.max(0, Number(index) - 1) * bits;
  return optionBits(op, option.type, [bit + skipped, bits, type]);
}

function optionBits(op: ExthdrOp, type: number, [bit, bits, of]: HeaderField): Source {
  const { offset, length, shift } = extent(bit, bits);
  return {
    field: field(of ?? 'integer', Math.ceil(bits / 8)),
    bits,
    shift,
    loaded: length,
    load: (word) => [
      { kind: 'exthdr', data: { dreg: registerAt(word), type, offset, len: length, op } },
      ...masked(bits, shift, length, word),
    ],
  };
}

function presence(op: ExthdrOp, type: number): Source {
  return {
    field: field('boolean', 1),
    bits: 8,
    shift: 0,
    loaded: 1,
    load: (word) => [{ kind: 'exthdr', data: { dreg: registerAt(word), type, offset: 0, len: 1, op, flags: ['present'] } }],
  };
}

type OtherNode = Exclude<Node, ExtensionNode | { payload: unknown } | { meta: unknown } | { ct: unknown }>;

function otherSource(scope: Scope, of: OtherNode): Source {
  if ('rt' in of) {
    const family = of.rt.family ?? (scope.family === 'ip6' ? 'ip6' : scope.family === 'ip' ? 'ip' : undefined);
    switch (of.rt.key) {
      case 'classid':
        return simple({ type: 'realm', key: 0 }, (dreg) => ({ kind: 'rt', data: { key: 'classid', dreg } }));
      case 'mtu':
        return simple({ type: 'integer', key: 0, length: 2, order: 'host' }, (dreg) => ({ kind: 'rt', data: { key: 'tcpmss', dreg } }));
      case 'ipsec':
        return simple({ type: 'boolean', key: 0 }, (dreg) => ({ kind: 'rt', data: { key: 'ipsec', dreg } }));
      case 'nexthop':
        if (family === undefined) throw new InputError('rt.family', `nexthop needs a family in a table of the family ${scope.family}`);
        if (family === 'ip') return simple({ type: 'ipv4_addr', key: 0 }, (dreg) => ({ kind: 'rt', data: { key: 'nexthop4', dreg } }));
        return simple({ type: 'ipv6_addr', key: 0 }, (dreg) => ({ kind: 'rt', data: { key: 'nexthop6', dreg } }));
      default:
        throw new InputError('rt.key', `${show(of.rt.key)} is none of classid, nexthop, mtu, ipsec`);
    }
  }
  if ('socket' in of) {
    const { key, level } = of.socket;
    const types = { transparent: 'boolean', wildcard: 'boolean', mark: 'mark', cgroupv2: 'cgroupsv2' } as const;
    const type = named<DataTypeName>(types, key, 'socket');
    return simple({ type, key }, (dreg) => ({ kind: 'socket', data: { key, dreg, ...(level === undefined ? {} : { level }) } }));
  }
  if ('fib' in of) {
    const types = { oif: 'iface_index', oifname: 'ifname', type: 'fib_addrtype' } as const;
    const { result, flags } = of.fib;
    const type = named<DataTypeName>(types, result, 'fib');
    return simple({ type, key: result }, (dreg) => ({ kind: 'fib', data: { dreg, result, flags: [...flags] } }));
  }
  if ('osf' in of) {
    const data: ExpressionData<'osf'> = { ttl: of.osf.ttl === 'loose' ? 1 : of.osf.ttl === 'skip' ? 2 : 0 };
    if (of.osf.key === 'version') data.flags = ['version'];
    return simple({ type: 'string', key: 0, length: 16 }, (dreg) => ({ kind: 'osf', data: { ...data, dreg } }));
  }
  if ('ipsec' in of) {
    const { key, family, dir, spnum } = of.ipsec;
    const bits = { direction: dir, spnum: spnum ?? 0 };
    if (key === 'reqid' || key === 'spi')
      return simple({ type: 'integer', key, length: 4, order: key === 'reqid' ? 'host' : 'network' }, (dreg) => ({
        kind: 'xfrm',
        data: { dreg, key, ...bits },
      }));
    if (family === undefined) throw new InputError('ipsec.family', `${key} needs a family`);
    return simple({ type: family === 'ip' ? 'ipv4_addr' : 'ipv6_addr', key }, (dreg) => ({
      kind: 'xfrm',
      data: { dreg, key: `${key}${family === 'ip' ? 4 : 6}` as 'saddr4', ...bits },
    }));
  }
  if ('numgen' in of) {
    const { mode, mod, offset } = of.numgen;
    return number((dreg) => [{ kind: 'numgen', data: { dreg, type: mode, modulus: mod, offset: offset ?? 0 } }]);
  }
  if ('symhash' in of) {
    const { mod, offset } = of.symhash;
    return number((dreg) => [{ kind: 'hash', data: { dreg, type: 'symhash', modulus: mod, offset: offset ?? 0 } }]);
  }
  if ('jhash' in of) {
    const { mod, offset, expr, seed } = of.jhash;
    const sources = sourcesOf(scope, expr);
    return {
      ...number(() => []),
      load: (word) => {
        // hashed from the next whole register on
        const from = 4 * Math.floor(word / 4) + 4;
        const { expressions, bytes } = loadAll(sources, from);
        const data: ExpressionData<'hash'> = { sreg: registerAt(from), dreg: registerAt(word), len: bytes, modulus: mod };
        if (seed !== undefined) data.seed = seed;
        return [...expressions, { kind: 'hash', data: { ...data, offset: offset ?? 0, type: 'jhash' } }];
      },
    };
  }
  throw new InputError('', `${Object.keys(of)[0]} cannot be loaded`);
}

function number(load: (register: number) => Expression[]): Source {
  return {
    field: field('integer', 4, 'host'),
    bits: 32,
    shift: 0,
    loaded: 4,
    load: (word) => load(registerAt(word)),
  };
}

/** The parts of a concatenation; of anything else, it alone. @throws InputError */
export function sourcesOf(scope: Scope, of: Expr): Source[] {
  if (isNode(of) && 'concat' in of) return of.concat.map((each) => sourceOf(scope, each));
  return [sourceOf(scope, of)];
}

/** Loads a concatenation from a word on. */
export function loadAll(sources: readonly Source[], from: number): { expressions: Expression[]; bytes: number } {
  let word = from;
  const expressions = sources.flatMap((source) => {
    const made = source.load(word);
    word += (source.loaded + 3) >>> 2;
    return made;
  });
  return { expressions, bytes: sources.length === 1 ? sources[0]!.loaded : 4 * (word - from) };
}
