/** Network namespaces: made, opened, listed and deleted as `ip netns` does, and entered. */

export type { NamespaceLike, NamespaceRef } from '../netlink/sys/namespace.ts';
export type { ExecOptions, ExecResult } from './exec.ts';
export { create, createSync, deleteNetns as delete, deleteSync, exists, existsSync, list, listSync, open, openSync } from './manage.ts';
export type { NetnsEntry } from './name.ts';
export { Netns } from './netns.ts';
export type { Sysctl, SysctlValue } from './sysctl.ts';
