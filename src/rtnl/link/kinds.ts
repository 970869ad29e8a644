/**
 * The kinds of links and of ports, by name. A kind is a file in kind/ (or port/), a line in the interface here, and a line in the table.
 *
 * Both are open: {@link registerLinkKind} adds a kind at run time, and declaration merging its type:
 *
 *     declare module 'netloom/rtnl' { interface LinkKinds { mykind: MyKind } }
 */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import { type OtherVariant, type TaggedCodec, tagged, type Variant } from '../../netlink/tagged.ts';
import { type Bridge, bridgeKind } from './kind/bridge.ts';
import { type Dummy, dummyKind } from './kind/dummy.ts';
import { type Veth, vethKind } from './kind/veth.ts';
import type { LinkKind, PortKind } from './kind.ts';
import { type BridgePort, bridgePortKind } from './port/bridge.ts';

/** Kinds of links and the settings they are listed with. */
export interface LinkKinds {
  bridge: Bridge;
  dummy: Dummy;
  veth: Veth;
}

/** Kinds that take other settings than they are listed with: names of links where listings have indexes. */
// biome-ignore lint/suspicious/noEmptyInterface: kinds are added here
export interface LinkKindInputs {}

/** Kinds that come in pairs: `peer` is the other end. */
export interface PairedKinds {
  veth: true;
}

/** Kinds of ports, by the kind of their master, and their settings. */
export interface PortKinds {
  bridge: BridgePort;
}

type Table<M> = { readonly [K in keyof M]: M[K] extends object ? LinkKind<M[K]> : never };
type PortTable<M> = { readonly [K in keyof M]: M[K] extends object ? PortKind<M[K]> : never };

const known: Table<LinkKinds> = {
  bridge: bridgeKind,
  dummy: dummyKind,
  veth: vethKind,
};

const knownPorts: PortTable<PortKinds> = {
  bridge: bridgePortKind,
};

const kinds = new Map<string, LinkKind>(Object.entries(known as Readonly<Record<string, LinkKind>>));
const ports = new Map<string, PortKind>(Object.entries(knownPorts as Readonly<Record<string, PortKind>>));

/** What is known about a kind of link; undefined for one that netloom has no schema for. */
export function linkKindOf(name: string): LinkKind | undefined {
  return kinds.get(name);
}

/** What is known about a kind of port, by the kind of its master. */
export function portKindOf(name: string): PortKind | undefined {
  return ports.get(name);
}

/** IFLA_INFO_DATA of each kind, by the kind's name. `register` goes through {@link registerLinkKind}. */
export const linkKinds: TaggedCodec<{ [K in keyof LinkKinds]: Variant<K, LinkKinds[K]> }[keyof LinkKinds] | OtherVariant> = tagged(
  'IFLA_INFO',
  { kind: ['IFLA_INFO_KIND', 1], data: ['IFLA_INFO_DATA', 2] },
  schemas(known),
);

/** What the master made of a link: IFLA_INFO_SLAVE_KIND and IFLA_INFO_SLAVE_DATA. */
export type PortInfo = { [K in keyof PortKinds]: Variant<K, PortKinds[K]> }[keyof PortKinds] | OtherVariant;

/** IFLA_INFO_SLAVE_DATA of each kind of port, by the kind of its master. `register` goes through {@link registerPortKind}. */
export const portKinds: TaggedCodec<PortInfo> = tagged(
  'IFLA_INFO',
  { kind: ['IFLA_INFO_SLAVE_KIND', 4], data: ['IFLA_INFO_SLAVE_DATA', 5] },
  schemas(knownPorts),
);

function schemas<M extends object>(table: M): { [K in keyof M]: M[K] extends { readonly data: infer C } ? C : never } {
  const result: Record<string, unknown> = {};
  for (const [name, { data }] of Object.entries(table as Readonly<Record<string, LinkKind>>)) result[name] = data;
  return result as { [K in keyof M]: M[K] extends { readonly data: infer C } ? C : never };
}

/**
 * Adds a kind of link, or replaces one: its settings are then decoded in listings and encoded by `create` and `update`.
 *
 *     registerLinkKind('mykind', { data: attributes('IFLA_MYKIND', () => ({ … })) });
 *
 * @throws InputError when `name` is empty or `kind` has no schema
 */
export function registerLinkKind<T extends object>(name: string, kind: LinkKind<T>): void {
  check(name, kind);
  // its settings reach `creatable` only by the schema that has read them
  kinds.set(name, kind as unknown as LinkKind);
  linkKinds.register(name, kind.data);
}

/**
 * Adds a kind of port, or replaces one. `name` is the kind of the master.
 *
 * @throws InputError when `name` is empty or `kind` has no schema
 */
export function registerPortKind<T extends object>(name: string, kind: PortKind<T>): void {
  check(name, kind);
  ports.set(name, kind as PortKind);
  portKinds.register(name, kind.data);
}

function check(name: unknown, kind: { readonly data?: unknown } | null): void {
  if (typeof name !== 'string' || name === '') throw new InputError('name', `expected the name of a kind, got ${show(name)}`);
  if (typeof kind?.data !== 'object' || kind.data === null)
    throw new InputError('kind.data', `expected the schema of the settings, got ${show(kind?.data)}`, 'ERR_INVALID_ARG_TYPE');
}
