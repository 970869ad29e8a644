/** A queue that is stopped up and let go: tc-plug(8). Source: include/uapi/linux/pkt_sched.h (struct tc_plug_qopt). */
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, s32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

const plugQopt = struct('tc_plug_qopt', () => ({ action: fields.s32, limit: fields.u32 }));

/** TCQ_PLUG_*. */
const actions = enumeration(s32, { block: 0, release: 1, releaseIndefinite: 2, limit: 3 });

/** Options of plug; a listing has none. */
export interface PlugOptions {
  /**
   * With `update`: `block`, what comes from now on waits; `release`, what came before the last `block` leaves; `releaseIndefinite`, all leaves, also what comes; `limit`,
   * another limit. When it is created it has no effect.
   */
  action?: 'block' | 'release' | 'releaseIndefinite' | 'limit';
  /** Bytes that may wait. Default: what the link's queue of packets of its MTU takes. */
  limit?: number;
}

const members = memberNames<PlugOptions>({ action: true, limit: true });

export const plug: Codec<PlugOptions> = mapped<Infer<typeof plugQopt>, PlugOptions>(
  structCodec(plugQopt),
  'plug',
  ({ action, limit }) => ({ action: actions.nameOf(action) as NonNullable<PlugOptions['action']>, limit }),
  (options) => {
    checkMembers(options, '', members);
    const { action = 'limit', limit } = options;
    if (action === 'limit' && limit === undefined) throw new InputError('limit', 'is needed', 'ERR_INVALID_ARG_TYPE');
    inArgument('limit', () => checkInteger(limit ?? 0, 0, 0xffffffff));
    return { action: inArgument('action', () => actions.valueOf(action)), limit: limit ?? 0 };
  },
);
