/** A rate above which packets are dropped: tc-police(8). Source: include/uapi/linux/pkt_cls.h (TCA_POLICE_*), tc/m_police.c of iproute2. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, n64, s32, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { transmitBytes, transmitTicks } from '../psched.ts';
import { adjustmentOf, checkRate, isWide, needed, type RateAdjustment, ratespec, rateTable, toRatespec } from '../rate.ts';
import { control, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcPolice = struct('tc_police', () => ({
  index: fields.u32,
  action: fields.s32,
  limit: fields.u32,
  /** Ticks. */
  burst: fields.u32,
  mtu: fields.u32,
  rate: fields.blob(12),
  peakRate: fields.blob(12),
  refcnt: fields.s32,
  bindcnt: fields.s32,
  capab: fields.u32,
}));

const policeAttributes_ = attributes('TCA_POLICE', () => ({
  parms: attr('TCA_POLICE_TBF', 1, structCodec(tcPolice)),
  rtab: attr('TCA_POLICE_RATE', 2, bytes),
  ptab: attr('TCA_POLICE_PEAKRATE', 3, bytes),
  averageRate: attr('TCA_POLICE_AVRATE', 4, u32),
  result: attr('TCA_POLICE_RESULT', 5, s32),
  tm: attr('TCA_POLICE_TM', 6, times),
  pad: attr('TCA_POLICE_PAD', 7, bytes),
  rate64: attr('TCA_POLICE_RATE64', 8, n64),
  peakRate64: attr('TCA_POLICE_PEAKRATE64', 9, n64),
  packetRate64: attr('TCA_POLICE_PKTRATE64', 10, n64),
  packetBurst64: attr('TCA_POLICE_PKTBURST64', 11, n64),
}));
export interface PoliceAttributes extends Infer<typeof policeAttributes_> {}
export const policeAttributes: Codec<PoliceAttributes> = policeAttributes_;

/** Options of police. */
export interface PoliceOptions extends TcActionState, RateAdjustment {
  /** Bytes a second. This or `packetRate`. */
  rate?: number;
  /** Bytes that may come at once. Needed with `rate`. */
  burst?: number;
  /** Packets longer than this exceed any rate, in bytes; 0: none does. Default: 0. */
  mtu?: number;
  /** Bytes a second at which the bucket may be emptied. Needs `mtu`. */
  peakRate?: number;
  /** Packets a second. Linux 5.13. */
  packetRate?: number;
  /** Packets that may come at once. Needed with `packetRate`. */
  packetBurst?: number;
  /** What becomes of packets above the rate. Default: `reclassify`, as with tc(8); mostly `drop` is wanted. */
  exceed?: TcControl;
  /** What becomes of the others. Default: what `exceed` says. */
  conform?: TcControl;
}

const members = memberNames<PoliceOptions>({
  rate: true,
  burst: true,
  mtu: true,
  peakRate: true,
  packetRate: true,
  packetBurst: true,
  exceed: true,
  conform: true,
  index: true,
  overhead: true,
  mpu: true,
  linkLayer: true,
});

const usualMtu = 2047;
const noRate = new Uint8Array(12);

function blobOf(rate: number, options: PoliceOptions): { blob: Uint8Array; table: Uint8Array } {
  const spec = toRatespec(rate, options.mtu === undefined || options.mtu === 0 ? usualMtu : options.mtu, options);
  const blob = Buffer.alloc(ratespec.size);
  ratespec.write(blob, 0, spec);
  return { blob, table: rateTable(spec) };
}

function toWire(options: PoliceOptions): PoliceAttributes {
  checkMembers(options, '', members);
  const { rate, burst, mtu = 0, peakRate, packetRate, packetBurst, exceed = 'reclassify', conform, index = 0 } = options;
  inArgument('index', () => checkInteger(index, 0, 0xffffffff));
  if (packetRate === undefined) checkRate(rate, 'rate');
  if (rate !== undefined) needed(burst, 'burst');
  if (packetRate !== undefined) {
    checkRate(packetRate, 'packetRate');
    needed(packetBurst, 'packetBurst');
  }
  inArgument('mtu', () => checkInteger(mtu, peakRate === undefined ? 0 : 1, 0xffffffff));
  const usual = rate === undefined ? undefined : blobOf(rate, options);
  if (peakRate !== undefined) checkRate(peakRate, 'peakRate');
  const peak = peakRate === undefined ? undefined : blobOf(peakRate, options);
  const wire: PoliceAttributes = {
    parms: {
      index,
      action: inArgument('exceed', () => control.valueOf(exceed)),
      limit: 0,
      burst: rate === undefined ? 0 : inArgument('burst', () => transmitTicks(rate, burst!)),
      mtu,
      rate: usual?.blob ?? noRate,
      peakRate: peak?.blob ?? noRate,
      refcnt: 0,
      bindcnt: 0,
      capab: 0,
    },
  };
  if (usual !== undefined) wire.rtab = usual.table;
  if (rate !== undefined && isWide(rate)) wire.rate64 = rate;
  if (peak !== undefined) wire.ptab = peak.table;
  if (peakRate !== undefined && isWide(peakRate)) wire.peakRate64 = peakRate;
  if (packetRate !== undefined) {
    wire.packetRate64 = packetRate;
    wire.packetBurst64 = packetBurst!;
  }
  if (conform !== undefined) wire.result = inArgument('conform', () => control.valueOf(conform));
  return wire;
}

function fromWire({ parms, tm, result, rate64, peakRate64, packetRate64, packetBurst64 }: PoliceAttributes): PoliceOptions {
  const spec = ratespec.read(parms?.rate ?? noRate, 0);
  const peak = ratespec.read(parms?.peakRate ?? noRate, 0);
  const options: PoliceOptions = { exceed: control.nameOf(parms?.action ?? 0) };
  if (spec.rate !== 0) {
    options.rate = rate64 ?? spec.rate;
    options.burst = transmitBytes(options.rate, parms?.burst ?? 0);
    Object.assign(options, adjustmentOf(spec));
  }
  if (parms !== undefined && parms.mtu !== 0) options.mtu = parms.mtu;
  if (peak.rate !== 0) options.peakRate = peakRate64 ?? peak.rate;
  if (packetRate64 !== undefined) options.packetRate = packetRate64;
  if (packetBurst64 !== undefined) options.packetBurst = packetBurst64;
  if (result !== undefined) options.conform = control.nameOf(result);
  return Object.assign(options, toldOf(parms, tm));
}

export const police: Codec<PoliceOptions> = mapped(policeAttributes_, 'police', fromWire, toWire);
