/** What is taken already, found by looking alone: an attach is told the same by the kernel, once it has changed something. */
import { holding, type Program, scoped } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import { type AttachOptions, checkAttach } from './attach-options.ts';
import { addressTaken } from './claim.ts';
import { nameTaken, refusePresent } from './driver/room.ts';
import { addressAltName, endpointLinkName } from './name.ts';
import type { NetworkDefinition } from './record.ts';
import { linkOf, linkOfAltName } from './requests.ts';

/** @throws NetloomError `EEXIST` for an endpoint, or a link of its namespace, that is there; `EADDRINUSE` for an address that another one has */
export function* refuseTaken(definition: NetworkDefinition, options: AttachOptions): Program<void> {
  const { owner, ifname, addresses } = checkAttach(options, definition);
  const { name, driver } = definition;
  const link = endpointLinkName(name, owner, ifname);
  yield* refusePresent(link, `endpoint ${show(ifname)} of ${show(owner)}`, definition);
  // what is half made has its link and its addresses, which go with it
  const present = yield* linkOf(link);
  if (present === undefined && driver !== 'loopback')
    yield* holding(options.netns, 'netns', function* (target): Program<void> {
      if ((yield* scoped(target, linkOf(ifname))) !== undefined) throw nameTaken(ifname, target!);
    });
  for (const { address, argument } of addresses) {
    const holder = address === undefined ? undefined : yield* linkOfAltName(addressAltName(name, address));
    if (holder !== undefined && holder.index !== present?.index) throw addressTaken(argument, address!, name);
  }
}
