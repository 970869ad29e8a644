/** Status of a flow. Source: include/uapi/linux/netfilter/nf_conntrack_common.h (IPS_*). */
import { type FlagsCodec, flags } from '../netlink/enumeration.ts';
import { be32 } from '../netlink/scalar.ts';

const values = {
  /** It was expected: it has a master. */
  expected: 0x1,
  /** Packets have gone both ways. */
  'seen-reply': 0x2,
  /** It is not given up when the table is full. */
  assured: 0x4,
  /** Its first packet has left the machine, or arrived. */
  confirmed: 0x8,
  /** Source addresses or ports of its original direction are translated. */
  'src-nat': 0x10,
  /** Destination addresses or ports of its original direction are translated. */
  'dst-nat': 0x20,
  /** Sequence numbers of TCP are adjusted. */
  'seq-adjust': 0x40,
  /** What is translated of the source is decided. */
  'src-nat-done': 0x80,
  /** What is translated of the destination is decided. */
  'dst-nat-done': 0x100,
  /** It is being removed. */
  dying: 0x200,
  /** Packets do not prolong its timeout. */
  'fixed-timeout': 0x400,
  /** It is a template. */
  template: 0x800,
  /** Not used any more. */
  untracked: 0x1000,
  /** Its helper was given to it by a rule or from here. */
  helper: 0x2000,
  /** A flowtable forwards its packets. */
  offload: 0x4000,
  /** Hardware forwards its packets. */
  'hw-offload': 0x8000,
} as const;

/** A bit of the status; one without a name is its number. */
export type FlowStatus = keyof typeof values | number;
export const flowStatus: FlagsCodec<typeof values> = flags(be32, values);

/** Bits that can be set from here; the others are the kernel's own. None can be cleared. */
export const settable: number = values['seen-reply'] | values.assured | values['fixed-timeout'] | values.helper;
/** Those that the kernel compares a new status with, and refuses a difference. */
export const compared: number = values.expected | values.confirmed | values.dying;
export const IPS_CONFIRMED: number = values.confirmed;
