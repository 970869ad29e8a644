/** Links teamed by a process, teamd(8), which sets it up over generic netlink. Source: drivers/net/team/team_core.c; ip-link(8). It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of a team: nothing. */
export interface Team extends NoSettings {}

export const teamKind: LinkKind<Team> = { data: noSettings, needs: 'CONFIG_NET_TEAM' };
