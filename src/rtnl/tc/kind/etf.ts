/** Packets that leave at the time that their socket says: tc-etf(8). Source: include/uapi/linux/pkt_sched.h (TCA_ETF_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { type TcClock, tcClock } from '../clock.ts';

const etfQopt = struct('tc_etf_qopt', () => ({ delta: fields.s32, clockId: fields.s32, flags: fields.u32 }));

const etfAttributes_ = attributes('TCA_ETF', () => ({ parms: attr('TCA_ETF_PARMS', 1, structCodec(etfQopt)) }));
export interface EtfAttributes extends Infer<typeof etfAttributes_> {}
export const etfAttributes: Codec<EtfAttributes> = etfAttributes_;

/** Options of etf. */
export interface EtfOptions {
  /** The clock that times are said by. The kernel takes `TAI`. Default: `TAI`. */
  clockId?: TcClock;
  /** Nanoseconds by which the qdisc hands packets to the link before their time. Default: 0. */
  delta?: number;
  /** The time is the latest, and packets may leave before it. Default: false. */
  deadlineMode?: boolean;
  /** The hardware keeps the time. Default: false. */
  offload?: boolean;
  /** Packets of sockets without SO_TXTIME are taken as well. Default: false. */
  skipSocketCheck?: boolean;
}

const members = memberNames<EtfOptions>({ clockId: true, delta: true, deadlineMode: true, offload: true, skipSocketCheck: true });
/** TC_ETF_*. */
const bits = { deadlineMode: 1, offload: 2, skipSocketCheck: 4 } as const;
const names = Object.keys(bits) as (keyof typeof bits)[];

export const etf: Codec<EtfOptions> = mapped<EtfAttributes, EtfOptions>(
  etfAttributes_,
  'etf',
  ({ parms }) => {
    const { delta = 0, clockId = 0, flags = 0 } = parms ?? {};
    const options: EtfOptions = { clockId: tcClock.nameOf(clockId), delta };
    for (const name of names) if ((flags & bits[name]) !== 0) options[name] = true;
    return options;
  },
  (options) => {
    checkMembers(options, '', members);
    const { clockId = 'TAI', delta = 0 } = options;
    inArgument('delta', () => checkInteger(delta, 0, 0x7fffffff));
    let flags = 0;
    for (const name of names) {
      checkBoolean(options[name], name);
      if (options[name] === true) flags |= bits[name];
    }
    return { parms: { delta, clockId: inArgument('clockId', () => tcClock.valueOf(clockId)), flags } };
  },
);
