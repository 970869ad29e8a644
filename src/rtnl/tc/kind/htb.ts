/** A hierarchy of token buckets: tc-htb(8). Source: include/uapi/linux/pkt_sched.h (TCA_HTB_*), tc/q_htb.c of iproute2 for what is computed. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, flag, n64, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { transmitBytes, transmitTicks } from '../psched.ts';
import { adjustmentOf, checkRate, isWide, type RateAdjustment, ratespec, rateTable, tableMtuOf, toRatespec } from '../rate.ts';

const htbGlob = struct('tc_htb_glob', () => ({
  /** 3, or the kernel refuses it. */
  version: fields.u32,
  rate2quantum: fields.u32,
  defaultClass: fields.u32,
  debug: fields.u32,
  directPackets: fields.u32,
}));

const htbOpt = struct('tc_htb_opt', () => ({
  rate: fields.blob(12),
  ceil: fields.blob(12),
  /** Ticks. */
  buffer: fields.u32,
  /** Ticks. */
  cbuffer: fields.u32,
  quantum: fields.u32,
  level: fields.u32,
  prio: fields.u32,
}));

const htbAttributes_ = attributes('TCA_HTB', () => ({
  parms: attr('TCA_HTB_PARMS', 1, structCodec(htbOpt)),
  init: attr('TCA_HTB_INIT', 2, structCodec(htbGlob)),
  ctab: attr('TCA_HTB_CTAB', 3, bytes),
  rtab: attr('TCA_HTB_RTAB', 4, bytes),
  directQueueLength: attr('TCA_HTB_DIRECT_QLEN', 5, u32),
  rate64: attr('TCA_HTB_RATE64', 6, n64),
  ceil64: attr('TCA_HTB_CEIL64', 7, n64),
  pad: attr('TCA_HTB_PAD', 8, bytes),
  offload: attr('TCA_HTB_OFFLOAD', 9, flag),
}));
export interface HtbAttributes extends Infer<typeof htbAttributes_> {}
export const htbAttributes: Codec<HtbAttributes> = htbAttributes_;

/** Options of the qdisc. */
export interface HtbOptions {
  /** Minor part of the handle of the class for packets that no filter sends to one; 0: they leave without limit. Default: 0. */
  default?: number;
  /** What a class's rate is divided by for its quantum. Default: 10. */
  rate2quantum?: number;
  /** Packets without a class that may wait. Default: the link's queue length. */
  directQueueLength?: number;
  /** Left to the hardware. */
  offload?: true;
  /** Packets that left without a class. Read only. */
  directPackets?: number;
}

const members = memberNames<HtbOptions>({
  default: true,
  rate2quantum: true,
  directQueueLength: true,
  offload: true,
  directPackets: true,
});

const version = 3;
const usualRate2quantum = 10;

export const htb: Codec<HtbOptions> = mapped<HtbAttributes, HtbOptions>(
  htbAttributes_,
  'htb',
  ({ init, directQueueLength, offload }) => {
    const options: HtbOptions = {};
    if (init !== undefined) {
      options.default = init.defaultClass;
      if (init.rate2quantum !== usualRate2quantum) options.rate2quantum = init.rate2quantum;
      if (init.directPackets !== 0) options.directPackets = init.directPackets;
    }
    if (directQueueLength !== undefined) options.directQueueLength = directQueueLength;
    if (offload !== undefined) options.offload = offload;
    return options;
  },
  (options) => {
    checkMembers(options, '', members);
    const { default: defaultClass = 0, rate2quantum = usualRate2quantum, directQueueLength, offload } = options;
    inArgument('default', () => checkInteger(defaultClass, 0, 0xffff));
    inArgument('rate2quantum', () => checkInteger(rate2quantum, 1, 0xffffffff));
    const wire: HtbAttributes = { init: { version, rate2quantum, defaultClass, debug: 0, directPackets: 0 } };
    if (directQueueLength !== undefined) wire.directQueueLength = directQueueLength;
    if (offload !== undefined) wire.offload = offload;
    return wire;
  },
);

/** Options of a class. */
export interface HtbClassOptions extends RateAdjustment {
  /** Bytes a second that it is sure of. */
  rate: number;
  /** Bytes a second that it may have when others leave them. Default: `rate`. */
  ceil?: number;
  /** Bytes that may leave at once at `rate`. Default: what a tick of the clock takes, and 1,600. */
  burst?: number;
  /** Bytes that may leave at once at `ceil`. Default: likewise. */
  ceilBurst?: number;
  /** Bytes that it sends before the next class of its level has its turn. Default: by `rate2quantum`. */
  quantum?: number;
  /** Classes of a lower number are first offered what others leave. Default: 0. */
  priority?: number;
  /** The largest packet in bytes. Default: 1,600. */
  mtu?: number;
  /** 0: it has no classes below it. Read only. */
  level?: number;
}

const classMembers = memberNames<HtbClassOptions>({
  rate: true,
  ceil: true,
  burst: true,
  ceilBurst: true,
  quantum: true,
  priority: true,
  mtu: true,
  level: true,
  overhead: true,
  mpu: true,
  linkLayer: true,
});

const usualMtu = 1600;
/** Ticks of the clock in a second: nanoseconds, as high resolution timers have them. */
const clockRate = 1_000_000_000;

function classToWire(options: HtbClassOptions): HtbAttributes {
  checkMembers(options, '', classMembers);
  const { rate, ceil = rate, mtu = usualMtu, quantum = 0, priority = 0 } = options;
  checkRate(rate, 'rate');
  checkRate(ceil, 'ceil');
  const specs = [toRatespec(rate, mtu, options), toRatespec(ceil, mtu, options)] as const;
  const { burst = Math.trunc(rate / clockRate) + mtu, ceilBurst = Math.trunc(ceil / clockRate) + mtu } = options;
  for (const [argument, value] of Object.entries({ burst, ceilBurst, quantum, priority }))
    inArgument(argument, () => checkInteger(value, 0, 0xffffffff));
  const [rateBlob, ceilBlob] = specs.map((spec) => {
    const blob = Buffer.alloc(ratespec.size);
    ratespec.write(blob, 0, spec);
    return blob;
  }) as [Buffer, Buffer];
  const wire: HtbAttributes = {};
  if (isWide(rate)) wire.rate64 = rate;
  if (isWide(ceil)) wire.ceil64 = ceil;
  wire.parms = {
    rate: rateBlob,
    ceil: ceilBlob,
    buffer: inArgument('burst', () => transmitTicks(rate, burst)),
    cbuffer: inArgument('ceilBurst', () => transmitTicks(ceil, ceilBurst)),
    quantum,
    level: 0,
    prio: priority,
  };
  wire.rtab = rateTable(specs[0]);
  wire.ctab = rateTable(specs[1]);
  return wire;
}

function classFromWire({ parms, rate64, ceil64 }: HtbAttributes): HtbClassOptions {
  const spec = ratespec.read(parms?.rate ?? new Uint8Array(ratespec.size), 0);
  const ceiling = ratespec.read(parms?.ceil ?? new Uint8Array(ratespec.size), 0);
  const rate = rate64 ?? spec.rate;
  const ceil = ceil64 ?? ceiling.rate;
  const { buffer = 0, cbuffer = 0, quantum = 0, level = 0, prio = 0 } = parms ?? {};
  const options: HtbClassOptions = {
    rate,
    ceil,
    burst: transmitBytes(rate, buffer),
    ceilBurst: transmitBytes(ceil, cbuffer),
    ...adjustmentOf(spec),
  };
  if (quantum !== 0) options.quantum = quantum;
  if (prio !== 0) options.priority = prio;
  if (level !== 0) options.level = level;
  const mtu = tableMtuOf(spec, usualMtu);
  if (mtu !== undefined) options.mtu = mtu;
  return options;
}

export const htbClass: Codec<HtbClassOptions> = mapped(htbAttributes_, 'htb class', classFromWire, classToWire);
