/**
 * Reaching published ports by 127.0.0.1. The kernel routes nothing with such an address over any link but `lo`, unless it is told to (route_localnet,
 * Documentation/networking/ip-sysctl.rst); and then it would let endpoints at what listens on the host's 127.0.0.1 alone, too (CVE-2020-8558). So what comes from them to
 * such addresses is dropped before that is allowed.
 */
import { type Program, readSysctl, writeSysctl } from '../../netlink/program.ts';
import { ensureLocalhostGuard } from '../firewall.ts';

/** Lets the host reach endpoints from 127.0.0.1, and endpoints not the other way. */
export function* routeLocalhost(network: string, link: string): Program<void> {
  const sysctl = `net.ipv4.conf.${link.replaceAll('.', '/')}.route_localnet`;
  yield* ensureLocalhostGuard(network);
  if ((yield* readSysctl(sysctl)) !== '1') yield* writeSysctl(sysctl, '1');
}
