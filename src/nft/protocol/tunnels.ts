/**
 * Tunnels whose packets can be looked into: what is around the packet within. Source: include/uapi/linux/netfilter/nf_tables.h (NFT_INNER_*), nft(8), VXLAN
 * HEADER EXPRESSION and after.
 */
import type { ExpressionData } from '../expressions/expression.ts';
import type { HeaderField } from './headers.ts';

type InnerData = NonNullable<ExpressionData<'inner'>>;

interface Tunnel {
  /** The transport protocol that carries it. */
  readonly carrier: 'udp' | 'gre';
  readonly type: NonNullable<InnerData['type']>;
  readonly flags: NonNullable<InnerData['flags']>;
  /** Bytes of the tunnel's header. */
  readonly hdrsize: number;
  /** Whether a whole frame of Ethernet is within. */
  readonly ethernet: boolean;
  readonly fields: Readonly<Record<string, HeaderField>>;
}

export const tunnels = {
  vxlan: {
    carrier: 'udp',
    type: 'vxlan',
    flags: ['hdrsize', 'll', 'nh', 'th'],
    hdrsize: 8,
    ethernet: true,
    fields: { flags: [0, 8], vni: [32, 24] },
  },
  geneve: {
    carrier: 'udp',
    type: 'geneve',
    flags: ['hdrsize', 'll', 'nh', 'th'],
    hdrsize: 8,
    ethernet: true,
    fields: { type: [16, 16, 'ether_type'], vni: [32, 24] },
  },
  // numbers that nft(8) counts on from the kernel's: it looks at the flags alone
  gre: { carrier: 'gre', type: 3, flags: ['nh', 'th'], hdrsize: 4, ethernet: false, fields: {} },
  gretap: { carrier: 'gre', type: 4, flags: ['ll', 'nh', 'th'], hdrsize: 4, ethernet: true, fields: {} },
} as const satisfies Readonly<Record<string, Tunnel>>;

export type TunnelName = keyof typeof tunnels;
