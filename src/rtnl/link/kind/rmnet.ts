/** A data channel of a Qualcomm modem on top of `link`. Source: include/uapi/linux/if_link.h (IFLA_RMNET_*, RMNET_FLAGS_*); ip-link(8). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { u16 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';
import { switches } from '../switches.ts';

const flags = switches('ifla_rmnet_flags', 'bits first', {
  ingressDeaggregation: 1,
  ingressMapCommands: 2,
  ingressMapCksumv4: 4,
  egressMapCksumv4: 8,
  ingressMapCksumv5: 16,
  egressMapCksumv5: 32,
});

const rmnet_ = attributes('IFLA_RMNET', () => ({
  /** Channel, 1 to 254; needed. */
  muxId: attr('IFLA_RMNET_MUX_ID', 1, u16),
  /** They are those of `link`, shared by its channels. `{ ingressMapCommands: true }` sets one and leaves the others. */
  flags: attr('IFLA_RMNET_FLAGS', 2, flags),
}));

/** IFLA_INFO_DATA of an rmnet. */
export interface Rmnet extends Infer<typeof rmnet_> {}
export const rmnet: Codec<Rmnet> = rmnet_;

export const rmnetKind: LinkKind<Rmnet> = { data: rmnet, needs: 'CONFIG_RMNET', limits: { muxId: [0, 254] } };
