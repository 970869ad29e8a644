/** Bytes of a packet as the fields of headers that they are. */
import { innerScope } from '../linearize/inner-scope.ts';
import type { Scope } from '../linearize/scope.ts';
import { type HeaderBase, type HeaderField, type HeaderName, headers } from '../protocol/headers.ts';
import { type TunnelName, tunnels } from '../protocol/tunnels.ts';
import type { Expr, PayloadExpression } from '../statements/expression.ts';
import { unless } from './unless.ts';

export interface PayloadLoad {
  readonly kind: 'payload';
  readonly base: HeaderBase | 'inner';
  /** Bytes. */
  readonly offset: number;
  /** Bytes. */
  readonly len: number;
  /** It is of the packet within that. */
  readonly tunnel?: TunnelName | undefined;
}

type At = Pick<PayloadLoad, 'base' | 'tunnel'>;

/** A header that the packet is known to have, and the bit that it starts with. */
interface Place {
  readonly protocol: string;
  readonly from: number;
  readonly fields: Readonly<Record<string, HeaderField>>;
  readonly has: (field: string) => boolean;
}

const always = (): boolean => true;

/** Headers that the packet is known to have there. */
function placesOf(around: Scope, { base, tunnel }: At): readonly Place[] {
  if (base === 'inner') return [];
  if (base === 'tunnel') return tunnel === undefined ? [] : [{ protocol: tunnel, from: 0, fields: tunnels[tunnel].fields, has: always }];
  const scope = tunnel === undefined ? around : unless(() => innerScope(around, tunnel));
  const known = scope?.knows(base) ?? (base === 'transport' ? 'th' : undefined);
  if (scope === undefined || known === undefined) return [];
  const place = (protocol: HeaderName): Place => ({
    protocol,
    from: 8 * scope.offsetOf(protocol),
    fields: headers[protocol].fields,
    has: (field) => scope.hasField(protocol, field),
  });
  return known === 'vlan' ? [place('ether'), place('vlan')] : [place(known)];
}

type Test = (bit: number, bits: number, type: HeaderField[2]) => boolean;

/** The first field that is as it should be. */
function find(scope: Scope, at: At, test: Test): PayloadExpression | undefined {
  for (const { protocol, from, fields, has } of placesOf(scope, at)) {
    for (const field in fields) {
      const [bit, bits, type] = fields[field]!;
      if (!test(from + bit, bits, type) || !has(field)) continue;
      return { payload: { protocol, field, ...(at.tunnel === undefined || at.base === 'tunnel' ? {} : { tunnel: at.tunnel }) } };
    }
  }
  return undefined;
}

/** The field of so many bits from a bit on. */
export function namedAt(scope: Scope, at: At, first: number, count: number): PayloadExpression | undefined {
  return find(scope, at, (bit, bits) => bit === first && bits === count);
}

/** Bits counted from the start of a header. */
export function rawAt(place: At, bit: number, bits: number): PayloadExpression | undefined {
  const base = place.base === 'link' ? 'll' : place.base === 'network' ? 'nh' : place.base === 'transport' ? 'th' : undefined;
  return base === undefined || place.tunnel !== undefined ? undefined : { payload: { base, offset: bit, len: bits } };
}

/** The field whose first bytes these are, and fewer than it has: those of a prefix. */
export function fieldFrom(scope: Scope, load: PayloadLoad): PayloadExpression | undefined {
  return find(
    scope,
    load,
    (bit, bits, type) => bit === 8 * load.offset && bits > 8 * load.len && (type === 'ipv4_addr' || type === 'ipv6_addr'),
  );
}

/** The fields that lie in these bytes one after another: matches of neighbors are one comparison. undefined: there are none such. */
export function fieldsIn(scope: Scope, load: PayloadLoad): readonly { readonly expr: Expr; readonly length: number }[] | undefined {
  const result: { expr: Expr; length: number }[] = [];
  const end = 8 * (load.offset + load.len);
  for (let at = 8 * load.offset; at < end; ) {
    let length = 0;
    const expr = find(scope, load, (bit, bits) => {
      const fits = bit === at && bits % 8 === 0 && bit + bits <= end;
      if (fits) length = bits;
      return fits;
    });
    if (expr === undefined) return undefined;
    result.push({ expr, length: length / 8 });
    at += length;
  }
  return result.length > 1 ? result : undefined;
}
