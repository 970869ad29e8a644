/** A WireGuard tunnel. Keys and peers are set over generic netlink. Source: drivers/net/wireguard/device.c; wg(8). It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of a WireGuard link: nothing. */
export interface Wireguard extends NoSettings {}

export const wireguardKind: LinkKind<Wireguard> = { data: noSettings, needs: 'CONFIG_WIREGUARD' };
