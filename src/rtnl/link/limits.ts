/** What the kernel takes of integers, where that is less than their type can say. Told before anything is sent: some it refuses, others it cuts without a word. */
import { InputError } from '../../netlink/errors.ts';
import { inArgument } from '../../netlink/input.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';

/** The smallest and the largest value of members that are integers. */
export type Limits<T extends object> = { readonly [K in keyof T]?: readonly [minimum: number, maximum: number] };

/** Largest `int` of the kernel. */
export const maxInt = 0x7fffffff;
/** Largest number of a VXLAN or GENEVE network: 24 bits. */
export const maxVni = 0xffffff;
/** Largest IPv6 flow label: 20 bits. */
export const maxFlowLabel = 0xfffff;

/** Traffic class and flow label of an IPv6 header: 28 bits. */
export const maxFlowInfo = 0xfffffff;

/** @throws InputError naming the member of `value` that is beyond its limits. What is no number is left to the encoder. */
export function checkLimits<T extends object>(value: T, limits: Limits<T>): void {
  for (const [member, range] of Object.entries(limits) as [string, readonly [number, number]][]) {
    const given: unknown = value[member as keyof T];
    if (typeof given === 'number') inArgument(member, () => checkInteger(given, range[0], range[1]));
  }
}

/** @throws InputError when the first port of a range comes after the last */
export function checkPortRange(range: { readonly low?: number; readonly high?: number } | undefined, argument: string): void {
  if (range?.low === undefined || range.high === undefined || range.low <= range.high) return;
  throw new InputError(argument, `starts at ${range.low} and ends before it, at ${range.high}`, 'ERR_OUT_OF_RANGE');
}

/** @throws InputError when `mask` has bits of `refused` */
export function checkMask(mask: unknown, refused: number, argument: string): void {
  if (typeof mask === 'number' && (mask & refused) !== 0)
    throw new InputError(argument, `the kernel takes none of the bits 0x${refused.toString(16)}, got ${show(mask)}`, 'ERR_OUT_OF_RANGE');
}
