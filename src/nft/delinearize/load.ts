/** Expressions that load something into a register, as the expressions of the tree: the reverse of `linearize/source.ts`. */
import type { Expression, ExpressionData } from '../expressions/expression.ts';
import { extensionHeaders, ipOptions, sctpChunks, tcpOptions } from '../protocol/extensions.ts';
import type { HeaderField } from '../protocol/headers.ts';
import { ctProperties, metaProperties } from '../protocol/keys.ts';
import { type TunnelName, tunnels } from '../protocol/tunnels.ts';
import type { Expr } from '../statements/expression.ts';
import type { Load } from './value.ts';

/** What an expression loads; undefined: nothing that the tree has an expression for. */
export function loadOf(expression: Expression): Load | undefined {
  switch (expression.kind) {
    case 'payload': {
      const { base, offset, len } = expression.data ?? {};
      if (typeof base !== 'string' || offset === undefined || len === undefined) return undefined;
      return { kind: 'payload', base, offset, len };
    }
    case 'inner':
      return innerLoad(expression.data ?? {});
    case 'immediate': {
      const { data } = expression.data ?? {};
      return data instanceof Uint8Array ? { kind: 'data', data } : undefined;
    }
    case 'exthdr':
      return expression.data?.len === undefined ? undefined : { kind: 'option', data: expression.data, len: expression.data.len };
    case 'fib': {
      const { result, flags = [] } = expression.data ?? {};
      if (typeof result !== 'string') return undefined;
      const looked = flags.filter((flag) => flag !== 'present') as Extract<Expr, { fib: unknown }>['fib']['flags'];
      return { kind: 'expr', expr: { fib: { flags: looked, result } }, ...(looked.length === flags.length ? {} : { present: true }) };
    }
    default: {
      const expr = propertyOf(expression);
      return expr === undefined ? undefined : { kind: 'expr', expr };
    }
  }
}

function innerLoad({ type, expression }: ExpressionData<'inner'>): Load | undefined {
  const tunnel = Object.entries(tunnels).find(([, of]) => of.type === type)?.[0] as TunnelName | undefined;
  if (tunnel === undefined || expression === undefined) return undefined;
  const load = loadOf(expression);
  if (load?.kind === 'payload') return { ...load, tunnel };
  return load?.kind === 'expr' ? { ...load, tunnel } : undefined;
}

function keyNamed(table: Readonly<Record<string, { readonly key: unknown }>>, key: unknown): string | undefined {
  return Object.keys(table).find((name) => table[name]!.key === key);
}

function propertyOf(expression: Expression): Expr | undefined {
  switch (expression.kind) {
    case 'meta':
      return metaExpr(expression.data?.key);
    case 'ct':
      return ctExpr(expression.data ?? {});
    case 'rt':
      return routeExpr(expression.data?.key);
    case 'socket': {
      const { key, level } = expression.data ?? {};
      if (typeof key !== 'string') return undefined;
      return { socket: { key, ...(key === 'cgroupv2' && level !== undefined ? { level } : {}) } };
    }
    case 'osf': {
      const { ttl = 0, flags } = expression.data ?? {};
      const key = flags?.includes('version') === true ? 'version' : 'name';
      return { osf: { key, ...(ttl === 1 ? { ttl: 'loose' } : ttl === 2 ? { ttl: 'skip' } : {}) } };
    }
    case 'xfrm':
      return ipsecExpr(expression.data ?? {});
    case 'numgen': {
      const { type = 'inc', modulus: mod, offset } = expression.data ?? {};
      if (typeof type !== 'string' || mod === undefined) return undefined;
      return { numgen: { mode: type, mod, ...(offset === undefined || offset === 0 ? {} : { offset }) } };
    }
    case 'hash': {
      const { type, modulus: mod, offset } = expression.data ?? {};
      if (type !== 'symhash' || mod === undefined) return undefined;
      return { symhash: { mod, ...(offset === undefined || offset === 0 ? {} : { offset }) } };
    }
    default:
      return undefined;
  }
}

export function metaExpr(key: unknown): Expr | undefined {
  // of the two names the one that nft(8) lists
  const name = key === 'secpath' ? 'ipsec' : keyNamed(metaProperties, key);
  return name === undefined ? undefined : { meta: { key: name } };
}

export function ctExpr({ key, direction }: ExpressionData<'ct'>): Expr | undefined {
  const name = keyNamed(ctProperties, key);
  if (name === undefined || typeof direction === 'number') return undefined;
  return { ct: { key: name, ...(direction === undefined ? {} : { dir: direction }) } };
}

function routeExpr(key: unknown): Expr | undefined {
  switch (key) {
    case 'classid':
    case 'ipsec':
      return { rt: { key } };
    case 'tcpmss':
      return { rt: { key: 'mtu' } };
    case 'nexthop4':
      return { rt: { key: 'nexthop', family: 'ip' } };
    case 'nexthop6':
      return { rt: { key: 'nexthop', family: 'ip6' } };
    default:
      return undefined;
  }
}

function ipsecExpr({ key, direction: dir, spnum = 0 }: ExpressionData<'xfrm'>): Expr | undefined {
  if (typeof dir !== 'string' || typeof key !== 'string') return undefined;
  if (key === 'reqid' || key === 'spi') return { ipsec: { dir, key, spnum } };
  const family = key.endsWith('4') ? 'ip' : 'ip6';
  return { ipsec: { dir, key: key.slice(0, -1) as 'saddr', family, spnum } };
}

type Options = Readonly<Record<string, { readonly type: number; readonly fields: Readonly<Record<string, HeaderField>> }>>;
type Option = { readonly name: string; readonly field?: string };

/** The field of so many bits from a bit on of an extension header, an option or a chunk; or whether there is one. */
export function namedOption(
  { op = 'ipv6', type, offset = 0, flags }: ExpressionData<'exthdr'>,
  first: number,
  bits: number,
): Expr | undefined {
  if (type === undefined) return undefined;
  const present = flags?.includes('present') === true;
  const bit = 8 * offset + first;
  const find = (table: Options): Option | undefined => optionOf(table, type, present ? undefined : [bit, bits]);
  switch (op) {
    case 'ipv6': {
      const of = find(extensionHeaders);
      return of === undefined ? undefined : { exthdr: of };
    }
    case 'ipv4': {
      const of = find(ipOptions);
      return of === undefined ? undefined : { 'ip option': of };
    }
    case 'sctp': {
      const of = find(sctpChunks);
      return of === undefined ? undefined : { 'sctp chunk': of };
    }
    case 'tcpopt': {
      const of = find(tcpOptions);
      return of === undefined ? undefined : { 'tcp option': of };
    }
    case 'dccp':
      return present ? { 'dccp option': { type } } : undefined;
    default:
      return undefined;
  }
}

/** Bits counted from the start of an option of TCP. */
export function rawOption({ op, type, offset = 0, flags }: ExpressionData<'exthdr'>, first: number, bits: number): Expr | undefined {
  if (op !== 'tcpopt' || type === undefined || flags?.includes('present') === true) return undefined;
  return { 'tcp option': { base: type, offset: 8 * offset + first, len: bits } };
}

function optionOf(table: Options, type: number, place: readonly [bit: number, bits: number] | undefined): Option | undefined {
  const named = Object.entries(table).filter(([, option]) => option.type === type);
  if (place === undefined) return named[0] === undefined ? undefined : { name: named[0][0] };
  // a routing header with addresses is one of segments these days
  const segment = named.find(([name]) => name === 'srh')?.[1].fields['sid'];
  const index = segment?.[1] === place[1] ? (place[0] - segment[0]) / segment[1] + 1 : 0;
  if (index >= 1 && Number.isInteger(index)) return { name: 'srh', field: `sid[${index}]` };
  for (const [name, { fields }] of named)
    for (const [field, [bit, bits]] of Object.entries(fields)) if (bit === place[0] && bits === place[1]) return { name, field };
  return undefined;
}
