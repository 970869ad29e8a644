/** Alternative names of links that exist: RTM_NEWLINKPROP, RTM_DELLINKPROP. Source: ip-link(8), "ip link property". */
import { InputError } from '../../netlink/errors.ts';
import { checkCallOptions } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { settled, undoing } from '../undo.ts';
import { deleteLinkProperties, newLinkProperties } from './operations.ts';
import { checkLinkName, describeLink, findLink, type LinkRef, notFound } from './reference.ts';

/** @throws InputError naming `names` */
function checkNames(names: readonly string[]): void {
  if (!Array.isArray(names) || names.length === 0)
    throw new InputError('names', `expected a list of names, got ${show(names)}`, 'ERR_INVALID_ARG_TYPE');
  for (const [i, name] of (names as readonly string[]).entries()) {
    checkLinkName(name, `names[${i}]`);
    if (names.indexOf(name) !== i) throw new InputError(`names[${i}]`, `${show(name)} is said twice`);
  }
}

/** Adds or removes names, all of them or none: the kernel takes them one by one, and stops at the first that it refuses. */
function* changed(link: LinkRef, names: readonly string[], adding: boolean): Program<void> {
  checkNames(names);
  const { index, altNames: before = [] } = yield* findLink(link, 'link');
  const subject = describeLink(link);
  const rename = (path: string): string => path.replace(/^altNames/, 'names');
  const send = (which: readonly string[], add: boolean, patience?: 'always'): Program<unknown> =>
    ask(
      {
        operation: add ? newLinkProperties : deleteLinkProperties,
        flags: add ? NLM_F_CREATE | NLM_F_EXCL : 0,
        value: { index, altNames: [...which] },
        expects: 'ack' as const,
        subject,
        rename,
      },
      patience,
    );
  const restore = function* (): Program<void> {
    const { altNames: now = [] } = yield* findLink(index, 'link');
    const touched = names.filter((name) => now.includes(name) !== before.includes(name));
    if (touched.length > 0) yield* send(touched, !adding, 'always');
  };
  try {
    yield* settled(undoing(send(names, adding), restore));
  } catch (error) {
    throw notFound(error, link, 'link');
  }
}

/** Gives a link alternative names, by which it is found as well as by its own: all of them or none. */
export function* addAltNames(link: LinkRef, names: readonly string[], options?: CallOptions): Program<void> {
  checkCallOptions(options);
  yield* changed(link, names, true);
}

/** Takes alternative names from a link: all of them or none. */
export function* removeAltNames(link: LinkRef, names: readonly string[], options?: CallOptions): Program<void> {
  checkCallOptions(options);
  yield* changed(link, names, false);
}
