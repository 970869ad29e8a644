/** Asking the linearizer whether something can be said. */
import { InputError } from '../../netlink/errors.ts';

/** What `make` makes; undefined where it says that the input is wrong. */
export function unless<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
