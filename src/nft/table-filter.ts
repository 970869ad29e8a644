/** Listing what is in tables. */
import type { Operation } from '../netlink/operation.ts';
import { ask, type Program } from '../netlink/program.ts';
import { isMissing } from './missing.ts';
import { checkName } from './name.ts';
import { type Family, familyNumber, type NfGenMsg } from './nfnetlink.ts';

interface InTable extends NfGenMsg {
  table?: string;
}

/** The objects of a family and table. A table that does not exist has none. `what`: the objects, in the plural, for errors. */
export function* listInTable<W extends InTable>(
  operation: Operation<Partial<NfGenMsg> & { table?: string }, W>,
  filter: { readonly family?: Family; readonly table?: string },
  what: string,
): Program<W[]> {
  const value: Partial<NfGenMsg> & { table?: string } = {};
  if (filter.family !== undefined) value.family = familyNumber(filter.family);
  if (filter.table !== undefined) checkName(filter.table, 'table');
  // sets are the only ones whose dump looks for the table, and fails without a family when there is none of the name: the filter is ours then
  if (filter.table !== undefined && filter.family !== undefined) value.table = filter.table;
  try {
    const found = yield* ask({ operation, flags: 0, value, expects: 'dump', subject: what });
    return filter.table === undefined ? found : found.filter(({ table }) => table === filter.table);
  } catch (error) {
    if (filter.table !== undefined && isMissing(error)) return [];
    throw error;
  }
}
