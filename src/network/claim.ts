/** Claims addresses for endpoints: each is an alternative name of the endpoint's link, and the kernel lets no two links have one. */
import { NetloomError } from '../netlink/errors.ts';
import { ask, askEach, type Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { linkRequest } from '../rtnl/link/reference.ts';
import { addressNumber, type WantedAddress } from './attach-options.ts';
import { allEndpoints, claimsOf } from './find.ts';
import { addressAltName } from './name.ts';
import { naming } from './requests.ts';
import type { NetworkState } from './state.ts';

const EADDRINUSE = 98;
const ENOSPC = 28;

/** After so many addresses that turned out to be taken, what the kernel has is read anew: others are giving out addresses too. */
const maxMisses = 8;

/**
 * Claims what is wanted for the link `index`.
 *
 * @param claimed takes the addresses, in the order of `wanted`, as they are claimed
 * @throws NetloomError `EADDRINUSE` when one that was asked for is taken, `ENOSPC` when a subnet has none left
 */
export function* claimAddresses(
  state: NetworkState,
  wanted: readonly WantedAddress[],
  index: number,
  subject: string,
  claimed: string[],
): Program<void> {
  if (!state.poolsRead && wanted.some(({ address }) => address === undefined)) yield* readPools(state);
  const { name } = state.definition;
  const result: (string | undefined)[] = wanted.map(() => undefined);
  const misses = wanted.map(() => 0);
  try {
    for (;;) {
      const round: { at: number; address: string }[] = [];
      for (const [at, want] of wanted.entries()) {
        if (result[at] === undefined) round.push({ at, address: want.address ?? (yield* candidate(state, at, misses)) });
      }
      if (round.length === 0) return;
      const outcomes = yield* askEach(round.map(({ address }) => naming(index, addressAltName(name, address), subject)));
      for (const [i, outcome] of outcomes.entries()) {
        const { at, address } = round[i]!;
        if (outcome.ok) {
          result[at] = address;
          state.pools[at]!.set(addressNumber(address), true);
          continue;
        }
        if ((outcome.error as NodeJS.ErrnoException).code !== 'EEXIST') throw outcome.error;
        const { argument, address: asked } = wanted[at]!;
        if (asked !== undefined)
          throw new NetloomError(`${argument}: ${asked} of network ${show(name)} is taken`, 'EADDRINUSE', { errno: EADDRINUSE });
        misses[at]!++;
      }
    }
  } finally {
    for (const address of result) if (address !== undefined) claimed.push(address);
  }
}

function* candidate(state: NetworkState, at: number, misses: number[]): Program<string> {
  const pool = state.pools[at]!;
  let address = misses[at]! < maxMisses ? pool.take() : undefined;
  if (address === undefined) {
    misses[at] = 0;
    // others may have given some back
    yield* readPools(state);
    address = pool.take();
  }
  if (address === undefined) {
    const message = `network ${show(state.definition.name)}: no address is left in ${pool.subnet.range ?? pool.subnet.subnet}`;
    throw new NetloomError(message, 'ENOSPC', { errno: ENOSPC });
  }
  return address;
}

/** Notes that addresses of endpoints that are gone are free. */
export function releaseAddresses(state: NetworkState, addresses: Iterable<string>): void {
  for (const address of addresses) {
    const value = addressNumber(address);
    for (const pool of state.pools) if (pool.subnet.family === (address.includes(':') ? 'inet6' : 'inet')) pool.set(value, false);
  }
}

/** Reads from the kernel which addresses are taken. */
function* readPools(state: NetworkState): Program<void> {
  const { name } = state.definition;
  const network = yield* ask(linkRequest({ index: state.index }, `network ${show(name)}`));
  const endpoints = yield* allEndpoints(state.index);
  const claims = [network, ...endpoints.map(({ wire }) => wire)].flatMap((wire) => claimsOf(name, wire));
  // the youngest link has the address that was given out last
  const latest = endpoints.flatMap(({ wire }) => claimsOf(name, wire)).reverse();
  for (const pool of state.pools) {
    const isOf = (address: string): boolean => {
      const value = addressNumber(address);
      return pool.subnet.family === (address.includes(':') ? 'inet6' : 'inet') && value >= pool.subnet.first && value <= pool.subnet.last;
    };
    const last = latest.find(isOf);
    pool.reset(claims.filter(isOf).map(addressNumber), last === undefined ? undefined : addressNumber(last));
  }
  state.poolsRead = true;
}
