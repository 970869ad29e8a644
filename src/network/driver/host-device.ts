/** An endpoint that is a link of the host's, given away: a card, a virtual function. It comes back as it was. */
import { statSync } from 'node:fs';
import { InputError } from '../../netlink/errors.ts';
import { ask, type Program, type SectionStep } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { findLink, linkRequest } from '../../rtnl/link/reference.ts';
import type { LinkRead } from '../../rtnl/link/view.ts';
import { linkGroup } from '../name.ts';
import type { NetworkDefinition } from '../record.ts';
import { setting } from '../requests.ts';
import { describedDevice } from './given-device.ts';
import { loopbackIndex } from './loopback-up.ts';
import { recordDriver } from './record-links.ts';

export const hostDeviceDriver = recordDriver(
  function* ({ state, target, subject, link }) {
    if (target.id === (yield* ownNamespace()))
      throw new InputError('netns', `the ${target.describe} is the one that the link is to be given away from`);
    const device = yield* givable(state.definition);
    return {
      was: device.name!,
      also: yield* describedDevice(link, device),
      *make(name, nsid) {
        const { mtu } = state.definition;
        // in one message, or it could be in the namespace under a name that nobody finds it by
        yield* ask(setting({ index: device.index, name, netnsFd: target.fd, ...(mtu === undefined ? {} : { mtu }) }, subject), 'outcome');
        return (yield* ask(linkRequest({ name }, subject, { targetNetnsid: nsid }), 'always')).index;
      },
    };
  },
  function* (definition) {
    yield* givable(definition);
    return definition;
  },
);

/** @throws NotFoundError and InputError naming `parent` */
function* givable({ parent }: NetworkDefinition): Program<LinkRead> {
  const device = yield* findLink(parent!, 'parent');
  if (device.group === linkGroup) throw new InputError('parent', `link ${show(device.name)} is one of a network itself`);
  if (device.index === loopbackIndex || device.name === 'lo') throw new InputError('parent', 'the link "lo" stays where it is');
  return device;
}

/** Device and inode of the namespace that networks are in. */
function* ownNamespace(): Program<string> {
  const look: SectionStep = {
    op: 'section',
    run: () => {
      const { dev, ino } = statSync('/proc/thread-self/ns/net', { bigint: true });
      return `${dev}:${ino}`;
    },
  };
  return (yield look) as string;
}
