/** Objects that say their link by name (`dev`) or by index (`devIndex`), as what a list returns does: a name wins. */
import { InputError } from '../netlink/errors.ts';
import { checkIndex, type LinkRef, type Named } from './link/reference.ts';

/** How an object says which link it belongs to. */
export interface OnLink {
  /** Name of the link, or another way to say which. */
  dev?: LinkRef;
  /** Index of the link, where `dev` is not given. */
  devIndex?: number;
}

/** The link that `spec` says, undefined when it says none. @throws InputError for a bad index */
export function linkSaid({ dev, devIndex }: OnLink): Named | undefined {
  if (dev !== undefined) return { ref: dev, argument: 'dev' };
  if (devIndex === undefined) return undefined;
  checkIndex(devIndex, 'devIndex');
  return { ref: devIndex, argument: 'devIndex' };
}

/** The link that `spec` must say. @throws InputError when it says none */
export function linkNeeded(spec: OnLink): Named {
  const named = linkSaid(spec);
  if (named === undefined) throw new InputError('dev', 'is needed: the link, by name, index or object', 'ERR_INVALID_ARG_TYPE');
  return named;
}
