/** The point-to-point protocol. Source: include/uapi/linux/if_link.h (IFLA_PPP_*); drivers/net/ppp/ppp_generic.c. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { s32 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

const ppp_ = attributes('IFLA_PPP', () => ({
  /** Descriptor open on /dev/ppp, as this process has it; needed. The link goes when it is closed. Never read back. */
  devFd: attr('IFLA_PPP_DEV_FD', 1, s32),
}));

/** IFLA_INFO_DATA of a PPP link. */
export interface Ppp extends Infer<typeof ppp_> {}
export const ppp: Codec<Ppp> = ppp_;

export const pppKind: LinkKind<Ppp> = { data: ppp, needs: 'CONFIG_PPP' };
