/**
 * The clock of the packet scheduler: it says times in ticks, of 64 ns nearly everywhere. Sources: net/sched/sch_api.c (psched_show),
 * include/net/pkt_sched.h (PSCHED_SHIFT), tc/tc_core.c of iproute2.
 */
import { readFileSync } from 'node:fs';
import { InputError, SystemError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';

export const microsecondsPerSecond = 1_000_000;

/** Ticks of a microsecond: `000003e8 00000040 000f4240 3b9aca00` is 1000 / 64 × 1000000 / 1000000. */
export function ticksOf(text: string): number {
  const [nanosecondsPerMicrosecond, nanosecondsPerTick, resolution] = text.split(' ').map((word) => Number.parseInt(word, 16));
  const ticks = (nanosecondsPerMicrosecond! / nanosecondsPerTick!) * (resolution! / microsecondsPerSecond);
  if (!Number.isFinite(ticks) || ticks <= 0) throw new SystemError('read', 71, { path: '/proc/net/psched' });
  return ticks;
}

/** Where there is no /proc: what every kernel since 2.6.31 has. */
const usual = 15.625;
let known: number | undefined;

function ticksPerMicrosecond(): number {
  if (known === undefined) {
    try {
      known = ticksOf(readFileSync('/proc/net/psched', 'latin1'));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'EACCES') throw error;
      known = usual;
    }
  }
  return known;
}

/** @throws InputError when it is too long for 32 bits of ticks */
export function toTicks(microseconds: number): number {
  const ticks = Math.trunc(Math.trunc(microseconds) * ticksPerMicrosecond());
  if (!(ticks >= 0 && ticks <= 0xffffffff))
    throw new InputError(
      '',
      `${show(microseconds)} µs do not fit into the 32 bits of ticks that the kernel has for a time`,
      'ERR_OUT_OF_RANGE',
    );
  return ticks;
}

/** Microseconds. */
export function fromTicks(ticks: number): number {
  return Math.trunc(ticks / ticksPerMicrosecond());
}

/** Ticks that `bytes` take at a rate of `rate` bytes a second, as tc(8) rounds them: whole microseconds first. */
export function transmitTicks(rate: number, bytes: number): number {
  return toTicks(microsecondsPerSecond * (bytes / rate)); // in this order: it decides what is cut off
}

/** Bytes that `ticks` are time for, as tc(8) rounds them. */
export function transmitBytes(rate: number, ticks: number): number {
  return Math.trunc((rate * fromTicks(ticks)) / microsecondsPerSecond);
}
