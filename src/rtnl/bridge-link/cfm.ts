/** Connectivity fault management of a bridge (IEEE 802.1Q clause 12.14). Source: include/uapi/linux/if_bridge.h (IFLA_BRIDGE_CFM_*), cfm_bridge.h. */
import { ethernetAddress } from '../../netlink/address.ts';
import { attr, attributes, nested, repeated } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { bool32, u8, u32 } from '../../netlink/scalar.ts';
import { bytes } from '../../netlink/text.ts';

/** BR_CFM_PORT, BR_CFM_VLAN. */
const domain = enumeration(u32, { port: 0, vlan: 1 });
/** BR_CFM_MEP_DIRECTION_*. */
const direction = enumeration(u32, { down: 0, up: 1 });
/** BR_CFM_CCM_INTERVAL_*. */
const interval = enumeration(u32, {
  none: 0,
  '3.3ms': 1,
  '10ms': 2,
  '100ms': 3,
  '1s': 4,
  '10s': 5,
  '1min': 6,
  '10min': 7,
});

const mepCreate_ = attributes('IFLA_BRIDGE_CFM_MEP_CREATE', () => ({
  instance: attr('IFLA_BRIDGE_CFM_MEP_CREATE_INSTANCE', 1, u32),
  domain: attr('IFLA_BRIDGE_CFM_MEP_CREATE_DOMAIN', 2, domain),
  direction: attr('IFLA_BRIDGE_CFM_MEP_CREATE_DIRECTION', 3, direction),
  /** Index of the port. */
  port: attr('IFLA_BRIDGE_CFM_MEP_CREATE_IFINDEX', 4, u32),
}));
/** A maintenance end point. */
export interface CfmMep extends Infer<typeof mepCreate_> {}
const mepCreate: Codec<CfmMep> = mepCreate_;

const mepDelete_ = attributes('IFLA_BRIDGE_CFM_MEP_DELETE', () => ({ instance: attr('IFLA_BRIDGE_CFM_MEP_DELETE_INSTANCE', 1, u32) }));

const mepConfig_ = attributes('IFLA_BRIDGE_CFM_MEP_CONFIG', () => ({
  instance: attr('IFLA_BRIDGE_CFM_MEP_CONFIG_INSTANCE', 1, u32),
  unicastAddress: attr('IFLA_BRIDGE_CFM_MEP_CONFIG_UNICAST_MAC', 2, ethernetAddress),
  /** Level of the maintenance domain, 0 to 7. */
  level: attr('IFLA_BRIDGE_CFM_MEP_CONFIG_MDLEVEL', 3, u32),
  mepId: attr('IFLA_BRIDGE_CFM_MEP_CONFIG_MEPID', 4, u32),
}));
/** Settings of an end point. */
export interface CfmMepConfig extends Infer<typeof mepConfig_> {}
const mepConfig: Codec<CfmMepConfig> = mepConfig_;

const ccConfig_ = attributes('IFLA_BRIDGE_CFM_CC_CONFIG', () => ({
  instance: attr('IFLA_BRIDGE_CFM_CC_CONFIG_INSTANCE', 1, u32),
  enable: attr('IFLA_BRIDGE_CFM_CC_CONFIG_ENABLE', 2, bool32),
  /** How often frames are expected. */
  interval: attr('IFLA_BRIDGE_CFM_CC_CONFIG_EXP_INTERVAL', 3, interval),
  /** Id of the maintenance association that is expected: 48 bytes. */
  maid: attr('IFLA_BRIDGE_CFM_CC_CONFIG_EXP_MAID', 4, bytes),
}));
/** Continuity checks of an end point. */
export interface CfmCcConfig extends Infer<typeof ccConfig_> {}
const ccConfig: Codec<CfmCcConfig> = ccConfig_;

const peerMep_ = attributes('IFLA_BRIDGE_CFM_CC_PEER', () => ({
  instance: attr('IFLA_BRIDGE_CFM_CC_PEER_MEP_INSTANCE', 1, u32),
  mepId: attr('IFLA_BRIDGE_CFM_CC_PEER_MEPID', 2, u32),
}));
/** Another end point of the association. */
export interface CfmPeerMep extends Infer<typeof peerMep_> {}
const peerMep: Codec<CfmPeerMep> = peerMep_;

const rdi_ = attributes('IFLA_BRIDGE_CFM_CC_RDI', () => ({
  instance: attr('IFLA_BRIDGE_CFM_CC_RDI_INSTANCE', 1, u32),
  /** Tell the others of a defect. */
  rdi: attr('IFLA_BRIDGE_CFM_CC_RDI_RDI', 2, bool32),
}));
/** Whether an end point tells the others of a defect. */
export interface CfmRdi extends Infer<typeof rdi_> {}
const rdi: Codec<CfmRdi> = rdi_;

const ccmTx_ = attributes('IFLA_BRIDGE_CFM_CC_CCM_TX', () => ({
  instance: attr('IFLA_BRIDGE_CFM_CC_CCM_TX_INSTANCE', 1, u32),
  destination: attr('IFLA_BRIDGE_CFM_CC_CCM_TX_DMAC', 2, ethernetAddress),
  sequenceUpdate: attr('IFLA_BRIDGE_CFM_CC_CCM_TX_SEQ_NO_UPDATE', 3, bool32),
  /** Seconds that frames are sent for; 0 stops. */
  period: attr('IFLA_BRIDGE_CFM_CC_CCM_TX_PERIOD', 4, u32),
  interfaceTlv: attr('IFLA_BRIDGE_CFM_CC_CCM_TX_IF_TLV', 5, bool32),
  interfaceTlvValue: attr('IFLA_BRIDGE_CFM_CC_CCM_TX_IF_TLV_VALUE', 6, u8),
  portTlv: attr('IFLA_BRIDGE_CFM_CC_CCM_TX_PORT_TLV', 7, bool32),
  portTlvValue: attr('IFLA_BRIDGE_CFM_CC_CCM_TX_PORT_TLV_VALUE', 8, u8),
}));
/** The continuity check frames that an end point sends. */
export interface CfmCcmTx extends Infer<typeof ccmTx_> {}
const ccmTx: Codec<CfmCcmTx> = ccmTx_;

const mepStatus_ = attributes('IFLA_BRIDGE_CFM_MEP_STATUS', () => ({
  instance: attr('IFLA_BRIDGE_CFM_MEP_STATUS_INSTANCE', 1, u32),
  unexpectedOpcode: attr('IFLA_BRIDGE_CFM_MEP_STATUS_OPCODE_UNEXP_SEEN', 2, bool32),
  unexpectedVersion: attr('IFLA_BRIDGE_CFM_MEP_STATUS_VERSION_UNEXP_SEEN', 3, bool32),
  lowLevelSeen: attr('IFLA_BRIDGE_CFM_MEP_STATUS_RX_LEVEL_LOW_SEEN', 4, bool32),
}));
/** What an end point has seen since it was last asked. */
export interface CfmMepStatus extends Infer<typeof mepStatus_> {}
const mepStatus: Codec<CfmMepStatus> = mepStatus_;

const peerStatus_ = attributes('IFLA_BRIDGE_CFM_CC_PEER_STATUS', () => ({
  instance: attr('IFLA_BRIDGE_CFM_CC_PEER_STATUS_INSTANCE', 1, u32),
  mepId: attr('IFLA_BRIDGE_CFM_CC_PEER_STATUS_PEER_MEPID', 2, u32),
  /** No frames come. */
  ccmDefect: attr('IFLA_BRIDGE_CFM_CC_PEER_STATUS_CCM_DEFECT', 3, bool32),
  rdi: attr('IFLA_BRIDGE_CFM_CC_PEER_STATUS_RDI', 4, bool32),
  portTlvValue: attr('IFLA_BRIDGE_CFM_CC_PEER_STATUS_PORT_TLV_VALUE', 5, u8),
  interfaceTlvValue: attr('IFLA_BRIDGE_CFM_CC_PEER_STATUS_IF_TLV_VALUE', 6, u8),
  seen: attr('IFLA_BRIDGE_CFM_CC_PEER_STATUS_SEEN', 7, bool32),
  tlvSeen: attr('IFLA_BRIDGE_CFM_CC_PEER_STATUS_TLV_SEEN', 8, bool32),
  unexpectedSequence: attr('IFLA_BRIDGE_CFM_CC_PEER_STATUS_SEQ_UNEXP_SEEN', 9, bool32),
}));
/** What is known of another end point. */
export interface CfmPeerStatus extends Infer<typeof peerStatus_> {}
const peerStatus: Codec<CfmPeerStatus> = peerStatus_;

const cfm_ = attributes('IFLA_BRIDGE_CFM', () => ({
  mepCreate: attr('IFLA_BRIDGE_CFM_MEP_CREATE', 1, nested(mepCreate)),
  mepDelete: attr('IFLA_BRIDGE_CFM_MEP_DELETE', 2, nested(mepDelete_)),
  mepConfig: attr('IFLA_BRIDGE_CFM_MEP_CONFIG', 3, nested(mepConfig)),
  ccConfig: attr('IFLA_BRIDGE_CFM_CC_CONFIG', 4, nested(ccConfig)),
  peerMepAdd: attr('IFLA_BRIDGE_CFM_CC_PEER_MEP_ADD', 5, nested(peerMep)),
  peerMepRemove: attr('IFLA_BRIDGE_CFM_CC_PEER_MEP_REMOVE', 6, nested(peerMep)),
  rdi: attr('IFLA_BRIDGE_CFM_CC_RDI', 7, nested(rdi)),
  ccmTx: attr('IFLA_BRIDGE_CFM_CC_CCM_TX', 8, nested(ccmTx)),
  /** Read only, as what follows. */
  mepCreateInfo: repeated('IFLA_BRIDGE_CFM_MEP_CREATE_INFO', 9, nested(mepCreate)),
  mepConfigInfo: repeated('IFLA_BRIDGE_CFM_MEP_CONFIG_INFO', 10, nested(mepConfig)),
  ccConfigInfo: repeated('IFLA_BRIDGE_CFM_CC_CONFIG_INFO', 11, nested(ccConfig)),
  rdiInfo: repeated('IFLA_BRIDGE_CFM_CC_RDI_INFO', 12, nested(rdi)),
  ccmTxInfo: repeated('IFLA_BRIDGE_CFM_CC_CCM_TX_INFO', 13, nested(ccmTx)),
  peerMepInfo: repeated('IFLA_BRIDGE_CFM_CC_PEER_MEP_INFO', 14, nested(peerMep)),
  mepStatusInfo: repeated('IFLA_BRIDGE_CFM_MEP_STATUS_INFO', 15, nested(mepStatus)),
  peerStatusInfo: repeated('IFLA_BRIDGE_CFM_CC_PEER_STATUS_INFO', 16, nested(peerStatus)),
}));

/** IFLA_BRIDGE_CFM: what is asked of the fault management of a bridge, or what it reports. */
export interface Cfm extends Infer<typeof cfm_> {}
export const cfm: Codec<Cfm> = cfm_;
