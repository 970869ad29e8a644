/**
 * What kind a link is and, beside it, what its master made of it. Source: include/uapi/linux/if_link.h (IFLA_INFO_*).
 *
 * The nest holds two pairs: IFLA_INFO_KIND selects the type of IFLA_INFO_DATA, IFLA_INFO_SLAVE_KIND that of
 * IFLA_INFO_SLAVE_DATA. The second pair becomes the member `port`. iproute2 says the kind of a port in the place of that of the link, as
 * `bridge_slave`; the kernel reads neither, and takes the data for what the master says.
 */
import {
  attr,
  describeAttributes,
  encodeAttribute,
  encodeUnknown,
  type Found,
  type RawAttribute,
  type WithUnknown,
  walk,
} from '../../netlink/attributes.ts';
import { noneOf } from '../../netlink/choices.ts';
import { type Codec, codec, NLA_F_NESTED } from '../../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../../netlink/errors.ts';
import { extended } from '../../netlink/extended.ts';
import { inArgument } from '../../netlink/input.ts';
import type { OtherVariant, TaggedCodec, Variant } from '../../netlink/tagged.ts';
import { bytes as rawBytes, readString, string } from '../../netlink/text.ts';
import type { CanXstats } from './kind/can.ts';
import { type LinkKinds, linkKindOf, linkKinds, type PortInfo, portKinds } from './kinds.ts';

/** What a kind counts, where it is of its own and not among the statistics by group. */
export type LinkXstats = CanXstats;

/** A link of a kind netloom has a schema for. */
export interface KnownLinkInfo<K extends string, T> extends Variant<K, T> {
  /** What its master made of it: IFLA_INFO_SLAVE_KIND and IFLA_INFO_SLAVE_DATA. */
  port?: PortInfo;
  /** IFLA_INFO_XSTATS, of the kinds that have it. */
  xstats?: LinkXstats;
}

/** A link of a kind netloom has no schema for: `name` is the kind, `data` is kept byte for byte. */
export interface OtherLinkInfo extends OtherVariant {
  /** What its master made of it: IFLA_INFO_SLAVE_KIND and IFLA_INFO_SLAVE_DATA. */
  port?: PortInfo;
}

/** A link without a kind of its own (a network card) that is the port of something. */
export interface PortOnlyInfo extends WithUnknown {
  /** It has none. */
  kind?: undefined;
  /** What its master made of it: IFLA_INFO_SLAVE_KIND and IFLA_INFO_SLAVE_DATA. */
  port?: PortInfo;
}

/** IFLA_LINKINFO. */
export type LinkInfo = { [K in keyof LinkKinds]: KnownLinkInfo<K, LinkKinds[K]> }[keyof LinkKinds] | OtherLinkInfo | PortOnlyInfo;

const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_INFO_XSTATS = 3;
const IFLA_INFO_SLAVE_KIND = 4;
const IFLA_INFO_SLAVE_DATA = 5;

const kindText = string();

export const linkInfo: Codec<LinkInfo> = codec<LinkInfo>('IFLA_INFO', {
  typeFlags: NLA_F_NESTED,
  decode(bytes, offset, length) {
    let kind: string | undefined;
    let portKind: string | undefined;
    const places: Found[] = [];
    for (const found of walk(bytes, offset, length)) {
      if (found.type === IFLA_INFO_KIND) kind = readString(bytes, found.offset, found.length);
      else if (found.type === IFLA_INFO_SLAVE_KIND) portKind = readString(bytes, found.offset, found.length);
      else places.push(found);
    }
    const told = portKind ?? portOf(kind);
    let data: Found | undefined;
    let portData: Found | undefined;
    let xstats: object | undefined;
    let unknown: RawAttribute[] | undefined;
    for (const found of places) {
      // data without a name that says what it is stays as it came
      if (found.type === IFLA_INFO_DATA && kind !== undefined) data = found;
      else if (found.type === IFLA_INFO_SLAVE_DATA && told !== undefined) portData = found;
      else {
        if (found.type === IFLA_INFO_XSTATS && kind !== undefined) {
          xstats = countersOf(kind, bytes, found);
          if (xstats !== undefined) continue;
        }
        unknown ??= [];
        unknown.push({ type: found.rawType, data: rawBytes.decode(bytes, found.offset, found.length) });
      }
    }
    const info = kind === undefined ? {} : variant(linkKinds, kind, bytes, data);
    if (portKind !== undefined || portData !== undefined) info['port'] = variant(portKinds, told!, bytes, portData);
    if (xstats !== undefined) info['xstats'] = xstats;
    if (unknown !== undefined) info['unknown'] = unknown;
    return info as unknown as LinkInfo;
  },
  encode(writer, value) {
    const { port, xstats, ...own } = value as KnownLinkInfo<string, object>;
    checkBytes(linkKinds, own as unknown as OtherVariant);
    if (own.kind !== undefined) linkKinds.encode(writer, own as unknown as OtherVariant);
    else if (own.unknown !== undefined) encodeUnknown(writer, own.unknown);
    if (xstats !== undefined) {
      const of = linkKindOf(own.kind)?.xstats;
      if (of === undefined) throw new InputError('xstats', `a ${own.kind} has none`, 'ERR_UNKNOWN_OPTION');
      encodeAttribute(writer, 'xstats', attr<unknown>('IFLA_INFO_XSTATS', IFLA_INFO_XSTATS, of), xstats);
    }
    if (port === undefined) return;
    const of = own.kind === 'other' ? portKinds.variant(portOf((own as unknown as OtherVariant).name) ?? '') : undefined;
    inArgument('port', () => {
      if (of === undefined) portKinds.encode(writer, port);
      else if (port.data !== undefined)
        encodeAttribute(writer, 'data', attr<unknown>('IFLA_INFO_SLAVE_DATA', IFLA_INFO_SLAVE_DATA, of), port.data);
    });
  },
  locate(bytes, offset, length, target) {
    for (const found of walk(bytes, offset, length)) {
      if (target < found.start || target >= found.end) continue;
      if (found.type === IFLA_INFO_XSTATS) return 'xstats';
      if (found.type === IFLA_INFO_KIND || found.type === IFLA_INFO_DATA) return linkKinds.locate?.(bytes, offset, length, target);
      const inner = portKinds.locate?.(bytes, offset, length, target);
      return inner === undefined ? 'port' : `port.${inner}`;
    }
    return undefined;
  },
  describe(bytes, offset, length, detail) {
    const names = new Map<number, string>();
    for (const found of walk(bytes, offset, length))
      if (found.type === IFLA_INFO_KIND || found.type === IFLA_INFO_SLAVE_KIND)
        names.set(found.type, readString(bytes, found.offset, found.length));
    const members: Readonly<Record<number, { constant: string; codec: Codec<unknown> | undefined }>> = {
      [IFLA_INFO_KIND]: { constant: 'IFLA_INFO_KIND', codec: kindText },
      [IFLA_INFO_DATA]: { constant: 'IFLA_INFO_DATA', codec: linkKinds.variant(names.get(IFLA_INFO_KIND) ?? '') },
      [IFLA_INFO_XSTATS]: { constant: 'IFLA_INFO_XSTATS', codec: linkKindOf(names.get(IFLA_INFO_KIND) ?? '')?.xstats },
      [IFLA_INFO_SLAVE_KIND]: { constant: 'IFLA_INFO_SLAVE_KIND', codec: kindText },
      [IFLA_INFO_SLAVE_DATA]: {
        constant: 'IFLA_INFO_SLAVE_DATA',
        codec: portKinds.variant(names.get(IFLA_INFO_SLAVE_KIND) ?? portOf(names.get(IFLA_INFO_KIND)) ?? ''),
      },
    };
    return describeAttributes('IFLA_INFO', bytes, offset, length, detail, (type) => members[type]);
  },
});

/** What is said of a kind that nobody knows is bytes; that it is an object comes of a misspelt name. @throws InputError naming both */
function checkBytes(table: TaggedCodec<unknown>, { kind, name, data }: OtherVariant): void {
  if (kind === 'other' && data !== undefined && !((data as unknown) instanceof Uint8Array))
    throw new InputError('data', `expected a Uint8Array, as the kind ${noneOf(name, table.names())}`, 'ERR_INVALID_ARG_TYPE');
}

/** The kind of port that iproute2 means with this kind of link. */
function portOf(kind: string | undefined): string | undefined {
  const port = kind?.endsWith('_slave') === true ? kind.slice(0, -'_slave'.length) : undefined;
  return port === undefined || portKinds.variant(port) === undefined ? undefined : port;
}

/** What a kind counts; undefined when it is not known how to read it, or when it is of another shape. */
function countersOf(kind: string, bytes: Uint8Array, { offset, length }: Found): object | undefined {
  try {
    return linkKindOf(kind)?.xstats?.decode(bytes, offset, length);
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    return undefined;
  }
}

function variant(table: TaggedCodec<unknown>, kind: string, bytes: Uint8Array, data: Found | undefined): Record<string, unknown> {
  const of = table.variant(kind);
  if (of !== undefined && data === undefined) return { kind };
  if (of !== undefined && data !== undefined) {
    try {
      return { kind, data: of.decode(bytes, data.offset, data.length) };
    } catch (error) {
      // data of another shape than declared must not cost the reader the kind and everything around it
      if (!(error instanceof MalformedMessageError)) throw error;
    }
  }
  if (data === undefined) return { kind: 'other', name: kind };
  return { kind: 'other', name: kind, data: rawBytes.decode(bytes, data.offset, data.length) };
}

/** The kind of a link or port by its own name, whether netloom has a schema for it or not. */
export function kindName(info: LinkInfo | PortInfo | undefined): string | undefined {
  return info?.kind === 'other' ? info.name : info?.kind;
}

/** The tagged form of a kind given by name, with data where there is any. */
export function infoOf(table: TaggedCodec<unknown>, kind: string, data?: unknown): LinkInfo {
  const tag = table.variant(kind) === undefined ? { kind: 'other', name: kind } : { kind };
  return (data === undefined ? tag : extended(tag, { data })) as LinkInfo;
}
