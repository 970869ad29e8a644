/** Claims addresses for endpoints: each is an alternative name of the endpoint's link, and the kernel lets no two links have one. */
import { NetloomError } from '../netlink/errors.ts';
import type { Request } from '../netlink/operation.ts';
import { askEach, type Outcome, type Program } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import type { LinkMessageInput } from '../rtnl/link/message.ts';
import { linkRequest } from '../rtnl/link/reference.ts';
import { addressNumber, type WantedAddress } from './attach-options.ts';
import { allEndpoints, claimsOf } from './find.ts';
import { addressAltName } from './name.ts';
import { networkGone } from './network-gone.ts';
import { naming } from './requests.ts';
import type { NetworkState } from './state.ts';

const EADDRINUSE = 98;
const ENOSPC = 28;

/** After so many addresses that turned out to be taken, what the kernel has is read anew: others are giving out addresses too. */
const maxMisses = 8;

/** Addresses that are being claimed for an endpoint. */
export interface Claim {
  readonly wanted: readonly WantedAddress[];
  /** What has been claimed, in the order of `wanted`. */
  readonly claimed: (string | undefined)[];
  /** How many candidates have turned out to be taken. */
  readonly misses: number[];
  /** Those that did, and are not looked at again: somebody else's link may have a name like that of a claim, which no reading of endpoints shows. */
  readonly refused: Set<string>;
  /** Whether those have been looked at again nevertheless: they may have been given back. */
  retried: boolean;
}

export function claimOf(wanted: readonly WantedAddress[]): Claim {
  return { wanted, claimed: wanted.map(() => undefined), misses: wanted.map(() => 0), refused: new Set(), retried: false };
}

/** Addresses to ask the kernel for at once: one for each that is wanted and not claimed yet. */
export type Round = readonly { readonly at: number; readonly address: string }[];

/** @throws NetloomError `ENOSPC` when a subnet has none left */
export function* nextRound(state: NetworkState, claim: Claim): Program<Round> {
  const { wanted, claimed } = claim;
  if (!state.poolsRead && wanted.some(({ address }) => address === undefined)) yield* readPools(state);
  const round: { at: number; address: string }[] = [];
  for (const [at, want] of wanted.entries()) {
    if (claimed[at] === undefined) round.push({ at, address: want.address ?? (yield* candidate(state, at, claim)) });
  }
  return round;
}

/** Asks for the addresses of a round, for the link that `which` says. */
export function roundRequests(state: NetworkState, round: Round, which: LinkMessageInput, subject: string): Request<unknown, 'ack'>[] {
  return round.map(({ address }) => naming(which, addressAltName(state.definition.name, address), subject));
}

/** Notes what became of a round. @throws NetloomError `EADDRINUSE` when one that was asked for is taken; what was refused for another reason */
export function settleRound(
  state: NetworkState,
  { wanted, claimed, misses, refused }: Claim,
  round: Round,
  outcomes: readonly Outcome<unknown>[],
): void {
  let failure: unknown;
  for (const [i, outcome] of outcomes.entries()) {
    const { at, address } = round[i]!;
    const { argument, address: asked } = wanted[at]!;
    if (outcome.ok) {
      claimed[at] = address;
      state.pools[at]!.set(addressNumber(address), true);
    } else if ((outcome.error as NodeJS.ErrnoException).code !== 'EEXIST') failure ??= outcome.error;
    else if (asked === undefined) {
      misses[at]!++;
      refused.add(address);
    } else failure ??= addressTaken(argument, asked, state.definition.name);
  }
  if (failure !== undefined) throw failure;
}

/** The error for an address that was asked for. */
export function addressTaken(argument: string, address: string, network: string): NetloomError {
  return new NetloomError(`${argument}: ${address} of network ${show(network)} is taken`, 'EADDRINUSE', { errno: EADDRINUSE });
}

/** Claims what is left of `claim` for the link `index`. @throws as {@link nextRound} and {@link settleRound} */
export function* claimRest(state: NetworkState, claim: Claim, index: number, subject: string): Program<void> {
  while (claim.claimed.includes(undefined)) {
    const round = yield* nextRound(state, claim);
    settleRound(state, claim, round, yield* askEach(roundRequests(state, round, { index }, subject)));
  }
}

/** What has been claimed so far. */
export function claimedAddresses({ claimed }: Claim): string[] {
  return claimed.filter((address) => address !== undefined);
}

function* candidate(state: NetworkState, at: number, claim: Claim): Program<string> {
  const { misses, refused } = claim;
  const pool = state.pools[at]!;
  let address = misses[at]! < maxMisses ? pool.take() : undefined;
  while (address === undefined) {
    misses[at] = 0;
    // others may have given some back
    yield* readPools(state);
    for (const taken of refused) takeAddress(state, taken);
    address = pool.take();
    if (address !== undefined) break;
    if (claim.retried || refused.size === 0) {
      const message = `network ${show(state.definition.name)}: no address is left in ${pool.subnet.range ?? pool.subnet.subnet}`;
      throw new NetloomError(message, 'ENOSPC', { errno: ENOSPC });
    }
    claim.retried = true;
    refused.clear();
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

/** Notes that an address is taken. */
export function takeAddress(state: NetworkState, address: string): void {
  for (const pool of state.pools)
    if (pool.subnet.family === (address.includes(':') ? 'inet6' : 'inet')) pool.set(addressNumber(address), true);
}

/** Reads from the kernel which addresses are taken. @param except a link whose addresses do not count @returns them */
export function* readPools(state: NetworkState, except?: string): Program<string[]> {
  const { name } = state.definition;
  const [network] = yield* askEach([linkRequest({ index: state.index }, `network ${show(name)}`)]);
  if (!network.ok) throw (network.error as NodeJS.ErrnoException).code === 'ENODEV' ? networkGone(state, network.error) : network.error;
  const endpoints = yield* allEndpoints(state);
  const others = endpoints.filter(({ link }) => link !== except);
  const claims = [network.value, ...others.map(({ wire }) => wire)].flatMap((wire) => claimsOf(name, wire));
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
  for (const { link } of endpoints) state.present.add(link);
  return claims;
}
