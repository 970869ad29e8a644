/** Multicast databases: what `netloom/rtnl` exports of this folder. */
export type { MdbEntry, MdbFlag, MdbSource, MdbState } from './entry.ts';
export {
  brMdbEntry,
  brPortMsg,
  deleteMdb,
  type GetMdbInput,
  type GetMdbMessage,
  getMdb,
  getMdbMessage,
  type MdbAttributes,
  type MdbEntryHeader,
  type MdbFilterMode,
  type MdbHeader,
  type MdbInfo,
  type MdbMessage,
  type MdbMessageInput,
  type MdbWanted,
  mdbAttributes,
  mdbMessage,
  newMdb,
  type SetMdbInput,
  type SetMdbMessage,
  setMdbMessage,
} from './message.ts';
export { type MdbFilter, type MdbFlush, type MdbRouter, mdbPrograms } from './programs.ts';
export { type RouterPort, type RouterPorts, routerPorts } from './router.ts';
export type { MdbSelector, MdbSpec } from './spec.ts';
