/** The internal port of an Open vSwitch bridge. It is made over generic netlink, and only listed here. Source: net/openvswitch/vport-internal_dev.c; ovs-vsctl(8). It has no settings. */
import { type LinkKind, type NoSettings, noSettings } from '../kind.ts';

/** IFLA_INFO_DATA of an internal port: nothing. */
export interface Openvswitch extends NoSettings {}

export const openvswitchKind: LinkKind<Openvswitch> = { data: noSettings, needs: 'CONFIG_OPENVSWITCH' };
