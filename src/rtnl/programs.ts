/** What a client has: one table of programs an object, under the object's name. Both clients are made from it. */
import { addressPrograms } from './address/programs.ts';
import { linkPrograms } from './link/programs.ts';
import { routePrograms } from './route/programs.ts';

export const rtnlPrograms = {
  addresses: addressPrograms,
  links: linkPrograms,
  routes: routePrograms,
} as const;
