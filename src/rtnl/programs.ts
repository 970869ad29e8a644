/** What a client has: one table of programs an object, under the object's name. Both clients are made from it. */
import { addressPrograms } from './address/programs.ts';
import { fdbPrograms } from './fdb/programs.ts';
import { linkPrograms } from './link/programs.ts';
import { neighborPrograms } from './neighbor/programs.ts';
import { routePrograms } from './route/programs.ts';
import { statsPrograms } from './stats/programs.ts';

export const rtnlPrograms = {
  addresses: addressPrograms,
  fdb: fdbPrograms,
  links: linkPrograms,
  neighbors: neighborPrograms,
  routes: routePrograms,
  stats: statsPrograms,
} as const;
