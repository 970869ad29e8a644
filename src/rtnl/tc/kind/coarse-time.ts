/** Times that kinds of qdiscs keep in units coarser than the microseconds that they are said in. */
import { type Codec, mapped } from '../../../netlink/codec.ts';
import { u32 } from '../../../netlink/scalar.ts';

const nanoseconds = 1000;

/**
 * Microseconds that the kernel keeps in units of 2^`shift` ns, and shows cut off: what is read is the least that it would show so, and so makes the same again.
 */
function coarseTime(label: string, shift: number): Codec<number> {
  const unit = 2 ** shift;
  const shownFor = (microseconds: number): number => Math.trunc((Math.trunc((microseconds * nanoseconds) / unit) * unit) / nanoseconds);
  return mapped<number, number>(
    u32,
    label,
    (shown) => {
      for (let said = shown; said <= shown + Math.ceil(unit / nanoseconds); said++) if (shownFor(said) === shown) return said;
      return shown;
    },
    (said) => said,
  );
}

/** CODEL_SHIFT: units of 1,024 ns. Source: include/net/codel.h. */
export const codelTime: Codec<number> = coarseTime('codel time', 10);
/** PSCHED_SHIFT: units of 64 ns. Source: include/net/pkt_sched.h. */
export const tickTime: Codec<number> = coarseTime('tick time', 6);
