/** A wireless link on top of an Ethernet link: `link` says which. Source: drivers/net/wireless/virtual/virt_wifi.c. It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of a virt_wifi: nothing. */
export interface VirtWifi extends NoSettings {}

export const virtWifiKind: LinkKind<VirtWifi> = { data: noSettings, needs: 'CONFIG_VIRT_WIFI' };
