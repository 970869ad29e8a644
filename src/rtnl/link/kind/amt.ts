/** Multicast over networks without it (RFC 7450). Source: include/uapi/linux/amt.h; ip-link(8), "AMT Type Support". */
import { ipv4Address } from '../../../netlink/address.ts';
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { be16, u32 } from '../../../netlink/scalar.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';

/** enum ifla_amt_mode. */
const mode = enumeration(u32, { gateway: 0, relay: 1 });

const amt_ = attributes('IFLA_AMT', () => ({
  /** Needed. */
  mode: attr('IFLA_AMT_MODE', 1, mode),
  /** Default: 2268. */
  relayPort: attr('IFLA_AMT_RELAY_PORT', 2, be16),
  /** Default: 2268. */
  gatewayPort: attr('IFLA_AMT_GATEWAY_PORT', 3, be16),
  /** Link that tunnel packets leave by; needed. */
  link: attr('IFLA_AMT_LINK', 4, u32),
  /** Own address; needed. */
  local: attr('IFLA_AMT_LOCAL_IP', 5, ipv4Address),
  /** Of a gateway, read only: the relay it has found. */
  remote: attr('IFLA_AMT_REMOTE_IP', 6, ipv4Address),
  /** Of a gateway: where to look for a relay; needed. */
  discovery: attr('IFLA_AMT_DISCOVERY_IP', 7, ipv4Address),
  /** Of a relay: gateways at most. Default: 128. */
  maxTunnels: attr('IFLA_AMT_MAX_TUNNELS', 8, u32),
}));

/** IFLA_INFO_DATA of an AMT link. Nothing of it can be changed later. */
export interface Amt extends Infer<typeof amt_> {}
/** The same as `create` takes it. */
export interface AmtInput extends LinksByName<Amt, 'link'> {}
export const amt: Codec<Amt> = amt_;

export const amtKind: LinkKind<Amt> = {
  data: amt,
  needs: 'CONFIG_AMT',
  readOnly: new Set<keyof Amt>(['remote']),
  links: { link: 'below' },
};
