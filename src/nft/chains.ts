/** What can be done with chains. Every method that changes something is a transaction of its own. */
import { ask, type CallOptions, type Program } from '../netlink/program.ts';
import { ensureAbsent } from './absent.ts';
import { type Chain, type ChainRef, chainFromWire, chainKey, describeChain, getChain } from './chain.ts';
import { change } from './change/change.ts';
import type { Family } from './nfnetlink.ts';
import { checkCallOptions, checkOptions } from './options.ts';
import { listInTable } from './table-filter.ts';
import { transaction } from './transaction.ts';

export interface ChainFilter extends CallOptions {
  /** Default: all. */
  family?: Family;
  /** Name of the table. Default: all. */
  table?: string;
}

function* ensure(chain: Chain, options?: CallOptions): Program<void> {
  checkCallOptions(options);
  yield* transaction([change.chains.ensure(chain)]);
}

/** The programs of {@link NftClient.chains}. */
export const chainPrograms = {
  /** All chains, or those of a family or table. A table that does not exist has none. */
  *list(filter: ChainFilter = {}): Program<Chain[]> {
    checkOptions(filter, ['family', 'table']);
    return (yield* listInTable(getChain, filter, 'chains')).map(chainFromWire);
  },

  /** One chain. @throws NetlinkError `ENOENT` when there is none */
  *get(chain: ChainRef, options?: CallOptions): Program<Chain> {
    checkCallOptions(options);
    return chainFromWire(
      yield* ask({ operation: getChain, flags: 0, value: chainKey(chain), expects: 'reply', subject: describeChain(chain) }),
    );
  },

  /** Creates a chain in a table that exists. @throws NetlinkError `EEXIST` when there is one of the name, `ENOENT` when there is no table */
  *create(chain: Chain, options?: CallOptions): Program<Chain> {
    checkCallOptions(options);
    const { chains } = yield* transaction([change.chains.create(chain)]);
    return chains[0] ?? chain;
  },

  /** Creates a chain unless there is one of the name. @throws NetlinkError `EEXIST` when that has another type, hook or priority */
  ensure,
  /** The same, by the name it has in nft(8). */
  add: ensure,

  /** Gives a chain another name. @throws NetlinkError `ENOENT` when there is none, `EEXIST` when the other name is taken */
  *rename(chain: ChainRef, name: string, options?: CallOptions): Program<void> {
    const { handle } = yield* chainPrograms.get(chain, options);
    yield* transaction([change.chains.rename({ ...chain, handle: handle ?? 0n }, name)]);
  },

  /** Binds a chain to more devices (netdev, and ingress of inet); needs Linux 6.4. @throws NetlinkError */
  *addDevices(chain: ChainRef, devices: string[], options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.chains.addDevices(chain, devices)]);
  },

  /** Takes devices away from a chain; needs Linux 6.4. @throws NetlinkError `ENOENT` when it is not bound to one of them */
  *deleteDevices(chain: ChainRef, devices: string[], options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.chains.deleteDevices(chain, devices)]);
  },

  /** Deletes a chain with its rules. @throws NetlinkError `ENOENT` when there is none, `EBUSY` when a rule jumps there */
  *delete(chain: ChainRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.chains.delete(chain)]);
  },

  /** Deletes a chain with its rules, if there is one. @throws NetlinkError `EBUSY` when a rule jumps there */
  *ensureAbsent(chain: ChainRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.chains.delete(chain));
  },

  /** The same, by the name it has in nft(8). */
  *destroy(chain: ChainRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.chains.delete(chain));
  },

  /** Deletes all rules of a chain. @throws NetlinkError `ENOENT` when there is no such chain */
  *flush(chain: ChainRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.chains.flush(chain)]);
  },
};
