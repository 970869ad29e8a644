/** A virtual CAN bus. Source: drivers/net/can/vcan.c; ip-link(8). It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of a vcan: nothing. */
export interface Vcan extends NoSettings {}

export const vcanKind: LinkKind<Vcan> = { data: noSettings, needs: 'CONFIG_CAN_VCAN' };
