/** Links bundled into one. Source: include/uapi/linux/if_link.h (IFLA_BOND_*), include/uapi/linux/if_bonding.h; ip-link(8), "BONDING Type Support", and the kernel's Documentation/networking/bonding.rst. */
import { ethernetAddress, ipv4Address, ipv6Address } from '../../../netlink/address.ts';
import { attr, attributes, nested } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { bool8, u8, u16, u32 } from '../../../netlink/scalar.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';
import { maxInt } from '../limits.ts';
import { sequence } from '../sequence.ts';

// the names of ip(8), which are those of drivers/net/bonding/bond_options.c
const mode = enumeration(u8, {
  'balance-rr': 0,
  'active-backup': 1,
  'balance-xor': 2,
  broadcast: 3,
  '802.3ad': 4,
  'balance-tlb': 5,
  'balance-alb': 6,
});
const arpValidate = enumeration(u32, { none: 0, active: 1, backup: 2, all: 3, filter: 4, filter_active: 5, filter_backup: 6 });
const arpAllTargets = enumeration(u32, { any: 0, all: 1 });
const primaryReselect = enumeration(u8, { always: 0, better: 1, failure: 2 });
const failOverMac = enumeration(u8, { none: 0, active: 1, follow: 2 });
const xmitHashPolicy = enumeration(u8, {
  layer2: 0,
  'layer3+4': 1,
  'layer2+3': 2,
  'encap2+3': 3,
  'encap3+4': 4,
  'vlan+srcmac': 5,
});
const lacpRate = enumeration(u8, { slow: 0, fast: 1 });
const adSelect = enumeration(u8, { stable: 0, bandwidth: 1, count: 2, actor_port_prio: 3 });

const adInfo_ = attributes('IFLA_BOND_AD_INFO', () => ({
  aggregator: attr('IFLA_BOND_AD_INFO_AGGREGATOR', 1, u16),
  numPorts: attr('IFLA_BOND_AD_INFO_NUM_PORTS', 2, u16),
  actorKey: attr('IFLA_BOND_AD_INFO_ACTOR_KEY', 3, u16),
  partnerKey: attr('IFLA_BOND_AD_INFO_PARTNER_KEY', 4, u16),
  partnerMac: attr('IFLA_BOND_AD_INFO_PARTNER_MAC', 5, ethernetAddress),
}));

/** The active aggregator of a bond in the mode `802.3ad`. */
export interface BondAdInfo extends Infer<typeof adInfo_> {}
const adInfo: Codec<BondAdInfo> = adInfo_;

const bond_ = attributes('IFLA_BOND', () => ({
  /** Default: `balance-rr`. Changed while the bond is down and has no ports. */
  mode: attr('IFLA_BOND_MODE', 1, mode),
  /** The port in use, in the modes that use one; 0: the kernel's choice. */
  activeSlave: attr('IFLA_BOND_ACTIVE_SLAVE', 2, u32),
  /** Milliseconds between looks at the carrier of ports; 0: none. */
  miimon: attr('IFLA_BOND_MIIMON', 3, u32),
  /** Milliseconds, a multiple of `miimon`, which is needed. */
  updelay: attr('IFLA_BOND_UPDELAY', 4, u32),
  /** Milliseconds, a multiple of `miimon`, which is needed. */
  downdelay: attr('IFLA_BOND_DOWNDELAY', 5, u32),
  useCarrier: attr('IFLA_BOND_USE_CARRIER', 6, bool8),
  /** Milliseconds between ARP requests to `arpIpTarget`; 0: none. Excludes `miimon`. */
  arpInterval: attr('IFLA_BOND_ARP_INTERVAL', 7, u32),
  /** Up to 16; `[]` removes all. */
  arpIpTarget: attr('IFLA_BOND_ARP_IP_TARGET', 8, sequence(ipv4Address)),
  arpValidate: attr('IFLA_BOND_ARP_VALIDATE', 9, arpValidate),
  arpAllTargets: attr('IFLA_BOND_ARP_ALL_TARGETS', 10, arpAllTargets),
  /** The port that is used whenever it can be; 0: none. */
  primary: attr('IFLA_BOND_PRIMARY', 11, u32),
  primaryReselect: attr('IFLA_BOND_PRIMARY_RESELECT', 12, primaryReselect),
  failOverMac: attr('IFLA_BOND_FAIL_OVER_MAC', 13, failOverMac),
  xmitHashPolicy: attr('IFLA_BOND_XMIT_HASH_POLICY', 14, xmitHashPolicy),
  /** IGMP membership reports sent after a failover, 0 to 255. Default: 1. */
  resendIgmp: attr('IFLA_BOND_RESEND_IGMP', 15, u32),
  /** Gratuitous ARP requests and neighbor advertisements sent after a failover, 0 to 255. Default: 1. */
  numPeerNotif: attr('IFLA_BOND_NUM_PEER_NOTIF', 16, u8),
  /** Take frames from ports that are not in use. */
  allSlavesActive: attr('IFLA_BOND_ALL_SLAVES_ACTIVE', 17, bool8),
  /** Ports needed for the bond to have a carrier. Default: 0, which is as 1. */
  minLinks: attr('IFLA_BOND_MIN_LINKS', 18, u32),
  /** Seconds between learning packets. Default: 1. */
  lpInterval: attr('IFLA_BOND_LP_INTERVAL', 19, u32),
  /** Packets sent by a port before it is the next one's turn; 0: random. In the mode `balance-rr`. Default: 1. */
  packetsPerSlave: attr('IFLA_BOND_PACKETS_PER_SLAVE', 20, u32),
  adLacpRate: attr('IFLA_BOND_AD_LACP_RATE', 21, lacpRate),
  adSelect: attr('IFLA_BOND_AD_SELECT', 22, adSelect),
  /** Read only. */
  adInfo: attr('IFLA_BOND_AD_INFO', 23, nested(adInfo)),
  /** Listed to those who have CAP_NET_ADMIN, as the next two. */
  adActorSysPrio: attr('IFLA_BOND_AD_ACTOR_SYS_PRIO', 24, u16),
  adUserPortKey: attr('IFLA_BOND_AD_USER_PORT_KEY', 25, u16),
  adActorSystem: attr('IFLA_BOND_AD_ACTOR_SYSTEM', 26, ethernetAddress),
  tlbDynamicLb: attr('IFLA_BOND_TLB_DYNAMIC_LB', 27, bool8),
  /** Milliseconds, a multiple of `miimon`, which is needed. */
  peerNotifDelay: attr('IFLA_BOND_PEER_NOTIF_DELAY', 28, u32),
  adLacpActive: attr('IFLA_BOND_AD_LACP_ACTIVE', 29, bool8),
  /** ARP requests without an answer after which a port is down, 1 to 255. Default: 2. */
  missedMax: attr('IFLA_BOND_MISSED_MAX', 30, u8),
  /** Up to 16; `[]` removes all. */
  nsIp6Target: attr('IFLA_BOND_NS_IP6_TARGET', 31, sequence(ipv6Address)),
  coupledControl: attr('IFLA_BOND_COUPLED_CONTROL', 32, bool8),
  broadcastNeigh: attr('IFLA_BOND_BROADCAST_NEIGH', 33, bool8),
}));

/** IFLA_INFO_DATA of a bond. */
export interface Bond extends Infer<typeof bond_> {}
/** The same as `create` and `update` take it. */
export interface BondInput extends LinksByName<Bond, 'activeSlave' | 'primary'> {}
export const bond: Codec<Bond> = bond_;

/** What the kernel takes in some modes only, and reports in all of them (`unsuppmodes` in drivers/net/bonding/bond_options.c). */
const modesOf: Partial<Record<keyof Bond, readonly Bond['mode'][]>> = {
  packetsPerSlave: ['balance-rr'],
  tlbDynamicLb: ['balance-tlb', 'balance-alb'],
  primaryReselect: ['active-backup', 'balance-tlb', 'balance-alb'],
  arpInterval: ['balance-rr', 'active-backup', 'balance-xor', 'broadcast'],
  arpValidate: ['balance-rr', 'active-backup', 'balance-xor', 'broadcast'],
  missedMax: ['balance-rr', 'active-backup', 'balance-xor', 'broadcast'],
  adLacpRate: ['802.3ad'],
  adLacpActive: ['802.3ad'],
  coupledControl: ['802.3ad'],
  broadcastNeigh: ['802.3ad'],
};

/** A listed value that its bond has by default, and may not be told in its mode. */
const defaults: Partial<Bond> = {
  packetsPerSlave: 1,
  primaryReselect: 'always',
  arpInterval: 0,
  arpValidate: 'none',
  missedMax: 2,
  adLacpRate: 'slow',
  adLacpActive: true,
  coupledControl: true,
  broadcastNeigh: false,
  tlbDynamicLb: true,
};

/**
 * A bond reports settings that its kernel refuses in its mode, or without `miimon`. Where they have the value of a new bond they are left out;
 * any other is sent, for the kernel to say what it thinks of it.
 */
function creatable(data: Bond): Bond {
  const settable = { ...data };
  // it is no port yet
  delete settable.activeSlave;
  for (const member of ['updelay', 'downdelay', 'peerNotifDelay'] as const)
    if (settable[member] === 0 && (settable.miimon ?? 0) === 0) delete settable[member];
  for (const [member, modes] of Object.entries(modesOf) as [keyof Bond, readonly Bond['mode'][]][]) {
    if (settable[member] === defaults[member] && !modes.includes(settable.mode ?? 'balance-rr')) delete settable[member];
  }
  // zeros stand for what the kernel makes up itself
  if (settable.adActorSystem === '00:00:00:00:00:00') delete settable.adActorSystem;
  return settable;
}

export const bondKind: LinkKind<Bond> = {
  data: bond,
  needs: 'CONFIG_BONDING',
  since: { adLacpActive: 'Linux 5.15', missedMax: 'Linux 5.17', coupledControl: 'Linux 6.9', broadcastNeigh: 'Linux 6.17' },
  limits: {
    miimon: [0, maxInt],
    updelay: [0, maxInt],
    downdelay: [0, maxInt],
    peerNotifDelay: [0, 300_000],
    arpInterval: [0, maxInt],
    resendIgmp: [0, 255],
    minLinks: [0, maxInt],
    lpInterval: [1, maxInt],
    packetsPerSlave: [0, 65_535],
    adActorSysPrio: [1, 65_535],
    adUserPortKey: [0, 1023],
    missedMax: [1, 255],
  },
  readOnly: new Set<keyof Bond>(['adInfo']),
  creatable,
  links: { activeSlave: 'beside', primary: 'beside' },
};
