/** Clocks that schedules go by: etf, taprio, gate. Source: include/uapi/linux/time.h (CLOCK_*); names of tc(8). */
import { type Codec, mapped } from '../../netlink/codec.ts';
import { type Enumerated, type EnumerationCodec, enumeration } from '../../netlink/enumeration.ts';
import { checkBigInt, checkInteger, s32, u64 } from '../../netlink/scalar.ts';

const values = { REALTIME: 0, MONOTONIC: 1, BOOTTIME: 7, TAI: 11 } as const;

/** A clock, as tc(8) names it, or its number. */
export type TcClock = Enumerated<typeof values>;
export const tcClock: EnumerationCodec<typeof values> = enumeration(s32, values);

const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];

/** Signed 64 bits. */
export const s64: Codec<bigint> = mapped<bigint, bigint>(
  u64,
  's64',
  (value) => BigInt.asIntN(64, value),
  (value) => {
    checkBigInt(value, least, most);
    return BigInt.asUintN(64, value);
  },
);

/** When a schedule begins, in nanoseconds of its clock. @throws InputError */
export function baseTimeOf(value: unknown): bigint {
  if (typeof value === 'number') checkInteger(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const time = typeof value === 'number' ? BigInt(value) : value;
  checkBigInt(time, least, most);
  return time;
}
