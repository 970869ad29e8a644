/** State and behaviour of an address, as bits. Source: include/uapi/linux/if_addr.h (IFA_F_*); names of ip-address(8). */
import { type Enumerated, type FlagsCodec, flags } from '../../netlink/enumeration.ts';
import { u32 } from '../../netlink/scalar.ts';

const bits = {
  secondary: 0x01,
  nodad: 0x02,
  optimistic: 0x04,
  dadfailed: 0x08,
  home: 0x10,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
  mngtmpaddr: 0x100,
  noprefixroute: 0x200,
  autojoin: 0x400,
  'stable-privacy': 0x800,
  temporary: 0x01,
} as const;

/** A flag of an address as ip(8) names it; `temporary` is another name of `secondary`, for IPv6. Bits without a name as numbers. */
export type AddressFlag = Enumerated<typeof bits>;

/** IFA_FLAGS. */
export const addressFlags: FlagsCodec<typeof bits> = flags(u32, bits);

/** The flags that a request may set; the others are the kernel's to report. */
export const settableAddressFlags: number = bits.nodad | bits.optimistic | bits.home | bits.mngtmpaddr | bits.noprefixroute | bits.autojoin;
