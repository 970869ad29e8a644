/** Network namespaces: made, opened, listed and deleted as `ip netns` does, and entered. */

export type { NamespaceLike, NamespaceRef } from '../netlink/sys/namespace.ts';
export type { ExecOptions, ExecResult } from './exec.ts';
export {
  inspect,
  inspectSync,
  type NetnsBorderLink,
  type NetnsDetails,
  type NetnsPeer,
  type SetIdOptions,
  setId,
  setIdSync,
} from './inspect.ts';
export {
  attach,
  attachSync,
  create,
  createSync,
  deleteNetns as delete,
  deleteSync,
  exists,
  existsSync,
  list,
  listSync,
  open,
  openSync,
} from './manage.ts';
export type { MountOptions } from './mounts.ts';
export type { NetnsEntry } from './name.ts';
export { Netns } from './netns.ts';
export { identify, identifySync, type PidsOptions, pids, pidsSync } from './process.ts';
export { createRootless, type IdRange, RootlessNetns, type RootlessOptions } from './rootless.ts';
export type { Sysctl, SysctlValue } from './sysctl.ts';
export {
  type NetnsEvent,
  type NetnsNameEvent,
  type NetnsOverrunEvent,
  type NetnsProcessesEvent,
  type NetnsSyncedEvent,
  NetnsWatch,
  type NetnsWatchOptions,
  watch,
} from './watch.ts';
