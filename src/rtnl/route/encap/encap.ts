/**
 * Tunnels that are part of a route, RTA_ENCAP. RTA_ENCAP_TYPE beside it says how to read it, and comes after it: the message keeps the bytes,
 * and what callers see is read from both. Source: include/uapi/linux/lwtunnel.h.
 */

import { type Attribute, attr, walk } from '../../../netlink/attributes.ts';
import { noneOf } from '../../../netlink/choices.ts';
import { type Codec, copyBytes, NLA_F_NESTED } from '../../../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../../../netlink/errors.ts';
import { inArgument } from '../../../netlink/input.ts';
import { checkInteger, show, u16 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { Writer } from '../../../netlink/writer.ts';
import { identify, type LinkRef, type Named } from '../../link/reference.ts';
import { type BpfEncap, bpfEncap } from './bpf.ts';
import { type IlaEncap, ilaEncap } from './ila.ts';
import { type Ioam6Encap, ioam6Encap } from './ioam6.ts';
import { type IpEncap, ipEncap } from './ip.ts';
import { type Ip6Encap, ip6Encap } from './ip6.ts';
import type { EncapKind } from './kind.ts';
import { type MplsEncap, mplsEncap } from './mpls.ts';
import { type RplEncap, rplEncap } from './rpl.ts';
import { type Seg6Encap, seg6Encap } from './seg6.ts';
import { type Seg6LocalEncap, seg6LocalEncap } from './seg6local.ts';
import { type XfrmEncap, xfrmEncap } from './xfrm.ts';

/** A tunnel that netloom has no declaration for, or could not read. */
export interface OtherEncap {
  /** One that netloom has no schema for. */
  type: 'other';
  /** LWTUNNEL_ENCAP_* (include/uapi/linux/lwtunnel.h). */
  number: number;
  /** Its attributes, byte for byte. */
  data: Uint8Array;
}

/** A tunnel that is part of a route; `type` says which. */
export type RouteEncap =
  | MplsEncap
  | IpEncap
  | IlaEncap
  | Ip6Encap
  | Seg6Encap
  | BpfEncap
  | Seg6LocalEncap
  | RplEncap
  | Ioam6Encap
  | XfrmEncap
  | OtherEncap;

const kinds: Readonly<Record<Exclude<RouteEncap['type'], 'other'>, EncapKind>> = {
  mpls: mplsEncap,
  ip: ipEncap,
  ila: ilaEncap,
  ip6: ip6Encap,
  seg6: seg6Encap,
  bpf: bpfEncap,
  seg6local: seg6LocalEncap,
  rpl: rplEncap,
  ioam6: ioam6Encap,
  xfrm: xfrmEncap,
};

let byNumber: Map<number, { readonly name: string; readonly kind: EncapKind }> | undefined;

function kindOf(number: number | undefined): { readonly name: string; readonly kind: EncapKind } | undefined {
  byNumber ??= new Map(Object.entries(kinds).map(([name, kind]) => [kind.number, { name, kind }]));
  return number === undefined ? undefined : byNumber.get(number);
}

/** RTA_ENCAP, NHA_ENCAP: the bytes of attributes. */
export const encapBytes: Codec<Uint8Array> = { ...bytes, typeFlags: NLA_F_NESTED };

/** RTA_ENCAP_TYPE, NHA_ENCAP_TYPE: LWTUNNEL_ENCAP_*, whose names descriptions show. */
export const encapType: Codec<number> = {
  ...u16,
  describe: (source, offset, length) => {
    const number = u16.decode(source, offset, length);
    return kindOf(number)?.name ?? String(number);
  },
};

/** An attribute that holds a tunnel; the attribute `beside` says of which kind. */
export function encapAttribute(constant: string, type: number, beside: number): Attribute<Uint8Array> {
  return {
    ...attr(constant, type, encapBytes),
    within(source, offset, length) {
      for (const found of walk(source, offset, length))
        if (found.type === beside && found.length >= 2) return kindOf(u16.decode(source, found.offset, found.length))?.kind.set;
      return undefined;
    },
  };
}

/** What a kernel needs for the tunnel of that number. */
export function encapNeeds(number: number): string {
  return kindOf(number)?.kind.needs ?? 'CONFIG_LWTUNNEL';
}

/** Indexes of the links that a tunnel names. */
export function encapIndexes(number: number | undefined, data: Uint8Array | undefined): number[] {
  const kind = kindOf(number)?.kind;
  if (kind?.links === undefined || data === undefined) return [];
  const types = new Set(kind.links.map((key) => kind.set.declarations[key]!.type));
  const indexes: number[] = [];
  try {
    for (const found of walk(data, 0, data.length))
      if (types.has(found.type) && found.length >= 4)
        indexes.push(new DataView(data.buffer, data.byteOffset + found.offset, 4).getUint32(0, true));
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
  }
  return indexes;
}

/** A tunnel as callers see it. */
export function readEncap(number: number, data: Uint8Array, names: ReadonlyMap<number, string>): RouteEncap {
  const found = kindOf(number);
  if (found !== undefined) {
    try {
      const attributes = found.kind.set.decode(data, 0, data.length) as Record<string, unknown>;
      const value: Record<string, unknown> = { type: found.name, ...(found.kind.fromWire?.(attributes) ?? attributes) };
      for (const key of found.kind.links ?? []) {
        const index = value[key] as number | undefined;
        if (index !== undefined) value[key] = names.get(index) ?? index;
      }
      return value as unknown as RouteEncap;
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
    }
  }
  return { type: 'other', number, data: copyBytes(data, 0, data.length) };
}

/** A checked tunnel, and the links that it needs the indexes of. */
export interface EncapPlan {
  readonly number: number;
  readonly links: readonly (Named & { readonly key: string })[];
  /** Its attributes; `indexes` belong to `links`. */
  encode(indexes: readonly number[]): Uint8Array;
}

/** @throws InputError naming the member of `argument` that is wrong */
export function planEncap(value: RouteEncap, argument: string): EncapPlan {
  if (typeof value !== 'object' || value === null || typeof value.type !== 'string')
    throw new InputError(
      argument,
      `expected an object whose \`type\` says which tunnel it is, one of ${Object.keys(kinds).join(', ')}; got ${show(value)}`,
      'ERR_INVALID_ARG_TYPE',
    );
  if (value.type === 'other') return planOther(value, argument);
  const kind = Object.hasOwn(kinds, value.type) ? kinds[value.type] : undefined;
  if (kind === undefined) throw new InputError(`${argument}.type`, noneOf(value.type, [...Object.keys(kinds), 'other']));
  const { type: _type, ...given } = value as unknown as Record<string, unknown>;
  const links = (kind.links ?? []).flatMap((key) => {
    const ref = given[key] as LinkRef | undefined;
    if (ref === undefined) return [];
    identify(ref, `${argument}.${key}`);
    return [{ ref, argument: `${argument}.${key}`, key }];
  });
  const encode = (indexes: readonly number[]): Uint8Array => {
    const resolved = { ...given };
    links.forEach(({ key }, i) => {
      resolved[key] = indexes[i];
    });
    return inArgument(argument, () => {
      try {
        const writer = new Writer();
        kind.set.encode(writer, kind.toWire?.(resolved) ?? resolved);
        return writer.copy();
      } catch (error) {
        // seg6 has one attribute, which callers do not see
        throw error instanceof InputError && value.type === 'seg6' ? error.renamed((path) => path.replace(/^srh\./, '')) : error;
      }
    });
  };
  // an error must come before anything is sent, also when links are to be looked up: any index will do for that
  encode(links.map(() => 1));
  return { number: kind.number, links, encode };
}

function planOther(value: OtherEncap, argument: string): EncapPlan {
  const { number, data } = value;
  inArgument(`${argument}.number`, () => checkInteger(number, 0, 0xffff));
  if (!(data instanceof Uint8Array))
    throw new InputError(`${argument}.data`, 'expected a Uint8Array: the attributes of the tunnel, byte for byte', 'ERR_INVALID_ARG_TYPE');
  return { number, links: [], encode: () => data };
}

/** Attributes that the kernel does not say as they were set. */
const unsaid: ReadonlySet<string> = new Set(['bpf', 'in', 'out', 'xmit', 'counters']);

/** Whether the attributes `found` of a kind of tunnel have everything that `wanted` says. */
export function coversEncap(number: number | undefined, wanted: Uint8Array, found: Uint8Array): boolean {
  const set = kindOf(number)?.kind.set;
  if (set === undefined) return Buffer.compare(wanted, found) === 0;
  const stored = set.decode(found, 0, found.length) as Record<string, unknown>;
  return Object.entries(set.decode(wanted, 0, wanted.length) as Record<string, unknown>).every(([key, value]) =>
    unsaid.has(key) ? stored[key] !== undefined : JSON.stringify(value) === JSON.stringify(stored[key]),
  );
}
