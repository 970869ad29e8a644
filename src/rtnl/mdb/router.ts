/** Ports that multicast routers are behind. Source: include/uapi/linux/if_bridge.h (MDBA_ROUTER_*). */
import { type AttributeSet, attr, attributes, repeated } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { message } from '../../netlink/message.ts';
import { u8, u16, u32 } from '../../netlink/scalar.ts';
import { fields, struct } from '../../netlink/struct.ts';

/** MDBA_ROUTER_PORT starts with the index of the port, and goes on with attributes. */
const portIndex = struct('u32', () => ({ index: fields.u32 }));

const routerPort_ = message(
  'MDBA_ROUTER_PATTR',
  portIndex,
  attributes('MDBA_ROUTER_PATTR', () => ({
    /** Hundredths of a second until the port is none any more; 0 for a permanent one. */
    timer: attr('MDBA_ROUTER_PATTR_TIMER', 1, u32),
    /** MDB_RTR_TYPE_*. */
    type: attr('MDBA_ROUTER_PATTR_TYPE', 2, enumeration(u8, { disabled: 0, temp_query: 1, permanent: 2, temp: 3 })),
    /** Hundredths of a second, of IPv4 routers. */
    inetTimer: attr('MDBA_ROUTER_PATTR_INET_TIMER', 3, u32),
    /** Hundredths of a second, of IPv6 routers. */
    inet6Timer: attr('MDBA_ROUTER_PATTR_INET6_TIMER', 4, u32),
    vlan: attr('MDBA_ROUTER_PATTR_VID', 5, u16),
  })),
);

/** A port that multicast routers are behind. */
export interface RouterPort extends Infer<typeof routerPort_> {}
const routerPort: Codec<RouterPort> = routerPort_;

const routerPorts_ = attributes('MDBA_ROUTER', () => ({ ports: repeated('MDBA_ROUTER_PORT', 1, routerPort) }));

/** MDBA_ROUTER: the ports of a bridge that multicast routers are behind. */
export interface RouterPorts extends Infer<typeof routerPorts_> {}
export const routerPorts: AttributeSet<RouterPorts> = routerPorts_;
