/** Changes of tables. */
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { deleteRule } from '../rule.ts';
import { deleteTable, describeTable, destroyTable, newTable, type Table, type TableRef, tableKey, tableToWire } from '../table.ts';
import { type Change, checkObject, echoed, plain } from './shared.ts';

function ensure(table: Table): Change {
  checkObject(table, 'a table');
  return plain(newTable, tableToWire(table), describeTable(table), NLM_F_CREATE);
}

export const tables = {
  /** A new table; the transaction fails with EEXIST if there is one of the name. */
  create: (table: Table): Change => {
    checkObject(table, 'a table');
    return echoed(newTable, tableToWire(table), describeTable(table), NLM_F_CREATE | NLM_F_EXCL);
  },
  /** A table, unless there is one: that keeps what it holds, and its comment, and becomes dormant or awake as `flags` says, if given. */
  ensure,
  /** The same, by the name it has in nft(8). */
  add: ensure,
  /** Deletes a table with all it holds; ENOENT if there is none. */
  delete: (table: TableRef): Change => {
    checkObject(table, 'a table');
    return plain(deleteTable, tableKey(table), describeTable(table));
  },
  /** Deletes a table with all it holds, if there is one; needs Linux 6.3. */
  destroy: (table: TableRef): Change => {
    checkObject(table, 'a table');
    return plain(destroyTable, tableKey(table), describeTable(table));
  },
  /** Deletes a table with all it holds, if there is one; on every kernel. */
  ensureAbsent: (table: TableRef): Change => ({
    requests: [...ensure({ family: table.family, name: table.name }).requests, ...tables.delete(table).requests],
  }),
  /** Deletes all rules of all chains of a table. */
  flush: (table: TableRef): Change => {
    checkObject(table, 'a table');
    const { family, name } = tableKey(table);
    return plain(deleteRule, { family: family!, table: name! }, `rules of ${describeTable(table)}`);
  },
};
