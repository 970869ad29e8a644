/** The forwarding switch. Source: Documentation/networking/ip-sysctl.rst. */
import type { IpFamily } from '../netlink/address.ts';
import { InputError } from '../netlink/errors.ts';
import { checkOptions } from '../netlink/input.ts';
import { type Program, readSysctl, within, writeSysctl } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import type { WhereOptions } from './links.ts';

export interface ForwardingOptions extends WhereOptions {
  /** Default: `inet`. Forwarding IPv6 makes a host a router: it stops listening to router advertisements. */
  family?: IpFamily;
}

const switches = { inet: 'net.ipv4.ip_forward', inet6: 'net.ipv6.conf.all.forwarding' } as const;
const members: ReadonlySet<string> = new Set(['family', 'netns']);

/**
 * Makes the namespace forward packets between its links: `net.ipv4.ip_forward` or `net.ipv6.conf.all.forwarding` becomes 1.
 * Nothing is written where it is.
 *
 * @throws InputError, NotFoundError, SystemError `EACCES` without the privilege
 */
export function* enableForwarding(options: ForwardingOptions = {}): Program<void> {
  checkOptions(options, 'options', members);
  const { family = 'inet', netns } = options;
  if (!Object.hasOwn(switches, family)) throw new InputError('family', `expected "inet" or "inet6", got ${show(family)}`);
  const name = switches[family];
  options.signal?.throwIfAborted();
  yield* within(netns, 'netns', function* (): Program<void> {
    if ((yield* readSysctl(name)) !== '1') yield* writeSysctl(name, '1');
  });
}
