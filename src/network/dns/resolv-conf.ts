/** The text of resolv.conf(5). */
import { checkDns, type Dns } from './options.ts';

/**
 * What a container's resolv.conf says: `resolvConf(endpoint.dns ?? {})`. The C library asks the first three servers alone.
 *
 * @throws InputError naming the member of `dns` that is wrong
 */
export function resolvConf(dns: Dns): string {
  checkDns(dns, 'dns');
  const { servers = [], search = [], options = [] } = dns;
  const lines = servers.map((server) => `nameserver ${server}`);
  if (search.length > 0) lines.unshift(`search ${search.join(' ')}`);
  if (options.length > 0) lines.push(`options ${options.join(' ')}`);
  return lines.map((line) => `${line}\n`).join('');
}
