/** A link that shows the netlink messages of its namespace to packet sockets. Source: drivers/net/nlmon.c; ip-link(8). It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of an nlmon: nothing. */
export interface Nlmon extends NoSettings {}

export const nlmonKind: LinkKind<Nlmon> = { data: noSettings, needs: 'CONFIG_NLMON' };
