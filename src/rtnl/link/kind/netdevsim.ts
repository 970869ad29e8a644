/** A simulated network card. It is made through sysfs, and only listed and changed here. Source: drivers/net/netdevsim/netdev.c. It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of a netdevsim: nothing. */
export interface Netdevsim extends NoSettings {}

export const netdevsimKind: LinkKind<Netdevsim> = { data: noSettings, needs: 'CONFIG_NETDEVSIM' };
