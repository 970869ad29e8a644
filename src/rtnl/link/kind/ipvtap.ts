/** An ipvlan whose traffic goes to a character device, /dev/tapN (N: its index). Source: drivers/net/ipvlan/ipvtap.c; ip-link(8). */
import type { LinkKind } from '../kind.ts';
import { type Ipvlan, ipvlan } from './ipvlan.ts';

/** IFLA_INFO_DATA of an ipvtap: that of an ipvlan. */
export interface Ipvtap extends Ipvlan {}

export const ipvtapKind: LinkKind<Ipvtap> = { data: ipvlan, needs: 'CONFIG_IPVTAP' };
