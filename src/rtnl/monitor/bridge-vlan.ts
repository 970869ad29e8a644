/** VLANs of bridges and their ports in a monitor: RTNLGRP_BRVLAN. `bridge monitor vlan` shows the same. */
import type { MonitorKind } from '../../netlink/monitor-kind.ts';
import { deleteVlan, newVlan, vlanMessage } from '../bridge-vlan/message.ts';
import { bridgeVlanPrograms } from '../bridge-vlan/programs.ts';
import { type BridgeVlan, split, toBridgeVlan } from '../bridge-vlan/vlan.ts';
import { RTNLGRP_BRVLAN } from './groups.ts';
import type { LinkNames } from './names.ts';

export const bridgeVlan: MonitorKind<BridgeVlan, LinkNames> = {
  groups: [RTNLGRP_BRVLAN],
  types: { [newVlan.type]: 'new', [deleteVlan.type]: 'delete' },
  decode({ bytes, offset, length, nsid }, names) {
    const { index, entries = [] } = vlanMessage.decode(bytes, offset, length);
    return entries.flatMap((entry) => {
      const vlan = toBridgeVlan(entry, index, names.of(nsid).get(index));
      return vlan === undefined ? [] : split(vlan);
    });
  },
  listing: {
    list: () => bridgeVlanPrograms.list({}),
    key: ({ devIndex, vlan }) => `${devIndex} ${vlan}`,
  },
};
