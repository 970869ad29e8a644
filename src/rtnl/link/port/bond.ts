/** A link as the port of a bond. Source: include/uapi/linux/if_link.h (IFLA_BOND_SLAVE_*); ip-link(8), "BONDING Slave Support". */
import { ethernetAddress } from '../../../netlink/address.ts';
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { s32, u8, u16, u32 } from '../../../netlink/scalar.ts';
import type { PortKind } from '../kind.ts';

/** BOND_STATE_*. */
const state = enumeration(u8, { ACTIVE: 0, BACKUP: 1 });
/** BOND_LINK_*. */
const miiStatus = enumeration(u8, { UP: 0, GOING_DOWN: 1, DOWN: 2, GOING_BACK: 3 });
/** enum churn_state_t (include/net/bond_3ad.h). */
const churnState = enumeration(u8, { monitoring: 0, churned: 1, none: 2 });

const bondPort_ = attributes('IFLA_BOND_SLAVE', () => ({
  /** Read only. */
  state: attr('IFLA_BOND_SLAVE_STATE', 1, state),
  /** Read only. */
  miiStatus: attr('IFLA_BOND_SLAVE_MII_STATUS', 2, miiStatus),
  /** Read only. */
  linkFailureCount: attr('IFLA_BOND_SLAVE_LINK_FAILURE_COUNT', 3, u32),
  /** Read only. */
  permanentAddress: attr('IFLA_BOND_SLAVE_PERM_HWADDR', 4, ethernetAddress),
  /** Queue whose packets this port sends; 0: none. */
  queueId: attr('IFLA_BOND_SLAVE_QUEUE_ID', 5, u16),
  /** Read only. */
  adAggregatorId: attr('IFLA_BOND_SLAVE_AD_AGGREGATOR_ID', 6, u16),
  /** Read only: bits of 802.3ad. */
  adActorOperPortState: attr('IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE', 7, u8),
  /** Read only: bits of 802.3ad. */
  adPartnerOperPortState: attr('IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE', 8, u16),
  /** The larger, the sooner it becomes the active port. Since Linux 6.0. */
  prio: attr('IFLA_BOND_SLAVE_PRIO', 9, s32),
  /** Since Linux 6.18. */
  actorPortPrio: attr('IFLA_BOND_SLAVE_ACTOR_PORT_PRIO', 10, u16),
  /** Read only. */
  adChurnActorState: attr('IFLA_BOND_SLAVE_AD_CHURN_ACTOR_STATE', 11, churnState),
  /** Read only. */
  adChurnPartnerState: attr('IFLA_BOND_SLAVE_AD_CHURN_PARTNER_STATE', 12, churnState),
}));

/** IFLA_INFO_SLAVE_DATA of the port of a bond. */
export interface BondPort extends Infer<typeof bondPort_> {}
export const bondPort: Codec<BondPort> = bondPort_;

/** The kernel takes two of them in some modes only, and reports them in all: what every port has is not said. */
function creatable(data: BondPort): BondPort {
  const settable = { ...data };
  if (settable.prio === 0) delete settable.prio;
  if (settable.actorPortPrio === 255) delete settable.actorPortPrio;
  return settable;
}

export const bondPortKind: PortKind<BondPort> = {
  data: bondPort,
  whileDown: true,
  creatable,
  readOnly: new Set<keyof BondPort>([
    'state',
    'miiStatus',
    'linkFailureCount',
    'permanentAddress',
    'adAggregatorId',
    'adActorOperPortState',
    'adPartnerOperPortState',
    'adChurnActorState',
    'adChurnPartnerState',
  ]),
};
