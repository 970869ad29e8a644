/** Bridges and their ports, and the protocols they speak: what `netloom/rtnl` exports of this folder. */
export { type Cfm, cfm } from './cfm.ts';
export {
  type BridgeAfSpec,
  type BridgeLinkMessage,
  type BridgeLinkMessageInput,
  bridgeAfSpec,
  bridgeLinkAttributes,
  bridgeLinkMessage,
  bridgeVlanInfo,
  deleteBridgeLink,
  getBridgeLink,
  setBridgeLink,
} from './message.ts';
export { type Mrp, type MrpInfo, mrp } from './mrp.ts';
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
