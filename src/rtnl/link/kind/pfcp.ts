/** A link that takes PFCP packets (3GPP TS 29.244) for filters to match. Source: drivers/net/pfcp.c. It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of a pfcp: nothing. */
export interface Pfcp extends NoSettings {}

export const pfcpKind: LinkKind<Pfcp> = { data: noSettings, needs: 'CONFIG_PFCP' };
