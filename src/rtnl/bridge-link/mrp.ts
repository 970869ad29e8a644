/** Media redundancy protocol of a bridge (IEC 62439-2). Source: include/uapi/linux/if_bridge.h (IFLA_BRIDGE_MRP_*), mrp_bridge.h; mrp(8). */
import { attr, attributes, nested, repeated } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { bool32, u16, u32 } from '../../netlink/scalar.ts';

/** BR_MRP_RING_ROLE_*: client, manager, manager by vote. */
const ringRole = enumeration(u32, { disabled: 0, mrc: 1, mrm: 2, mra: 3 });
/** BR_MRP_IN_ROLE_*: interconnection client, manager. */
const inRole = enumeration(u32, { disabled: 0, mic: 1, mim: 2 });
/** BR_MRP_RING_STATE_*, BR_MRP_IN_STATE_*. */
const openClosed = enumeration(u32, { open: 0, closed: 1 });
/** BR_MRP_PORT_STATE_*. */
const portState = enumeration(u32, { disabled: 0, blocked: 1, forwarding: 2, not_connected: 3 });
/** BR_MRP_PORT_ROLE_*. */
const portRole = enumeration(u32, { primary: 0, secondary: 1, inter: 2 });

const instance_ = attributes('IFLA_BRIDGE_MRP_INSTANCE', () => ({
  ringId: attr('IFLA_BRIDGE_MRP_INSTANCE_RING_ID', 1, u32),
  /** Index of the primary port. */
  primary: attr('IFLA_BRIDGE_MRP_INSTANCE_P_IFINDEX', 2, u32),
  /** Index of the secondary port. */
  secondary: attr('IFLA_BRIDGE_MRP_INSTANCE_S_IFINDEX', 3, u32),
  priority: attr('IFLA_BRIDGE_MRP_INSTANCE_PRIO', 4, u16),
}));
export interface MrpInstance extends Infer<typeof instance_> {}
const instance: Codec<MrpInstance> = instance_;

const mrpPortState_ = attributes('IFLA_BRIDGE_MRP_PORT_STATE', () => ({ state: attr('IFLA_BRIDGE_MRP_PORT_STATE_STATE', 1, portState) }));
const mrpPortRole_ = attributes('IFLA_BRIDGE_MRP_PORT_ROLE', () => ({ role: attr('IFLA_BRIDGE_MRP_PORT_ROLE_ROLE', 1, portRole) }));
const mrpRingState_ = attributes('IFLA_BRIDGE_MRP_RING_STATE', () => ({
  ringId: attr('IFLA_BRIDGE_MRP_RING_STATE_RING_ID', 1, u32),
  state: attr('IFLA_BRIDGE_MRP_RING_STATE_STATE', 2, openClosed),
}));
const mrpRingRole_ = attributes('IFLA_BRIDGE_MRP_RING_ROLE', () => ({
  ringId: attr('IFLA_BRIDGE_MRP_RING_ROLE_RING_ID', 1, u32),
  role: attr('IFLA_BRIDGE_MRP_RING_ROLE_ROLE', 2, ringRole),
}));
const startTest_ = attributes('IFLA_BRIDGE_MRP_START_TEST', () => ({
  ringId: attr('IFLA_BRIDGE_MRP_START_TEST_RING_ID', 1, u32),
  /** Microseconds between two test frames; 0 stops the test. */
  interval: attr('IFLA_BRIDGE_MRP_START_TEST_INTERVAL', 2, u32),
  /** Test frames that may be lost until the ring counts as open. */
  maxMiss: attr('IFLA_BRIDGE_MRP_START_TEST_MAX_MISS', 3, u32),
  /** Microseconds that the test goes on for. */
  period: attr('IFLA_BRIDGE_MRP_START_TEST_PERIOD', 4, u32),
  /** Watch the test frames of others, and send none. */
  monitor: attr('IFLA_BRIDGE_MRP_START_TEST_MONITOR', 5, bool32),
}));
const mrpInRole_ = attributes('IFLA_BRIDGE_MRP_IN_ROLE', () => ({
  ringId: attr('IFLA_BRIDGE_MRP_IN_ROLE_RING_ID', 1, u32),
  inId: attr('IFLA_BRIDGE_MRP_IN_ROLE_IN_ID', 2, u16),
  role: attr('IFLA_BRIDGE_MRP_IN_ROLE_ROLE', 3, inRole),
  /** Index of the interconnection port. */
  port: attr('IFLA_BRIDGE_MRP_IN_ROLE_I_IFINDEX', 4, u32),
}));
const mrpInState_ = attributes('IFLA_BRIDGE_MRP_IN_STATE', () => ({
  inId: attr('IFLA_BRIDGE_MRP_IN_STATE_IN_ID', 1, u32),
  state: attr('IFLA_BRIDGE_MRP_IN_STATE_STATE', 2, openClosed),
}));
const startInTest_ = attributes('IFLA_BRIDGE_MRP_START_IN_TEST', () => ({
  inId: attr('IFLA_BRIDGE_MRP_START_IN_TEST_IN_ID', 1, u32),
  /** Microseconds between two test frames; 0 stops the test. */
  interval: attr('IFLA_BRIDGE_MRP_START_IN_TEST_INTERVAL', 2, u32),
  maxMiss: attr('IFLA_BRIDGE_MRP_START_IN_TEST_MAX_MISS', 3, u32),
  /** Microseconds. */
  period: attr('IFLA_BRIDGE_MRP_START_IN_TEST_PERIOD', 4, u32),
}));

const mrpInfo_ = attributes('IFLA_BRIDGE_MRP_INFO', () => ({
  ringId: attr('IFLA_BRIDGE_MRP_INFO_RING_ID', 1, u32),
  /** Index of the primary port. */
  primary: attr('IFLA_BRIDGE_MRP_INFO_P_IFINDEX', 2, u32),
  /** Index of the secondary port. */
  secondary: attr('IFLA_BRIDGE_MRP_INFO_S_IFINDEX', 3, u32),
  priority: attr('IFLA_BRIDGE_MRP_INFO_PRIO', 4, u16),
  ringState: attr('IFLA_BRIDGE_MRP_INFO_RING_STATE', 5, openClosed),
  ringRole: attr('IFLA_BRIDGE_MRP_INFO_RING_ROLE', 6, ringRole),
  /** Microseconds. */
  testInterval: attr('IFLA_BRIDGE_MRP_INFO_TEST_INTERVAL', 7, u32),
  testMaxMiss: attr('IFLA_BRIDGE_MRP_INFO_TEST_MAX_MISS', 8, u32),
  testMonitor: attr('IFLA_BRIDGE_MRP_INFO_TEST_MONITOR', 9, bool32),
  /** Index of the interconnection port. */
  inPort: attr('IFLA_BRIDGE_MRP_INFO_I_IFINDEX', 10, u32),
  inState: attr('IFLA_BRIDGE_MRP_INFO_IN_STATE', 11, openClosed),
  inRole: attr('IFLA_BRIDGE_MRP_INFO_IN_ROLE', 12, inRole),
  /** Microseconds. */
  inTestInterval: attr('IFLA_BRIDGE_MRP_INFO_IN_TEST_INTERVAL', 13, u32),
  inTestMaxMiss: attr('IFLA_BRIDGE_MRP_INFO_IN_TEST_MAX_MISS', 14, u32),
}));

/** A ring that a bridge is part of. */
export interface MrpInfo extends Infer<typeof mrpInfo_> {}
const mrpInfo: Codec<MrpInfo> = mrpInfo_;

const mrp_ = attributes('IFLA_BRIDGE_MRP', () => ({
  /** Makes a ring; with neither port, removes it. */
  instance: attr('IFLA_BRIDGE_MRP_INSTANCE', 1, nested(instance)),
  /** Of a port. */
  portState: attr('IFLA_BRIDGE_MRP_PORT_STATE', 2, nested(mrpPortState_)),
  /** Of a port. */
  portRole: attr('IFLA_BRIDGE_MRP_PORT_ROLE', 3, nested(mrpPortRole_)),
  ringState: attr('IFLA_BRIDGE_MRP_RING_STATE', 4, nested(mrpRingState_)),
  ringRole: attr('IFLA_BRIDGE_MRP_RING_ROLE', 5, nested(mrpRingRole_)),
  startTest: attr('IFLA_BRIDGE_MRP_START_TEST', 6, nested(startTest_)),
  /** Read only. */
  info: repeated('IFLA_BRIDGE_MRP_INFO', 7, nested(mrpInfo)),
  inRole: attr('IFLA_BRIDGE_MRP_IN_ROLE', 8, nested(mrpInRole_)),
  inState: attr('IFLA_BRIDGE_MRP_IN_STATE', 9, nested(mrpInState_)),
  startInTest: attr('IFLA_BRIDGE_MRP_START_IN_TEST', 10, nested(startInTest_)),
}));

/** IFLA_BRIDGE_MRP: what is asked of the redundancy protocol of a bridge, or what it reports. */
export interface Mrp extends Infer<typeof mrp_> {}
export const mrp: Codec<Mrp> = mrp_;
