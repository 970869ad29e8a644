/** A macvlan whose traffic goes to a character device, /dev/tapN (N: its index). Source: drivers/net/macvtap.c; ip-link(8). */
import type { LinkKind } from '../kind.ts';
import { creatableMacvlan, type Macvlan, macvlan, macvlanReadOnly, macvlanSince } from './macvlan.ts';

/** IFLA_INFO_DATA of a macvtap: that of a macvlan. */
export interface Macvtap extends Macvlan {}

export const macvtapKind: LinkKind<Macvtap> = {
  data: macvlan,
  needs: 'CONFIG_MACVTAP',
  readOnly: macvlanReadOnly,
  creatable: creatableMacvlan,
  since: macvlanSince,
};
