/**
 * Rates: struct tc_ratespec, and the tables of times beside it, which the kernel no longer reads but still asks for. Sources:
 * include/uapi/linux/pkt_sched.h, tc/tc_core.c of iproute2.
 */
import { type Enumerated, enumeration } from '../../netlink/enumeration.ts';
import { InputError } from '../../netlink/errors.ts';
import { inArgument } from '../../netlink/input.ts';
import { checkInteger, u8 } from '../../netlink/scalar.ts';
import { fields, struct } from '../../netlink/struct.ts';
import { transmitTicks } from './psched.ts';

export const rateFields = {
  cellLog: fields.u8,
  linkLayer: fields.u8,
  overhead: fields.u16,
  /** -1 as tc(8) has it. */
  cellAlign: fields.u16,
  mpu: fields.u16,
  /** Bytes a second; all ones where that takes more than 32 bits and is said beside it. */
  rate: fields.u32,
} as const;

export const ratespec = struct('tc_ratespec', () => rateFields);
export interface Ratespec {
  cellLog: number;
  linkLayer: number;
  overhead: number;
  cellAlign: number;
  mpu: number;
  rate: number;
}

const linkLayers = enumeration(u8, { ethernet: 1, atm: 2 });
/** How the frames of a link are counted: `atm` in cells. Source: pkt_sched.h (enum tc_link_layer). */
export type TcLinkLayer = Enumerated<(typeof linkLayers)['values']>;

/** What is added to a packet before its time is counted. */
export interface RateAdjustment {
  /** Bytes added to each packet. Default: 0. */
  overhead?: number;
  /** Bytes that a packet counts for at least. Default: 0. */
  mpu?: number;
  /** What packets are carried by: `atm` counts in cells of 48 bytes. Default: `ethernet`. */
  linkLayer?: TcLinkLayer;
}

export const adjustmentMembers: readonly (keyof RateAdjustment)[] = ['overhead', 'mpu', 'linkLayer'];

const cells = 256;
export const largestRate32 = 0xffffffff;

/** @throws InputError unless it is a rate in bytes a second */
export function checkRate(rate: unknown, argument: string): asserts rate is number {
  inArgument(argument, () => checkInteger(rate, 1, Number.MAX_SAFE_INTEGER));
}

/** @throws InputError */
export function toRatespec(rate: number, mtu: number, adjustment: RateAdjustment): Ratespec {
  const { overhead = 0, mpu = 0, linkLayer = 'ethernet' } = adjustment;
  for (const [argument, value] of [
    ['overhead', overhead],
    ['mpu', mpu],
  ] as const)
    inArgument(argument, () => checkInteger(value, 0, 0xffff));
  inArgument('mtu', () => checkInteger(mtu, 1, 0x7fffffff));
  let cellLog = 0;
  while (mtu >>> cellLog > cells - 1) cellLog++;
  return {
    cellLog,
    linkLayer: inArgument('linkLayer', () => linkLayers.valueOf(linkLayer)),
    overhead,
    cellAlign: 0xffff,
    mpu,
    rate: Math.min(rate, largestRate32),
  };
}

/** The members of a read rate that are not as usual. */
export function adjustmentOf({ overhead, mpu, linkLayer }: Ratespec): RateAdjustment {
  const found: RateAdjustment = {};
  if (overhead !== 0) found.overhead = overhead;
  if (mpu !== 0) found.mpu = mpu;
  if (linkLayer > 1) found.linkLayer = linkLayers.nameOf(linkLayer);
  return found;
}

/** Size of packets that a table is for, where it is not `usual`; 0 stands for no table, as in what the kernel shows. */
export function tableMtuOf({ cellLog }: Ratespec, usual: number): number | undefined {
  let usualLog = 0;
  while (usual >>> usualLog > cells - 1) usualLog++;
  return cellLog === 0 || cellLog === usualLog ? undefined : (cells << cellLog) - 1;
}

/** What 256 sizes of packets take, in ticks: u32 each. */
export function rateTable(spec: Ratespec): Uint8Array {
  const table = Buffer.alloc(4 * cells);
  for (let i = 0; i < cells; i++) {
    const size = Math.max((i + 1) * 2 ** spec.cellLog, spec.mpu);
    table.writeUInt32LE(transmitTicks(spec.rate, spec.linkLayer === 2 ? Math.ceil(size / 48) * 53 : size), 4 * i);
  }
  return table;
}

/** Whether a rate needs an attribute of 64 bits. */
export function isWide(rate: number): boolean {
  return rate > largestRate32;
}

/** @throws InputError when a member that goes without another is missing */
export function needed(value: unknown, argument: string): asserts value is number {
  if (value === undefined) throw new InputError(argument, 'is needed', 'ERR_INVALID_ARG_TYPE');
}
