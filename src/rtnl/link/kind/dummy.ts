/** A link that drops what is sent through it. Source: drivers/net/dummy.c; ip-link(8). It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of a dummy: nothing. */
export interface Dummy extends NoSettings {}

export const dummyKind: LinkKind<Dummy> = { data: noSettings, needs: 'CONFIG_DUMMY' };
