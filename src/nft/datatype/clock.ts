/** Times of day and dates, as a person of the machine's time zone writes them. Source: nft(8), META EXPRESSIONS (hour, time). */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';

const secondsOfDay = 86_400;

/**
 * `'17:30'` or `'17:30:15'` as the seconds since midnight of UTC that the kernel compares. As with nft(8) the difference is that of today: where clocks change, the rule does
 * not follow. @throws InputError
 */
export function hourNumber(text: string): number {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  const [hours, minutes, seconds] = (match ?? []).slice(1).map((part) => Number(part ?? 0));
  if (hours === undefined || hours > 23 || minutes! > 59 || seconds! > 59)
    throw new InputError('', `${show(text)} is no time of day such as "17:30"`);
  const utc = hours * 3600 + minutes! * 60 + seconds! + new Date().getTimezoneOffset() * 60;
  return (utc + secondsOfDay) % secondsOfDay;
}

/** `'2026-05-01'`, `'2026-05-01 12:00:00'`, or with the zone (`'2026-05-01T12:00:00Z'`) as nanoseconds since 1970. @throws InputError */
export function timeNumber(text: string): bigint {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  // a date alone would be one of UTC
  const milliseconds = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? ''}`);
  if (Number.isNaN(milliseconds) || milliseconds < 0) throw new InputError('', `${show(text)} is no time such as "2026-05-01 12:00:00"`);
  return BigInt(milliseconds) * 1_000_000n;
}
