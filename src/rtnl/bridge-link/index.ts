/** Bridges and their ports, and the protocols they speak: what `netloom/rtnl` exports of this folder. */
export {
  type Cfm,
  type CfmCcConfig,
  type CfmCcmTx,
  type CfmMep,
  type CfmMepConfig,
  type CfmMepStatus,
  type CfmPeerMep,
  type CfmPeerStatus,
  type CfmRdi,
  cfm,
} from './cfm.ts';
export {
  type BridgeAfSpec,
  type BridgeLinkAttributes,
  type BridgeLinkMessage,
  type BridgeLinkMessageInput,
  type BridgeLinkOperation,
  type BridgeVlanInfo,
  bridgeAfSpec,
  bridgeLinkAttributes,
  bridgeLinkMessage,
  bridgeVlanInfo,
  deleteBridgeLink,
  getBridgeLink,
  type MstEntry,
  setBridgeLink,
  type VlanTunnelInfo,
} from './message.ts';
export { type Mrp, type MrpInfo, type MrpInstance, mrp } from './mrp.ts';
export {
  type BridgeLinkFilter,
  type BridgePortState,
  bridgeCfmPrograms,
  bridgeMrpPrograms,
  bridgeMstPrograms,
  type CfmReport,
  type MrpRing,
  type MstSpec,
  type MstState,
} from './programs.ts';
