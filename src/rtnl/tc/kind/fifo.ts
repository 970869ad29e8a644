/** Plain queues, tc-pfifo(8), and queues by priority, tc-prio(8). Source: include/uapi/linux/pkt_sched.h. */
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, show } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';

const fifoQopt = struct('tc_fifo_qopt', () => ({
  /** What may wait: packets (pfifo, pfifo_head_drop) or bytes (bfifo). Default: the link's queue length, in packets or in packets of its MTU. */
  limit: fields.u32,
}));

/** Options of pfifo, bfifo and pfifo_head_drop. */
export interface FifoOptions extends Infer<typeof fifoQopt> {}
export const fifo: Codec<FifoOptions> = structCodec<FifoOptions>(fifoQopt);

const prioQopt = struct('tc_prio_qopt', () => ({ bands: fields.s32, priomap: fields.blob(16) }));

/** Options of prio. */
export interface PrioOptions {
  /** Queues: a packet leaves when those before its own are empty. Default: 3. */
  bands?: number;
  /** The queue, from 0, for each of the 16 priorities of packets. Default: that of tc(8), by the field TOS. */
  priomap?: number[];
}

const members = memberNames<PrioOptions>({ bands: true, priomap: true });
const usualPriomap: readonly number[] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

export const prio: Codec<PrioOptions> = mapped<Infer<typeof prioQopt>, PrioOptions>(
  structCodec(prioQopt),
  'prio',
  ({ bands, priomap }) => ({ bands, priomap: [...priomap] }),
  (options) => {
    checkMembers(options, '', members);
    const { bands = 3, priomap = usualPriomap } = options;
    inArgument('bands', () => checkInteger(bands, 2, 16));
    if (!Array.isArray(priomap) || priomap.length !== 16)
      throw new InputError('priomap', `expected 16 numbers, got ${show(priomap)}`, 'ERR_INVALID_ARG_TYPE');
    priomap.forEach((band: unknown, i) => {
      inArgument(`priomap[${i}]`, () => checkInteger(band, 0, bands - 1));
    });
    return { bands, priomap: Uint8Array.from(priomap as number[]) };
  },
);
