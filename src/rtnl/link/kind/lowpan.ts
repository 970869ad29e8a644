/** IPv6 over IEEE 802.15.4: `link` says which link is below. Source: net/ieee802154/6lowpan/core.c; ip-link(8). It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of a lowpan: nothing. */
export interface Lowpan extends NoSettings {}

export const lowpanKind: LinkKind<Lowpan> = { data: noSettings, needs: 'CONFIG_IEEE802154_6LOWPAN' };
