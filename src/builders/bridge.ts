/** A bridge with its addresses. Source: ip-link(8), bridge. */

import { parsePrefix } from '../netlink/address.ts';
import { InputError } from '../netlink/errors.ts';
import { inArgument } from '../netlink/input.ts';
import { ask, type Program, within } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import type { NamespaceRef } from '../netlink/sys/namespace.ts';
import { addressPrograms } from '../rtnl/address/programs.ts';
import type { Link } from '../rtnl/link/link.ts';
import { deleteLink } from '../rtnl/link/operations.ts';
import { linkPrograms } from '../rtnl/link/programs.ts';
import type { CreateBridge } from '../rtnl/link/spec.ts';
import { settled, undoing } from '../rtnl/undo.ts';
import { checkEthernetAddress } from './ethernet.ts';

/** What `createBridge` takes. */
export interface BridgeOptions extends Omit<CreateBridge, 'kind' | 'netns'> {
  name: string;
  /** Addresses with their prefix lengths: `10.0.0.254/24`. */
  addresses?: readonly string[];
  /** Where to create it. Default: the namespace of the process. */
  netns?: NamespaceRef;
}

/**
 * Creates a bridge, and gives it addresses. If an address is refused the bridge is gone again.
 *
 * @throws InputError naming the argument (`addresses[0]`), before anything is sent
 * @throws NotFoundError, NetlinkError (`EEXIST`)
 */
export function* createBridge(options: BridgeOptions): Program<Link> {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new InputError('options', `expected an object, got ${show(options)}`, 'ERR_INVALID_ARG_TYPE');
  const { netns, addresses = [], ...spec } = options;
  // a bridge that a list returned has one
  const { kind = 'bridge' } = spec as { kind?: unknown };
  if (kind !== 'bridge') throw new InputError('kind', `a bridge is of the kind "bridge", got ${show(kind)}`);
  if (spec.name === undefined) throw new InputError('name', 'is needed');
  checkEthernetAddress(spec.address, 'address');
  if (!Array.isArray(addresses)) throw new InputError('addresses', `expected an array, got ${show(addresses)}`, 'ERR_INVALID_ARG_TYPE');
  addresses.forEach((address, i) => {
    inArgument(`addresses[${i}]`, () => parsePrefix(address));
  });
  return yield* within(netns, 'netns', function* (): Program<Link> {
    const creation = linkPrograms.create({ ...spec, kind: 'bridge' });
    if (addresses.length === 0) return yield* creation;
    const bridge = yield* settled(creation);
    const undo = (): Program<unknown> =>
      ask(
        { operation: deleteLink, flags: 0, value: { index: bridge.index }, expects: 'ack', subject: `bridge ${show(bridge.name)}` },
        'always',
      );
    return yield* undoing(addressed(bridge, addresses), undo);
  });
}

function* addressed(bridge: Link, addresses: readonly string[]): Program<Link> {
  for (const address of addresses) yield* addressPrograms.create(bridge, address);
  return bridge;
}
