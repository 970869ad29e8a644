/** Classes by curves of service: tc-hfsc(8). Source: include/uapi/linux/pkt_sched.h (TCA_HFSC_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

const hfscQopt = struct('tc_hfsc_qopt', () => ({ default: fields.u16 }));

/** Options of the qdisc. */
export interface HfscOptions {
  /** Minor part of the handle of the class for packets that no filter sends to one; 0: they are dropped. Default: 0. */
  default?: number;
}

const members = memberNames<HfscOptions>({ default: true });

export const hfsc: Codec<HfscOptions> = mapped<Infer<typeof hfscQopt>, HfscOptions>(
  structCodec(hfscQopt),
  'hfsc',
  (wire) => ({ default: wire.default }),
  (options) => {
    checkMembers(options, '', members);
    const { default: defaultClass = 0 } = options;
    inArgument('default', () => checkInteger(defaultClass, 0, 0xffff));
    return { default: defaultClass };
  },
);

const serviceCurve = struct('tc_service_curve', () => ({ m1: fields.u32, d: fields.u32, m2: fields.u32 }));

/** A curve of service: a rate that lasts from the beginning for a while, and the one that follows. */
export interface ServiceCurve {
  /** Bytes a second at first. Default: 0. */
  firstRate?: number;
  /** Microseconds that this lasts. Default: 0. */
  duration?: number;
  /** Bytes a second then. */
  rate: number;
}

const curveMembers = memberNames<ServiceCurve>({ firstRate: true, duration: true, rate: true });

const curve: Codec<ServiceCurve> = mapped<Infer<typeof serviceCurve>, ServiceCurve>(
  structCodec(serviceCurve),
  'tc_service_curve',
  ({ m1, d, m2 }) => ({ ...(m1 === 0 && d === 0 ? {} : { firstRate: m1, duration: d }), rate: m2 }),
  (value) => {
    checkMembers(value, '', curveMembers);
    const { firstRate = 0, duration = 0, rate } = value;
    for (const [argument, number] of Object.entries({ firstRate, duration, rate }))
      inArgument(argument, () => checkInteger(number, 0, 0xffffffff));
    return { m1: firstRate, d: duration, m2: rate };
  },
);

const hfscAttributes_ = attributes('TCA_HFSC', () => ({
  /** What it is sure of, at once: for traffic that cannot wait. */
  realTime: attr('TCA_HFSC_RSC', 1, curve),
  /** Its share of what is left. */
  linkShare: attr('TCA_HFSC_FSC', 2, curve),
  /** What it may have at most. Needs `linkShare`. */
  upperLimit: attr('TCA_HFSC_USC', 3, curve),
}));

/** Options of a class: a curve for real time or for its share, or both. */
export interface HfscClassOptions extends Infer<typeof hfscAttributes_> {}
export const hfscClass: Codec<HfscClassOptions> = mapped<HfscClassOptions, HfscClassOptions>(
  hfscAttributes_,
  'hfsc class',
  (wire) => wire,
  (options) => {
    if (options.realTime === undefined && options.linkShare === undefined)
      throw new InputError('linkShare', 'a class has one of realTime and linkShare, or both', 'ERR_INVALID_ARG_TYPE');
    return options;
  },
);
