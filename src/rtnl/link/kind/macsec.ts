/** Ethernet encrypted on top of `link` (802.1AE); associations and keys go over generic netlink. Source: include/uapi/linux/if_link.h (IFLA_MACSEC_*), include/uapi/linux/if_macsec.h; ip-link(8), "MACsec Type Support". */

import { attr, attributes } from '../../../netlink/attributes.ts';
import { noneOf } from '../../../netlink/choices.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { be16, be64, bool8, u8, u32, u64 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import type { LinkKind } from '../kind.ts';

/** MACSEC_CIPHER_ID_* by the names of ip(8). */
const cipherSuites = {
  'GCM-AES-128': 0x0080_c200_0100_0001n,
  'GCM-AES-256': 0x0080_c200_0100_0002n,
  'GCM-AES-XPN-128': 0x0080_c200_0100_0003n,
  'GCM-AES-XPN-256': 0x0080_c200_0100_0004n,
} as const;

/** MACSEC_DEFAULT_CIPHER_ID: what kernels report for GCM-AES-128. */
const defaultCipher = 0x0080_0200_0100_0001n;

/** A cipher suite by name; one without a name by its number. */
export type MacsecCipherSuite = keyof typeof cipherSuites | bigint;

const cipherSuite: Codec<MacsecCipherSuite> = mapped<bigint, MacsecCipherSuite>(
  u64,
  'cipher suite',
  (wire) => {
    if (wire === defaultCipher) return 'GCM-AES-128';
    for (const [name, id] of Object.entries(cipherSuites)) if (id === wire) return name as MacsecCipherSuite;
    return wire;
  },
  (value) => {
    if (typeof value === 'bigint') return value;
    if (typeof value === 'string' && Object.hasOwn(cipherSuites, value)) return cipherSuites[value];
    throw new InputError('', noneOf(value, Object.keys(cipherSuites)));
  },
);

/** enum macsec_validation_type. */
const validation = enumeration(u8, { disabled: 0, check: 1, strict: 2 });
/** enum macsec_offload. */
const offload = enumeration(u8, { off: 0, phy: 1, mac: 2 });

const macsec_ = attributes('IFLA_MACSEC', () => ({
  /** Secure channel identifier: the MAC address and the port in one number. Default: made of the address of `link` and `port`. */
  sci: attr('IFLA_MACSEC_SCI', 1, be64),
  /** Port of the `sci`. Never read back. Default: 1. */
  port: attr('IFLA_MACSEC_PORT', 2, be16),
  /** Bytes of the integrity check value. Default: 16. */
  icvLen: attr('IFLA_MACSEC_ICV_LEN', 3, u8),
  /** Default: `GCM-AES-128`. */
  cipherSuite: attr('IFLA_MACSEC_CIPHER_SUITE', 4, cipherSuite),
  /** Packets that may be late; wants `replayProtect`. */
  window: attr('IFLA_MACSEC_WINDOW', 5, u32),
  /** Association that is sent with, 0 to 3. */
  encodingSa: attr('IFLA_MACSEC_ENCODING_SA', 6, u8),
  encrypt: attr('IFLA_MACSEC_ENCRYPT', 7, bool8),
  protect: attr('IFLA_MACSEC_PROTECT', 8, bool8),
  /** Send the `sci` with every frame. */
  incSci: attr('IFLA_MACSEC_INC_SCI', 9, bool8),
  /** End station. */
  es: attr('IFLA_MACSEC_ES', 10, bool8),
  /** Single copy broadcast. */
  scb: attr('IFLA_MACSEC_SCB', 11, bool8),
  replayProtect: attr('IFLA_MACSEC_REPLAY_PROTECT', 12, bool8),
  validation: attr('IFLA_MACSEC_VALIDATION', 13, validation),
  pad: attr('IFLA_MACSEC_PAD', 14, bytes),
  offload: attr('IFLA_MACSEC_OFFLOAD', 15, offload),
}));

/** IFLA_INFO_DATA of a MACsec link. */
export interface Macsec extends Infer<typeof macsec_> {}
export const macsec: Codec<Macsec> = macsec_;

export const macsecKind: LinkKind<Macsec> = {
  data: macsec,
  needs: 'CONFIG_MACSEC',
  limits: { icvLen: [8, 16], encodingSa: [0, 3] },
  readOnly: new Set<keyof Macsec>(['pad']),
};
