/** The kinds of objects that a monitor can tell of: one line each. */
import { address } from './address.ts';
import { fdb } from './fdb.ts';
import { link } from './link.ts';
import { neighbor } from './neighbor.ts';
import { nsid } from './nsid.ts';
import { route } from './route.ts';

export const rtnlKinds = { link, address, route, neighbor, fdb, nsid } as const;
