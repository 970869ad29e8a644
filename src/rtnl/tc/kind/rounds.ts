/** Classes that take turns: tc-drr(8), tc-qfq(8), tc-ets(8). Source: include/uapi/linux/pkt_sched.h (TCA_DRR_*, TCA_QFQ_*, TCA_ETS_*). */
import { attr, attributes, listOf } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, show, u8, u32 } from '../../../netlink/scalar.ts';

const drr_ = attributes('TCA_DRR', () => ({
  /** Bytes that it sends in a turn. Default: the link's MTU and its header. */
  quantum: attr('TCA_DRR_QUANTUM', 1, u32),
}));

/** Options of a class of drr; the qdisc has none. */
export interface DrrClassOptions extends Infer<typeof drr_> {}
export const drrClass: Codec<DrrClassOptions> = drr_;

const qfq_ = attributes('TCA_QFQ', () => ({
  /** Its share, 1 to 1,023. Default: 1. */
  weight: attr('TCA_QFQ_WEIGHT', 1, u32),
  /** Bytes of its largest packet. Default: the link's MTU and its header. */
  largestPacket: attr('TCA_QFQ_LMAX', 2, u32),
}));

/** Options of a class of qfq; the qdisc has none. */
export interface QfqClassOptions extends Infer<typeof qfq_> {}
export const qfqClass: Codec<QfqClassOptions> = qfq_;

const etsAttributes_ = attributes('TCA_ETS', () => ({
  bands: attr('TCA_ETS_NBANDS', 1, u8),
  strict: attr('TCA_ETS_NSTRICT', 2, u8),
  quanta: attr('TCA_ETS_QUANTA', 3, listOf('TCA_ETS_QUANTA_BAND', 4, u32)),
  priomap: attr('TCA_ETS_PRIOMAP', 5, listOf('TCA_ETS_PRIOMAP_BAND', 6, u8)),
}));
export interface EtsAttributes extends Infer<typeof etsAttributes_> {}
export const etsAttributes: Codec<EtsAttributes> = etsAttributes_;

/** Options of ets: queues of which the first leave in order and the others in turns. */
export interface EtsOptions {
  /** 1 to 16. */
  bands: number;
  /** The first so many leave before all that follow. Default: 0. */
  strict?: number;
  /** Bytes that the others send in a turn, one after the other. Default: the link's MTU and its header. */
  quanta?: number[];
  /** The band, from 0, for each of the 16 priorities of packets. Default: the last. */
  priomap?: number[];
}

const members = memberNames<EtsOptions>({ bands: true, strict: true, quanta: true, priomap: true });

export const ets: Codec<EtsOptions> = mapped<EtsAttributes, EtsOptions>(
  etsAttributes_,
  'ets',
  ({ bands = 0, strict = 0, quanta, priomap }) => ({
    bands,
    strict,
    ...(quanta === undefined ? {} : { quanta }),
    ...(priomap === undefined ? {} : { priomap }),
  }),
  (options) => {
    checkMembers(options, '', members);
    const { bands, strict = 0, quanta, priomap } = options;
    inArgument('bands', () => checkInteger(bands, 1, 16));
    inArgument('strict', () => checkInteger(strict, 0, bands));
    if (quanta !== undefined && (!Array.isArray(quanta) || quanta.length > bands - strict))
      throw new InputError('quanta', `expected up to ${bands - strict} numbers, got ${show(quanta)}`, 'ERR_INVALID_ARG_TYPE');
    if (priomap !== undefined && (!Array.isArray(priomap) || priomap.length > 16))
      throw new InputError('priomap', `expected up to 16 numbers, got ${show(priomap)}`, 'ERR_INVALID_ARG_TYPE');
    priomap?.forEach((band: unknown, i) => {
      inArgument(`priomap[${i}]`, () => checkInteger(band, 0, bands - 1));
    });
    return {
      bands,
      ...(strict === 0 ? {} : { strict }),
      ...(quanta === undefined ? {} : { quanta }),
      ...(priomap === undefined ? {} : { priomap }),
    };
  },
);

const etsClass_ = attributes('TCA_ETS', () => ({
  /** Bytes that it sends in a turn. */
  quantum: attr('TCA_ETS_QUANTA_BAND', 4, u32),
}));

/** Options of a class of ets. */
export interface EtsClassOptions extends Infer<typeof etsClass_> {}
export const etsClass: Codec<EtsClassOptions> = etsClass_;
