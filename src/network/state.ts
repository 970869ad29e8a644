/** What a process knows of a network it has open. */
import type { AddressStore } from './address-store.ts';
import type { FoundNetwork } from './find.ts';
import { Pool } from './pool.ts';
import type { NetworkDefinition } from './record.ts';

export interface NetworkState {
  readonly definition: NetworkDefinition;
  /** Index of the network's link. */
  readonly index: number;
  /** One for each subnet. */
  readonly pools: readonly Pool[];
  /** Whether the pools have been read from the kernel. */
  poolsRead: boolean;
  /** Generation of the ruleset that had no table of netloom's about endpoints. */
  withoutTables: number | undefined;
  /** Links of endpoints that are there, as far as this process knows. One that is not is made in fewer steps. */
  readonly present: Set<string>;
  /** What gives out addresses in place of the pools. */
  readonly store?: AddressStore;
}

export function stateOf({ definition, wire }: FoundNetwork, store?: AddressStore): NetworkState {
  return {
    definition,
    index: wire.index,
    pools: definition.subnets.map((subnet) => new Pool(subnet)),
    poolsRead: false,
    withoutTables: undefined,
    present: new Set(),
    ...(store === undefined ? {} : { store }),
  };
}
