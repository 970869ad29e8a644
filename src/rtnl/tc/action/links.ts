/** Links that actions lead to: callers name them, the kernel has their indexes. */
import type { LinkRef } from '../../link/reference.ts';
import type { TcAction } from './action.ts';
import type { MirredOptions } from './mirred.ts';

/** The link that an action leads to, if it says one by name or object. */
export function linkOf(action: TcAction): LinkRef | undefined {
  if (action?.kind !== 'mirred' || action.options instanceof Uint8Array) return undefined;
  return (action.options as MirredOptions | undefined)?.dev;
}

/** Indexes of the links that actions which were read lead to. */
export function indexesOf(actions: readonly TcAction[]): number[] {
  return actions.flatMap((action) => (action.kind === 'mirred' ? ((action.options as MirredOptions | undefined)?.devIndex ?? []) : []));
}

/** Gives an action that was read the name of the link that it leads to. */
export function nameLink({ kind, options }: TcAction, names: ReadonlyMap<number, string>): void {
  if (kind !== 'mirred' || options === undefined) return;
  const mirred = options as MirredOptions;
  const name = mirred.devIndex === undefined ? undefined : names.get(mirred.devIndex);
  if (name !== undefined) mirred.dev = name;
}

/** An action that leads to a link by its index. */
export function withIndex(action: TcAction, devIndex: number): TcAction {
  const { dev: _, ...mirred } = action.options as MirredOptions;
  return { ...(action as TcAction & { kind: 'mirred' }), options: { ...mirred, devIndex } };
}
