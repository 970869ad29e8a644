/** Addresses that nobody gets: each is an alternative name of the network's link, as the claims of endpoints are of theirs. */
import { parseAddress } from '../netlink/address.ts';
import { InputError, NetlinkError, NetloomError } from '../netlink/errors.ts';
import { inArgument } from '../netlink/input.ts';
import { ask, type Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { releaseAddresses, takeAddress } from './claim.ts';
import { addressAltName } from './name.ts';
import { networkGone } from './network-gone.ts';
import { naming, unnaming } from './requests.ts';
import type { NetworkState } from './state.ts';
import { checkedHost, contains, numberOf } from './subnet.ts';

const EADDRINUSE = 98;
const ENOSPC = 28;
const EBUSY = 16;

/** An address that endpoints of the network can have, in the kernel's spelling. @throws InputError naming `address` */
function checkedAddress({ definition: { subnets } }: NetworkState, text: unknown): string {
  const bytes = inArgument('address', () => parseAddress(text));
  const subnet = subnets.find((candidate) => contains(candidate, bytes.length === 4 ? 'inet' : 'inet6', numberOf(bytes)));
  if (subnet === undefined) throw new InputError('address', `${show(text)} is in no subnet of the network`, 'ERR_OUT_OF_RANGE');
  const address = checkedHost(text, 'address', subnet);
  if (address === subnet.gateway) throw new InputError('address', `${address} is the gateway of ${subnet.subnet}`);
  return address;
}

/**
 * Takes an address for something that is no endpoint.
 *
 * @throws InputError naming `address`; NotFoundError when the network is gone
 * @throws NetloomError `EADDRINUSE` when it is taken, `ENOSPC` when the network's link has no room for another name
 */
export function* reserve(state: NetworkState, text: unknown): Program<void> {
  const address = checkedAddress(state, text);
  const { name } = state.definition;
  try {
    yield* ask(naming({ index: state.index }, addressAltName(name, address), `network ${show(name)}`));
  } catch (error) {
    const code = error instanceof NetlinkError ? error.code : undefined;
    if (code === 'ENODEV') throw networkGone(state, error);
    if (code === 'EEXIST')
      throw new NetloomError(`${address} of network ${show(name)} is taken`, 'EADDRINUSE', { errno: EADDRINUSE, cause: error });
    // "effective property list too long": the one thing about a valid name that the kernel calls invalid
    if (code === 'EINVAL')
      throw new NetloomError(`network ${show(name)}: its link has no room for the name of another address`, 'ENOSPC', {
        errno: ENOSPC,
        cause: error,
      });
    throw error;
  }
  takeAddress(state, address);
}

/**
 * Gives back what {@link reserve} took, or the network was made with.
 *
 * @returns whether it was reserved
 * @throws InputError naming `address`; NotFoundError when the network is gone; NetloomError `EBUSY` when it is an endpoint's
 */
export function* release(state: NetworkState, text: unknown): Program<boolean> {
  const address = checkedAddress(state, text);
  const { name } = state.definition;
  try {
    yield* ask(unnaming({ index: state.index }, addressAltName(name, address), `network ${show(name)}`));
  } catch (error) {
    const code = error instanceof NetlinkError ? error.code : undefined;
    if (code === 'ENODEV') throw networkGone(state, error);
    if (code === 'ENOENT') return false;
    // a name of another link's
    if (code === 'EINVAL')
      throw new NetloomError(`${address} of network ${show(name)} is an endpoint's`, 'EBUSY', { errno: EBUSY, cause: error });
    throw error;
  }
  releaseAddresses(state, [address]);
  return true;
}
