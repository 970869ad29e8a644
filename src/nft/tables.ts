/** What can be done with tables. Every method that changes something is a transaction of its own. */
import { ask, type CallOptions, type Program } from '../netlink/program.ts';
import { ensureAbsent } from './absent.ts';
import { change } from './change/change.ts';
import { type Family, familyNumber } from './nfnetlink.ts';
import { checkCallOptions, checkOptions } from './options.ts';
import { describeTable, getTable, type Table, type TableRef, tableFromWire, tableKey } from './table.ts';
import { transaction } from './transaction.ts';

export interface TableFilter extends CallOptions {
  /** Default: all. */
  family?: Family;
}

function* ensure(table: Table, options?: CallOptions): Program<void> {
  checkCallOptions(options);
  yield* transaction([change.tables.ensure(table)]);
}

/** The programs of {@link NftClient.tables}. */
export const tablePrograms = {
  /** All tables, or those of one family. */
  *list(filter: TableFilter = {}): Program<Table[]> {
    checkOptions(filter, ['family']);
    const value = filter.family === undefined ? {} : { family: familyNumber(filter.family) };
    const found = yield* ask({ operation: getTable, flags: 0, value, expects: 'dump', subject: 'tables' });
    return found.map(tableFromWire);
  },

  /** One table. @throws NetlinkError `ENOENT` when there is none */
  *get(table: TableRef, options?: CallOptions): Program<Table> {
    checkCallOptions(options);
    return tableFromWire(
      yield* ask({ operation: getTable, flags: 0, value: tableKey(table), expects: 'reply', subject: describeTable(table) }),
    );
  },

  /** Creates a table. @throws NetlinkError `EEXIST` when there is one of the name */
  *create(table: Table, options?: CallOptions): Program<Table> {
    checkCallOptions(options);
    const { tables } = yield* transaction([change.tables.create(table)]);
    return tables[0] ?? table;
  },

  /** Creates a table unless there is one of the name; that keeps what it holds, and its comment, and becomes dormant or awake as `flags` says, if given. */
  ensure,
  /** The same, by the name it has in nft(8). */
  add: ensure,

  /** Deletes a table with all it holds. @throws NetlinkError `ENOENT` when there is none */
  *delete(table: TableRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.tables.delete(table)]);
  },

  /** Deletes a table with all it holds, if there is one. */
  *ensureAbsent(table: TableRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.tables.delete(table));
  },

  /** The same, by the name it has in nft(8). */
  *destroy(table: TableRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ensureAbsent(change.tables.delete(table));
  },

  /** Deletes all rules of all chains of a table. @throws NetlinkError `ENOENT` when there is no such table */
  *flush(table: TableRef, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* transaction([change.tables.flush(table)]);
  },
};
