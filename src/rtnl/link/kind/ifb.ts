/** An intermediate functional block: traffic redirected to it is shaped there. Source: drivers/net/ifb.c; ip-link(8). It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of an ifb: nothing. */
export interface Ifb extends NoSettings {}

export const ifbKind: LinkKind<Ifb> = { data: noSettings, needs: 'CONFIG_IFB' };
