/** A token bucket: tc-tbf(8). Source: include/uapi/linux/pkt_sched.h (TCA_TBF_*), tc/q_tbf.c of iproute2 for what is computed. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, n64, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { microsecondsPerSecond, transmitBytes, transmitTicks } from '../psched.ts';
import { adjustmentOf, checkRate, isWide, needed, type RateAdjustment, ratespec, rateTable, tableMtuOf, toRatespec } from '../rate.ts';

/** struct tc_tbf_qopt: two rates, then three numbers. */
const tbfQopt = struct('tc_tbf_qopt', () => ({
  rate: fields.blob(12),
  peakRate: fields.blob(12),
  /** Bytes. */
  limit: fields.u32,
  /** Ticks. */
  buffer: fields.u32,
  /** Ticks. */
  mtu: fields.u32,
}));

const tbfAttributes_ = attributes('TCA_TBF', () => ({
  parms: attr('TCA_TBF_PARMS', 1, structCodec(tbfQopt)),
  burst: attr('TCA_TBF_BURST', 6, u32),
  rate64: attr('TCA_TBF_RATE64', 4, n64),
  rtab: attr('TCA_TBF_RTAB', 2, bytes),
  peakRate64: attr('TCA_TBF_PRATE64', 5, n64),
  peakBurst: attr('TCA_TBF_PBURST', 7, u32),
  ptab: attr('TCA_TBF_PTAB', 3, bytes),
  pad: attr('TCA_TBF_PAD', 8, bytes),
}));
export interface TbfAttributes extends Infer<typeof tbfAttributes_> {}
export const tbfAttributes: Codec<TbfAttributes> = tbfAttributes_;

/** Options of a token bucket. */
export interface TbfOptions extends RateAdjustment {
  /** Bytes a second. */
  rate: number;
  /** Size of the bucket in bytes: what may leave at once. At least a packet; and for full speed what comes in a tick of the clock. */
  burst: number;
  /** Bytes that may wait. This or `latency`; a listing has this. */
  limit?: number;
  /** Microseconds that a packet may wait at most: another way to say `limit`. */
  latency?: number;
  /** Bytes a second at which the bucket may be emptied. Needs `mtu`. */
  peakRate?: number;
  /** Size of the bucket for `peakRate`, in bytes: the largest packet. Without `peakRate` it has no effect. */
  mtu?: number;
}

const members = memberNames<TbfOptions>({
  rate: true,
  burst: true,
  limit: true,
  latency: true,
  peakRate: true,
  mtu: true,
  overhead: true,
  mpu: true,
  linkLayer: true,
});

/** What tc(8) makes tables for. */
const usualMtu = 2047;

function blobOf(spec: ReturnType<typeof toRatespec>): Uint8Array {
  const blob = Buffer.alloc(ratespec.size);
  ratespec.write(blob, 0, spec);
  return blob;
}

function toWire(options: TbfOptions): TbfAttributes {
  checkMembers(options, '', members);
  const { rate, burst, latency, peakRate, mtu } = options;
  checkRate(rate, 'rate');
  needed(burst, 'burst');
  inArgument('burst', () => checkInteger(burst, 1, 0xffffffff));
  if ((options.limit === undefined) === (latency === undefined))
    throw new InputError('limit', 'one of limit and latency is needed, and not both');
  if (peakRate !== undefined) {
    checkRate(peakRate, 'peakRate');
    needed(mtu, 'mtu');
  }
  const spec = toRatespec(rate, mtu ?? usualMtu, options);
  const limit = options.limit ?? limitFor(options);
  inArgument(latency === undefined ? 'limit' : 'latency', () => checkInteger(limit, 0, 0xffffffff));
  const peak = peakRate === undefined ? undefined : toRatespec(peakRate, mtu!, options);
  const wire: TbfAttributes = {
    parms: {
      rate: blobOf(spec),
      peakRate: peak === undefined ? new Uint8Array(ratespec.size) : blobOf(peak),
      limit,
      // by 32 bits of rate, as tc(8) does: the kernel goes by TCA_TBF_BURST
      buffer: inArgument('burst', () => transmitTicks(spec.rate, burst)),
      mtu: peak === undefined ? 0 : inArgument('mtu', () => transmitTicks(peak.rate, mtu!)),
    },
    burst,
  };
  if (isWide(rate)) wire.rate64 = rate;
  wire.rtab = rateTable(spec);
  if (peak !== undefined) {
    if (isWide(peakRate!)) wire.peakRate64 = peakRate!;
    wire.peakBurst = mtu!;
    wire.ptab = rateTable(peak);
  }
  return wire;
}

/** Bytes that may wait when none may wait longer than `latency`. */
function limitFor({ rate, burst, latency, peakRate, mtu }: TbfOptions): number {
  inArgument('latency', () => checkInteger(latency, 0, 0xffffffff));
  const limit = (rate * latency!) / microsecondsPerSecond + burst;
  return Math.trunc(peakRate === undefined ? limit : Math.min(limit, (peakRate * latency!) / microsecondsPerSecond + mtu!));
}

function fromWire({ parms, burst, rate64, peakRate64, peakBurst }: TbfAttributes): TbfOptions {
  const { rate: blob, peakRate: peakBlob, limit = 0, buffer = 0, mtu: peakTicks = 0 } = parms ?? {};
  const spec = ratespec.read(blob ?? new Uint8Array(ratespec.size), 0);
  const peak = ratespec.read(peakBlob ?? new Uint8Array(ratespec.size), 0);
  const rate = rate64 ?? spec.rate;
  // the kernel shows the time of a packet of that size, and adds what each packet costs besides
  const options: TbfOptions = { rate, burst: burst ?? transmitBytes(rate, buffer) - spec.overhead, limit, ...adjustmentOf(spec) };
  if (peak.rate !== 0) {
    options.peakRate = peakRate64 ?? peak.rate;
    options.mtu = peakBurst ?? transmitBytes(options.peakRate, peakTicks);
  } else {
    const mtu = tableMtuOf(spec, usualMtu);
    if (mtu !== undefined) options.mtu = mtu;
  }
  return options;
}

export const tbf: Codec<TbfOptions> = mapped(tbfAttributes_, 'tbf', fromWire, toWire);
