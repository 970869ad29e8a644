/** The kinds of objects that a monitor can tell of: one line each. */
import { address } from './address.ts';
import { link } from './link.ts';
import { nsid } from './nsid.ts';
import { route } from './route.ts';

export const rtnlKinds = { link, address, route, nsid } as const;
