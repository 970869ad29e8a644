/** States and flags of neighbors and of forwarding entries. Source: include/uapi/linux/neighbour.h; names of ip-neighbour(8), bridge(8). */
import { type Enumerated, type EnumerationCodec, enumeration, type FlagsCodec, flags } from '../../netlink/enumeration.ts';
import { u8, u16, u32 } from '../../netlink/scalar.ts';

const states = {
  none: 0x00,
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
} as const;

/** What is known of a neighbor: NUD_* as ip-neighbour(8) names them. */
export type NeighborState = Enumerated<typeof states>;
export const neighborState: EnumerationCodec<typeof states> = enumeration(u16, states);

const headerBits = {
  use: 0x01,
  self: 0x02,
  master: 0x04,
  proxy: 0x08,
  extern_learn: 0x10,
  offload: 0x20,
  sticky: 0x40,
  router: 0x80,
} as const;

/** NTF_*: the flags that ndm_flags has room for. */
export const headerFlags: FlagsCodec<typeof headerBits> = flags(u8, headerBits);

const extendedBits = { managed: 0x1, locked: 0x2, ext_validated: 0x4 } as const;

/** NTF_EXT_*: the flags of NDA_FLAGS_EXT. */
export const extendedFlags: FlagsCodec<typeof extendedBits> = flags(u32, extendedBits);

/** The place of NTF_EXT_* in one number with NTF_*: where the kernel keeps them too (NTF_EXT_SHIFT). */
const extendedShift = 8;

const bits = {
  ...headerBits,
  managed: extendedBits.managed << extendedShift,
  locked: extendedBits.locked << extendedShift,
  ext_validated: extendedBits.ext_validated << extendedShift,
} as const;

/**
 * Flags as ip-neighbour(8) and bridge(8) name them: `use`, `self`, `master`, `proxy`, `extern_learn`, `offload`, `sticky`, `router` (NTF_*), and
 * `managed`, `locked`, `ext_validated` (NTF_EXT_*). Bits without a name are numbers: those of NTF_EXT_* times 256.
 */
export type NeighborFlag = Enumerated<typeof bits>;
const neighborFlags: FlagsCodec<typeof bits> = flags(u32, bits);

export const NTF_USE = headerBits.use;
export const NTF_SELF = headerBits.self;
export const NTF_MASTER = headerBits.master;
export const NTF_PROXY = headerBits.proxy;
export const NTF_EXT_LEARNED = headerBits.extern_learn;
export const NTF_EXT_MANAGED = extendedBits.managed;

/** The two places that flags travel in. */
export interface SplitFlags {
  /** ndm_flags. */
  readonly header: number;
  /** NDA_FLAGS_EXT. */
  readonly extended: number;
}

/** @throws InputError for an unknown name */
export function splitFlags(names: readonly NeighborFlag[]): SplitFlags {
  const value = neighborFlags.valueOf(names);
  return { header: value & 0xff, extended: value >>> extendedShift };
}

/** The names of the flags in both places. */
export function joinFlags(header: number, extended: number | undefined): NeighborFlag[] {
  const value = (header | ((extended ?? 0) << extendedShift)) >>> 0;
  return value === 0 ? [] : neighborFlags.namesOf(value);
}
