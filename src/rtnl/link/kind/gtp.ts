/** The GPRS tunnelling protocol. Source: include/uapi/linux/if_link.h (IFLA_GTP_*); drivers/net/gtp.c; ip-link(8), "GTP Type Support". */
import { ipv4Address, ipv6Address } from '../../../netlink/address.ts';
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { bool8, u8, u32 } from '../../../netlink/scalar.ts';
import type { LinkKind } from '../kind.ts';

/** enum ifla_gtp_role. */
const role = enumeration(u32, { ggsn: 0, sgsn: 1 });

const gtp_ = attributes('IFLA_GTP', () => ({
  /** Descriptor of the UDP socket for GTPv0. Never read back. */
  fd0: attr('IFLA_GTP_FD0', 1, u32),
  /** Descriptor of the UDP socket for GTPv1. Never read back. */
  fd1: attr('IFLA_GTP_FD1', 2, u32),
  /** Size of the hash table of contexts. Default: 1024. */
  pdpHashsize: attr('IFLA_GTP_PDP_HASHSIZE', 3, u32),
  /** Default: `ggsn`. */
  role: attr('IFLA_GTP_ROLE', 4, role),
  /** The kernel opens the sockets itself. Never read back. Default: true when neither `fd0` nor `fd1` is given, for there must be sockets. Since Linux 5.18. */
  createSockets: attr('IFLA_GTP_CREATE_SOCKETS', 5, bool8),
  restartCount: attr('IFLA_GTP_RESTART_COUNT', 6, u8),
  /** Address that sockets made by the kernel are bound to. Never read back. Since Linux 6.11. */
  local: attr('IFLA_GTP_LOCAL', 7, ipv4Address),
  local6: attr('IFLA_GTP_LOCAL6', 8, ipv6Address),
}));

/** IFLA_INFO_DATA of a GTP link. Nothing of it can be changed later. */
export interface Gtp extends Infer<typeof gtp_> {}
export const gtp: Codec<Gtp> = gtp_;

/** The kernel goes by the presence of IFLA_GTP_CREATE_SOCKETS, not by its value. */
function creatable(data: Gtp): Gtp {
  const { createSockets, ...rest } = data;
  if (createSockets ?? (data.fd0 === undefined && data.fd1 === undefined)) return { ...rest, createSockets: true };
  return rest;
}

export const gtpKind: LinkKind<Gtp> = { data: gtp, needs: 'CONFIG_GTP', creatable };
