/** An endpoint that is a link of the host's, given away: a card, a virtual function. It comes back under the name it had, down. */
import { ask } from '../../netlink/program.ts';
import { findLink, linkRequest } from '../../rtnl/link/reference.ts';
import { setting } from '../requests.ts';
import { parentIndex, recordDriver } from './record-links.ts';

export const hostDeviceDriver = recordDriver(
  function* ({ state, target, subject }) {
    const device = yield* findLink(state.definition.parent!, 'parent');
    return {
      was: device.name!,
      *make(name, nsid) {
        const { mtu } = state.definition;
        // in one message, or it could be in the namespace under a name that nobody finds it by
        yield* ask(setting({ index: device.index, name, netnsFd: target.fd, ...(mtu === undefined ? {} : { mtu }) }, subject), 'outcome');
        return (yield* ask(linkRequest({ name }, subject, { targetNetnsid: nsid }), 'always')).index;
      },
    };
  },
  function* (definition) {
    yield* parentIndex(definition);
  },
);
