/** What can be done with chains. Every method that changes something is a transaction of its own. */
import { ask, type CallOptions, type Program } from '../netlink/program.ts';
import { type Chain, type ChainRef, chainFromWire, chainKey, describeChain, getChain } from './chain.ts';
import { change } from './change.ts';
import { type Family, familyNumber } from './nfnetlink.ts';
import { checkOptions } from './options.ts';
import { isMissing } from './tables.ts';
import { transaction } from './transaction.ts';

export interface ChainFilter extends CallOptions {
  /** Default: all. */
  family?: Family;
  /** Name of the table. Default: all. */
  table?: string;
}

export const chainPrograms = {
  /** All chains, or those of a family or table. A table that does not exist has none. */
  *list(filter: ChainFilter = {}): Program<Chain[]> {
    checkOptions(filter, ['family', 'table']);
    const value = filter.family === undefined ? {} : { family: familyNumber(filter.family) };
    const found = yield* ask({ operation: getChain, flags: 0, value, expects: 'dump', subject: 'chains' });
    // the kernel filters by family alone
    return found.filter((wire) => filter.table === undefined || wire.table === filter.table).map(chainFromWire);
  },

  /** One chain. @throws NetlinkError `ENOENT` when there is none */
  *get(chain: ChainRef, _options?: CallOptions): Program<Chain> {
    return chainFromWire(
      yield* ask({ operation: getChain, flags: 0, value: chainKey(chain), expects: 'reply', subject: describeChain(chain) }),
    );
  },

  /** Creates a chain in a table that exists. @throws NetlinkError `EEXIST` when there is one of the name, `ENOENT` when there is no table */
  *create(chain: Chain, _options?: CallOptions): Program<Chain> {
    const { chains } = yield* transaction([change.chains.create(chain)]);
    return chains[0] ?? chain;
  },

  /** Creates a chain unless there is one of the name. @throws NetlinkError `EEXIST` when that has another type, hook or priority */
  *ensure(chain: Chain, _options?: CallOptions): Program<void> {
    yield* transaction([change.chains.ensure(chain)]);
  },

  /** Deletes a chain with its rules. @throws NetlinkError `ENOENT` when there is none, `EBUSY` when a rule jumps there */
  *delete(chain: ChainRef, _options?: CallOptions): Program<void> {
    yield* transaction([change.chains.delete(chain)]);
  },

  /** Deletes a chain with its rules, if there is one. @throws NetlinkError `EBUSY` when a rule jumps there */
  *ensureAbsent(chain: ChainRef, _options?: CallOptions): Program<void> {
    try {
      yield* transaction([change.chains.delete(chain)]);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  },
};
