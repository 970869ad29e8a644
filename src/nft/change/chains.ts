/** Changes of chains. */
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import {
  type Chain,
  type ChainRef,
  chainDevices,
  chainKey,
  chainToWire,
  deleteChain,
  describeChain,
  destroyChain,
  newChain,
} from '../chain.ts';
import { checkName } from '../name.ts';
import { checkHandle, deleteRule } from '../rule.ts';
import { type Change, checkObject, echoed, plain } from './shared.ts';

function ensure(chain: Chain): Change {
  checkObject(chain, 'a chain');
  return plain(newChain, chainToWire(chain), describeChain(chain), NLM_F_CREATE);
}

export const chains = {
  /** A new chain; the transaction fails with EEXIST if there is one of the name. */
  create: (chain: Chain): Change => {
    checkObject(chain, 'a chain');
    return echoed(newChain, chainToWire(chain), describeChain(chain), NLM_F_CREATE | NLM_F_EXCL);
  },
  /** A chain, unless there is one: that keeps its rules and comment, and takes the policy. EEXIST if it has another type, hook or priority. */
  ensure,
  /** The same, by the name it has in nft(8). */
  add: ensure,
  /** Gives the chain that has the handle another name. */
  rename: (chain: ChainRef & { readonly handle: bigint }, name: string): Change => {
    checkObject(chain, 'a chain');
    const value = { ...chainKey(chain), name: checkName(name, 'name'), handle: checkHandle(chain.handle, 'handle') };
    return plain(newChain, value, describeChain(chain));
  },
  /** Binds a chain to more devices (netdev, and ingress of inet); needs Linux 6.4. */
  addDevices: (chain: ChainRef, devices: string[]): Change => {
    checkObject(chain, 'a chain');
    return plain(newChain, chainDevices(chain, devices), `devices of ${describeChain(chain)}`, NLM_F_CREATE);
  },
  /** Takes devices away from a chain; needs Linux 6.4. */
  deleteDevices: (chain: ChainRef, devices: string[]): Change => {
    checkObject(chain, 'a chain');
    return plain(deleteChain, chainDevices(chain, devices), `devices of ${describeChain(chain)}`);
  },
  /** Deletes a chain with its rules; ENOENT if there is none, EBUSY if a rule jumps there. */
  delete: (chain: ChainRef): Change => {
    checkObject(chain, 'a chain');
    return plain(deleteChain, chainKey(chain), describeChain(chain));
  },
  /** Deletes a chain with its rules, if there is one in the table, which must exist; needs Linux 6.3. */
  destroy: (chain: ChainRef): Change => {
    checkObject(chain, 'a chain');
    return plain(destroyChain, chainKey(chain), describeChain(chain));
  },
  /** Deletes all rules of a chain. */
  flush: (chain: ChainRef): Change => {
    checkObject(chain, 'a chain');
    const { family, table, name } = chainKey(chain);
    return plain(deleteRule, { family: family!, table: table!, chain: name! }, `rules of ${describeChain(chain)}`);
  },
};
