/** The settings of kinds on their way to the kernel: names of links become indexes, and a change is completed where the kernel wants it whole. */
import { type Program, scoped } from '../../netlink/program.ts';
import type { OpenNamespace } from '../../netlink/sys/namespace.ts';
import { kindName } from './info.ts';
import { linkKindOf, portKindOf } from './kinds.ts';
import { findLink, type LinkRef, resolveLinks } from './reference.ts';
import { checkData, type UpdateLink } from './spec.ts';
import type { LinkRead } from './view.ts';
import { creatable, linksIn, type ResolvedLink } from './wire.ts';

/** Settings of a kind with indexes for the links that they name. @throws NotFoundError naming the member */
export function* withIndexes(kind: string, data: object | undefined, target: OpenNamespace | undefined): Program<object | undefined> {
  const named = linksIn(kind, data);
  if (named.length === 0) return data;
  const result: Record<string, unknown> = { ...data };
  for (const where of ['below', 'beside'] as const) {
    const here = named.filter((link) => link.where === where);
    const indexes = yield* scoped(
      where === 'beside' ? target : undefined,
      resolveLinks(here.map(({ member, ref }) => ({ ref, argument: `data.${member}` }))),
    );
    here.forEach(({ member }, i) => {
      result[member] = indexes[i];
    });
  }
  return result;
}

/** The settings of its kind that an update sends: those given or, where the kernel wants them whole, the link's own with those given. */
export function* changedData(index: number, changes: UpdateLink): Program<{ kind: string | undefined; data: object | undefined }> {
  if (changes.data === undefined) return { kind: changes.kind, data: undefined };
  let { kind } = changes;
  let before: LinkRead | undefined;
  if (kind === undefined) {
    before = yield* findLink(index, 'link');
    kind = kindName(before.info);
  }
  if (kind === undefined || changes.data instanceof Uint8Array) return { kind, data: changes.data };
  // when the caller says the kind it has been looked at already
  if (changes.kind === undefined) checkData(kind, changes.data);
  const given = yield* withIndexes(kind, changes.data, undefined);
  if (linkKindOf(kind)?.updatedWhole !== true) return { kind, data: given };
  before ??= yield* findLink(index, 'link');
  // of another kind than the caller says, it is for the kernel to refuse
  const own = kindName(before.info) === kind && before.info?.kind !== 'other' ? (before.info as { data?: object }).data : undefined;
  const wanted = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { kind, data: creatable(kind, { ...own, ...Object.fromEntries(wanted) }) };
}

/** Settings of a port with indexes for the links that they name. @throws NotFoundError naming the member */
export function* portWithIndexes(port: UpdateLink['port']): Program<ResolvedLink['port']> {
  if (port?.data === undefined || port.data instanceof Uint8Array) return port as ResolvedLink['port'];
  const data: Record<string, unknown> = { ...port.data };
  const named = (portKindOf(port.kind)?.links ?? []).filter((member) => data[member] !== undefined && data[member] !== 0);
  const indexes = yield* resolveLinks(named.map((member) => ({ ref: data[member] as LinkRef, argument: `port.data.${member}` })));
  named.forEach((member, i) => {
    data[member] = indexes[i];
  });
  return { kind: port.kind, data };
}
