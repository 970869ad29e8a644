/**
 * Reaching published ports by 127.0.0.1. The kernel routes nothing with such an address over any link but `lo`, unless it is told to (route_localnet,
 * Documentation/networking/ip-sysctl.rst); and then it would let endpoints at what listens on the host's 127.0.0.1 alone, too (CVE-2020-8558). So what comes from them to
 * such addresses is dropped before that is allowed.
 */
import { ask, type Program, readSysctl, writeSysctl } from '../../netlink/program.ts';
import { show } from '../../netlink/scalar.ts';
import { linkRequest } from '../../rtnl/link/reference.ts';
import { ensureLocalhostGuard } from '../firewall.ts';

/** What makes the kernel route such addresses over a link. */
export function localhostSysctl(link: string): string {
  return `net.ipv4.conf.${link.replaceAll('.', '/')}.route_localnet`;
}

/** A link, and what it was called when it was last looked at. */
export interface NamedLink {
  readonly index: number;
  readonly name: string;
}

/** Lets the host reach endpoints from 127.0.0.1, and endpoints not the other way. @param link what leads to them */
export function* routeLocalhost(network: string, link: NamedLink): Program<void> {
  // somebody may have given it another name since
  const { name = link.name } = yield* ask(linkRequest({ index: link.index }, `link ${show(link.name)}`));
  const sysctl = localhostSysctl(name);
  yield* ensureLocalhostGuard(network);
  if ((yield* readSysctl(sysctl)) !== '1') yield* writeSysctl(sysctl, '1');
}
