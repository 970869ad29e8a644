/** What this folder gives to the outside. */

export type { MonitorOptions, RtnlChange, RtnlEvent, RtnlKind, RtnlMonitor, RtnlObject } from './monitor.ts';
export type { NdUserOption } from './nd-user-option.ts';
