/** A link that shows the packets of virtual sockets to packet sockets. Source: drivers/net/vsockmon.c. It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of a vsockmon: nothing. */
export interface Vsockmon extends NoSettings {}

export const vsockmonKind: LinkKind<Vsockmon> = { data: noSettings, needs: 'CONFIG_VSOCKMON' };
