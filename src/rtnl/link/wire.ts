/** The message that says to the kernel what callers say about links. */
import type { RawAttribute } from '../../netlink/attributes.ts';
import { extended } from '../../netlink/extended.ts';
import { infoOf, type LinkInfo } from './info.ts';
import { linkKindOf, linkKinds, type PortInfo, portKindOf, portKinds } from './kinds.ts';
import type { LinkMessageInput } from './message.ts';
import type { LinkRef } from './reference.ts';
import { type ExistingLinkSettings, type LinkSettings, renameSetting, writeLaterSettings, writeSettings } from './settings.ts';

/** A link that shall be, with everything looked up: indexes for links, descriptors for namespaces. */
export interface ResolvedLink extends LinkSettings {
  /** Kind of the link. */
  kind?: string | undefined;
  /** Index that it is to have, or has. */
  index?: number | undefined;
  /** Administratively up. */
  up?: boolean | undefined;
  /** Index; 0 releases. */
  master?: number | undefined;
  /** Index of the link below. */
  link?: number | undefined;
  /** Descriptor open on the namespace that the link is to be in. */
  netnsFd?: number | undefined;
  /** Id of the namespace that the link is to be in. */
  targetNetnsid?: number | undefined;
  /** Id of the namespace that `link` is in. */
  linkNetnsid?: number | undefined;
  /** Index to take in the namespace that it moves to. */
  newIndex?: number | undefined;
  /** Queues that packets leave by. */
  numTxQueues?: number | undefined;
  /** Queues that packets come in by. */
  numRxQueues?: number | undefined;
  /** Device that it shall belong to. */
  parentDevName?: string | undefined;
  /** Data of the kind: the schema's input, or bytes. */
  data?: object | undefined;
  /** The other end of a veth. */
  peer?: ResolvedLink | undefined;
  /** Settings of it as a port of its master. */
  port?: { kind: string; data?: object } | undefined;
  /** Sent as they are. */
  unknown?: RawAttribute[] | undefined;
}

const resolvedMembers: ReadonlySet<string> = new Set<keyof ResolvedLink & keyof LinkMessageInput>([
  'master',
  'link',
  'netnsFd',
  'targetNetnsid',
  'linkNetnsid',
  'newIndex',
  'numTxQueues',
  'numRxQueues',
  'parentDevName',
]);

/** The body of an RTM_NEWLINK that says what `spec` says, and nothing else. What a new link is not told is left to `laterWireOf`. */
export function wireOf(spec: ResolvedLink): LinkMessageInput {
  const wire: LinkMessageInput = {};
  if (spec.index !== undefined) wire.index = spec.index;
  writeSettings(wire, spec);
  for (const member in spec) {
    const value = spec[member as keyof ResolvedLink];
    if (value !== undefined && resolvedMembers.has(member)) (wire as Record<string, unknown>)[member] = value;
  }
  const info = infoFor(spec);
  if (info !== undefined) wire.info = info;
  if (spec.unknown !== undefined) wire.unknown = spec.unknown;
  return wire;
}

/** The body of an RTM_NEWLINK with the settings that the kernel ignores or refuses while it creates a link; undefined when there are none. */
export function laterWireOf(spec: LinkSettings & ExistingLinkSettings): LinkMessageInput | undefined {
  const wire: LinkMessageInput = {};
  return writeLaterSettings(wire, spec) ? wire : undefined;
}

function infoFor(spec: ResolvedLink): LinkInfo | undefined {
  const { kind, peer, port } = spec;
  let data = spec.data;
  if (peer !== undefined) data = extended(data ?? {}, { peer: wireOf(peer) });
  const info = kind === undefined ? undefined : infoOf(linkKinds, kind, data);
  if (port === undefined) return info;
  return { ...info, port: infoOf(portKinds, port.kind, settablePort(port.kind, port.data)) as PortInfo } as LinkInfo;
}

/** Settings of a kind as a new link takes them: without what the kernel only reports. */
export function creatable(kind: string, data: object | undefined): object | undefined {
  const known = linkKindOf(kind);
  if (known === undefined || data === undefined || data instanceof Uint8Array) return data;
  const settable = without(data, known.readOnly);
  return known.creatable?.(settable) ?? settable;
}

/** Settings of a port as a new one takes them, from those a listing returned: without what follows from elsewhere. */
export function creatablePort(port: { kind: string; data?: object }): { kind: string; data?: object } {
  const { kind, data } = port;
  if (data === undefined || data instanceof Uint8Array) return port;
  const settable = without(data, portKindOf(kind)?.readOnly);
  return { kind, data: portKindOf(kind)?.creatable?.(settable) ?? settable };
}

/** Settings of a port as a change takes them: without what the kernel only reports. */
export function settablePort(kind: string, data: object | undefined): object | undefined {
  return data === undefined || data instanceof Uint8Array ? data : without(data, portKindOf(kind)?.readOnly);
}

function without(data: object, readOnly: ReadonlySet<string> | undefined): object {
  return readOnly === undefined ? data : Object.fromEntries(Object.entries(data).filter(([key]) => !readOnly.has(key)));
}

/** The members of a kind's settings that name links, and where those are looked up. */
export function linksIn(kind: string, data: object | undefined): { member: string; ref: LinkRef; where: 'below' | 'beside' }[] {
  const links = linkKindOf(kind)?.links;
  if (links === undefined || data === undefined || data instanceof Uint8Array) return [];
  return Object.entries(links).flatMap(([member, where]) => {
    const ref = (data as Record<string, LinkRef | undefined>)[member];
    // 0 stands for no link
    return ref === undefined || ref === 0 ? [] : [{ member, ref, where }];
  });
}

const renames: readonly (readonly [RegExp, string])[] = [
  [/^info\.data\.peer\.netnsFd$/, 'peer.netns'],
  [/^info\.data\.peer/, 'peer'],
  [/^info\.port/, 'port'],
  [/^info\.name$/, 'kind'],
  [/^info\./, ''],
  [/^info$/, 'kind'],
  [/^netnsFd$/, 'netns'],
];

/** From the path of an attribute in a link message to what callers call it. */
export function renameLinkPath(path: string): string {
  for (const [pattern, name] of renames) if (pattern.test(path)) return path.replace(pattern, name);
  return renameSetting(path);
}
