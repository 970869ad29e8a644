/** Checks of options that every program makes before it sends anything. */
import { checkOptions as checkMembers } from '../netlink/input.ts';

export { checkBoolean, inArgument as checking } from '../netlink/input.ts';

/** `netns` is known to every function here that takes options. */
const always: ReadonlySet<string> = new Set(['netns']);

/** @throws InputError for what is no object, and for an option that is none of `known` (`ERR_UNKNOWN_OPTION`) */
export function checkOptions(options: unknown, known: readonly string[]): void {
  checkMembers(options, 'options', always, new Set(known));
}
