/** A shaper by credit, of IEEE 802.1Q: tc-cbs(8). Source: include/uapi/linux/pkt_sched.h (TCA_CBS_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

const cbsQopt = struct('tc_cbs_qopt', () => ({
  offload: fields.u8,
  pad: fields.blob(3),
  highCredit: fields.s32,
  lowCredit: fields.s32,
  idleSlope: fields.s32,
  sendSlope: fields.s32,
}));

const cbsAttributes_ = attributes('TCA_CBS', () => ({ parms: attr('TCA_CBS_PARMS', 1, structCodec(cbsQopt)) }));

/** Options of cbs. */
export interface CbsOptions {
  /** Bytes that credit may rise to. */
  highCredit: number;
  /** Bytes, negative, that it may fall to. */
  lowCredit: number;
  /** Kilobits a second by which it rises while packets wait. */
  idleSlope: number;
  /** Kilobits a second, negative, by which it falls while one is sent. */
  sendSlope: number;
  /** Left to the hardware. Default: false. */
  offload?: boolean;
}

const members = memberNames<CbsOptions>({ highCredit: true, lowCredit: true, idleSlope: true, sendSlope: true, offload: true });
const none = new Uint8Array(3);

export const cbs: Codec<CbsOptions> = mapped<Infer<typeof cbsAttributes_>, CbsOptions>(
  cbsAttributes_,
  'cbs',
  ({ parms }) => {
    const { highCredit = 0, lowCredit = 0, idleSlope = 0, sendSlope = 0, offload = 0 } = parms ?? {};
    return { highCredit, lowCredit, idleSlope, sendSlope, offload: offload !== 0 };
  },
  (options) => {
    checkMembers(options, '', members);
    const { highCredit, lowCredit, idleSlope, sendSlope, offload = false } = options;
    checkBoolean(offload, 'offload');
    for (const [argument, value] of Object.entries({ highCredit, lowCredit, idleSlope, sendSlope }))
      inArgument(argument, () => checkInteger(value, -0x80000000, 0x7fffffff));
    return { parms: { offload: offload ? 1 : 0, pad: none, highCredit, lowCredit, idleSlope, sendSlope } };
  },
);
