/** Two links used at once, so that nothing is lost when one fails (HSR, PRP). Source: include/uapi/linux/if_link.h (IFLA_HSR_*); ip-link(8), "HSR Type Support". */
import { ethernetAddress } from '../../../netlink/address.ts';
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { u8, u16, u32 } from '../../../netlink/scalar.ts';
import type { LinksByName } from '../input.ts';
import type { LinkKind } from '../kind.ts';

/** HSR_PROTOCOL_*. */
const protocol = enumeration(u8, { hsr: 0, prp: 1 });

const hsr_ = attributes('IFLA_HSR', () => ({
  /** First port; needed. */
  slave1: attr('IFLA_HSR_SLAVE1', 1, u32),
  /** Second port; needed. */
  slave2: attr('IFLA_HSR_SLAVE2', 2, u32),
  /** Last byte of the address that supervision frames go to. Default: 0. */
  multicastSpec: attr('IFLA_HSR_MULTICAST_SPEC', 3, u8),
  /** Read only: where supervision frames go. */
  supervisionAddress: attr('IFLA_HSR_SUPERVISION_ADDR', 4, ethernetAddress),
  /** Read only. */
  seqNr: attr('IFLA_HSR_SEQ_NR', 5, u16),
  /** 0: of 2010, 1: of 2012. Never read back. Default: 0. */
  version: attr('IFLA_HSR_VERSION', 6, u8),
  /** Default: `hsr`. */
  protocol: attr('IFLA_HSR_PROTOCOL', 7, protocol),
  /** Link to the rest of the network, for a redundancy box. Since Linux 6.10. */
  interlink: attr('IFLA_HSR_INTERLINK', 8, u32),
}));

/** IFLA_INFO_DATA of an hsr. Nothing of it can be changed later. */
export interface Hsr extends Infer<typeof hsr_> {}
/** The same as `create` takes it. */
export interface HsrInput extends LinksByName<Hsr, 'slave1' | 'slave2' | 'interlink'> {}
export const hsr: Codec<Hsr> = hsr_;

/** A listing has the last byte of the address within it. */
function creatable(data: Hsr): Hsr {
  const { supervisionAddress, ...rest } = data;
  if (supervisionAddress === undefined || data.multicastSpec !== undefined) return rest;
  return { ...rest, multicastSpec: Number.parseInt(supervisionAddress.slice(-2), 16) };
}

export const hsrKind: LinkKind<Hsr> = {
  data: hsr,
  needs: 'CONFIG_HSR',
  limits: { version: [0, 1] },
  readOnly: new Set<keyof Hsr>(['seqNr']),
  creatable,
  links: { slave1: 'below', slave2: 'below', interlink: 'below' },
};
