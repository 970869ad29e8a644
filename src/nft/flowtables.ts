/** What can be done with flowtables. Every method that changes something is a transaction of its own. */
import { ask, type CallOptions, type Program } from '../netlink/program.ts';
import { ensureAbsent } from './absent.ts';
import { change } from './change/change.ts';
import { describeFlowtable, type Flowtable, type FlowtableRef, flowtableFromWire, flowtableKey, getFlowtable } from './flowtable.ts';
import type { Family } from './nfnetlink.ts';
import { checkCallOptions, checkOptions } from './options.ts';
import { listInTable } from './table-filter.ts';
import { transaction } from './transaction.ts';

export interface FlowtableFilter extends CallOptions {
  /** Default: all. */
  family?: Family;
  /** Name of the table. Default: all. */
  table?: string;
}

function* ensure(flowtable: Flowtable, options?: CallOptions): Program<void> {
  checkCallOptions(options);
  yield* transaction([change.flowtables.ensure(flowtable)]);
}

/** The programs of {@link NftClient.flowtables}. */
export const flowtablePrograms = {
  /** All flowtables, or those of a family or table. A table that does not exist has none. */
  *list(filter: FlowtableFilter = {}): Program<Flowtable[]> {
    checkOptions(filter, ['family', 'table']);
    return (yield* listInTable(getFlowtable, filter, 'flowtables')).map(flowtableFromWire);
  },

  /** One flowtable. @throws NetlinkError `ENOENT` when there is none */
  *get(flowtable: FlowtableRef, options?: CallOptions): Program<Flowtable> {
    checkCallOptions(options);
    const value = flowtableKey(flowtable);
    return flowtableFromWire(
      yield* ask({ operation: getFlowtable, flags: 0, value, expects: 'reply', subject: describeFlowtable(flowtable) }),
    );
  },

  /** Creates a flowtable. @throws NetlinkError `EEXIST` when there is one of the name */
  *create(flowtable: Flowtable, options?: CallOptions): Program<Flowtable> {
    checkCallOptions(options);
    const { flowtables } = yield* transaction([change.flowtables.create(flowtable)]);
    return flowtables[0] ?? flowtable;
  },

  /** Creates a flowtable unless there is one of the name; that takes on the devices. */
  ensure,
  /** The same, by the name it has in nft(8). */
  add: ensure,

  /** Takes on devices. @throws NetlinkError */
  *addDevices(flowtable: FlowtableRef, devices: string[], options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.flowtables.addDevices(flowtable, devices)]);
  },

  /** Lets devices go. @throws NetlinkError `ENOENT` when it has not got one of them */
  *deleteDevices(flowtable: FlowtableRef, devices: string[], options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.flowtables.deleteDevices(flowtable, devices)]);
  },

  /** Deletes a flowtable. @throws NetlinkError `ENOENT` when there is none, `EBUSY` when a rule refers to it */
  *delete(flowtable: FlowtableRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.flowtables.delete(flowtable)]);
  },

  /** Deletes a flowtable, if there is one. @throws NetlinkError `EBUSY` when a rule refers to it */
  *ensureAbsent(flowtable: FlowtableRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.flowtables.delete(flowtable));
  },

  /** The same, by the name it has in nft(8). */
  *destroy(flowtable: FlowtableRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.flowtables.delete(flowtable));
  },
};
