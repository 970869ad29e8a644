/** Endpoints that are a tap each, which stays when nobody is attached to it: for virtual machines and their like. */
import { ask, scoped } from '../../netlink/program.ts';
import { closeFd } from '../../netlink/sys/socket.ts';
import { openTunLink } from '../../rtnl/link/make-tun.ts';
import { linkRequest } from '../../rtnl/link/reference.ts';
import { setting } from '../requests.ts';
import { recordDriver } from './record-links.ts';

// biome-ignore lint/correctness/useYield: there is nothing to look up
export const tapDriver = recordDriver(function* ({ state, target, mac, subject }) {
  const { user, group, multiQueue, mtu } = state.definition;
  const data = {
    type: 'tap',
    ...(user === undefined ? {} : { owner: user }),
    ...(group === undefined ? {} : { group }),
    ...(multiQueue === undefined ? {} : { multiQueue }),
  };
  return {
    *make(name, nsid) {
      const { fds } = yield* scoped(target, openTunLink({ name, data }, { queues: 1, nonBlocking: false, persist: true }));
      for (const fd of fds) closeFd(fd);
      const { index } = yield* ask(linkRequest({ name }, subject, { targetNetnsid: nsid }), 'always');
      yield* scoped(target, ask(setting({ index, address: mac, ...(mtu === undefined ? {} : { mtu }) }, subject)));
      return index;
    },
  };
});
