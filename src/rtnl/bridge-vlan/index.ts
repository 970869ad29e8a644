/** VLANs of bridges: what `netloom/rtnl` exports of this folder. */
export {
  type BridgeVlanGlobal,
  type BridgeVlanGlobalChanges,
  type BridgeVlanGlobalFilter,
  bridgeVlanGlobalPrograms,
} from './globals.ts';
export {
  brVlanMsg,
  deleteVlan,
  getVlan,
  type McastRouter,
  newVlan,
  type VlanAttributes,
  type VlanDumpInput,
  type VlanDumpMessage,
  type VlanEntry,
  type VlanGlobal,
  type VlanHeader,
  type VlanMessage,
  type VlanMessageInput,
  type VlanOperation,
  type VlanStats,
  vlanAttributes,
  vlanDumpMessage,
  vlanMessage,
} from './message.ts';
export {
  type BridgeVlanChanges,
  type BridgeVlanFilter,
  type BridgeVlanSelector,
  type BridgeVlanSpec,
  bridgeVlanPrograms,
} from './programs.ts';
export {
  type BridgeVlanTunnel,
  type BridgeVlanTunnelFilter,
  type BridgeVlanTunnelSelector,
  type BridgeVlanTunnelSpec,
  bridgeVlanTunnelPrograms,
} from './tunnels.ts';
export type { BridgeVlan, BridgeVlanFlag } from './vlan.ts';
