/** A band for each queue of the link: multiq (Documentation/networking/multiqueue.rst). Source: include/uapi/linux/pkt_sched.h (struct tc_multiq_qopt). */
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { checkMembers, memberNames } from '../../../netlink/input.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

const multiqQopt = struct('tc_multiq_qopt', () => ({ bands: fields.u16, maxBands: fields.u16 }));

/** Options of multiq: none is asked for. */
export interface MultiqOptions {
  /** Bands: one for each queue that the link uses. Read only. */
  bands?: number;
  /** Bands that it has room for. Read only. */
  maxBands?: number;
}

const members = memberNames<MultiqOptions>({ bands: true, maxBands: true });

export const multiq: Codec<MultiqOptions> = mapped<Infer<typeof multiqQopt>, MultiqOptions>(
  structCodec(multiqQopt),
  'multiq',
  (wire) => wire,
  (options) => {
    checkMembers(options, '', members);
    return { bands: 0, maxBands: 0 };
  },
);
