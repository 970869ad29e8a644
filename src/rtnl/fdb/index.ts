/** Forwarding tables: what `netloom/rtnl` exports of this folder. */
export type { FdbEntry, FdbState } from './entry.ts';
export type { FdbFilter } from './filter.ts';
export type { FdbFlush, FdbFlushFlag, FdbFlushState } from './flush.ts';
export { fdbPrograms } from './programs.ts';
export type { FdbSelector, FdbSpec } from './spec.ts';
