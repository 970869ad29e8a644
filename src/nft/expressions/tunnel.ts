/** `tunnel`: what a tunnel device in collect-metadata mode noted about a packet. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_TUNNEL_*, enum nft_tunnel_keys). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import { be32 } from '../../netlink/scalar.ts';
import { line } from './text.ts';

/** NFT_TUNNEL_*: whether there is tunnel metadata (`path`), the id of the tunnel. */
export const tunnelKey = enumeration(be32, { path: 0, id: 1 });
/** NFT_TUNNEL_MODE_*: any, received, to be sent. */
export const tunnelMode = enumeration(be32, { none: 0, rx: 1, tx: 2 });

const tunnel_ = attributes('NFTA_TUNNEL', () => ({
  key: attr('NFTA_TUNNEL_KEY', 1, tunnelKey),
  dreg: attr('NFTA_TUNNEL_DREG', 2, be32),
  /** Default: none. */
  mode: attr('NFTA_TUNNEL_MODE', 3, tunnelMode),
}));
export interface Tunnel extends Infer<typeof tunnel_> {}
export const tunnel: Codec<Tunnel> = tunnel_;

export function explainTunnel(of: Tunnel): string {
  return line('load', of.key, '=> reg', of.dreg);
}
