/** What callers say about looking names up, and its checks. */
import { basename, dirname } from 'node:path';
import { parseAddress } from '../../netlink/address.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../netlink/input.ts';
import { show } from '../../netlink/scalar.ts';
import { type NamespaceRef, nameDirectories } from '../../netlink/sys/namespace.ts';

/** What to look names up with: resolv.conf(5). It is handed through to the record, for whoever writes the container's; see `resolvConf`. */
export interface Dns {
  /** Addresses. */
  servers?: readonly string[];
  /** Domains to try for short names. */
  search?: readonly string[];
  /** As in resolv.conf(5): `ndots:2`. */
  options?: readonly string[];
}

const dnsMembers = memberNames<Dns>({ servers: true, search: true, options: true });

/** @throws InputError naming the member that is wrong, below `argument` */
export function checkDns(dns: Dns, argument: string): void {
  if (typeof dns !== 'object' || dns === null || Array.isArray(dns)) checkMembers(dns, argument);
  inArgument(argument, () => checkMembers(dns, '', dnsMembers));
  for (const member of ['servers', 'search', 'options'] as const) {
    const list: unknown = dns[member];
    if (list === undefined) continue;
    if (!Array.isArray(list)) throw new InputError(`${argument}.${member}`, `expected an array, got ${show(list)}`, 'ERR_INVALID_ARG_TYPE');
    for (const [i, text] of (list as readonly unknown[]).entries()) {
      const word = `${argument}.${member}[${i}]`;
      if (member === 'servers') inArgument(word, () => parseAddress(text));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
      else if (typeof text !== 'string' || text === '' || /[\s\x00-\x1f\x7f]/.test(text))
        throw new InputError(word, `expected a word, got ${show(text)}`, 'ERR_INVALID_ARG_TYPE');
    }
  }
}

/** The longest name of a namespace that fits beside the rest of an alternative name. */
const maxNameLength = 100;

/** The name of a namespace, which the folder below /etc/netns has. @throws InputError naming `resolvConf` when it has none */
export function checkedNamespaceName(netns: NamespaceRef): string {
  const name = nameOf(netns);
  if (name === undefined)
    throw new InputError('resolvConf', 'is for namespaces that have a name: the folder below /etc/netns is called by it');
  if (Buffer.byteLength(name) > maxNameLength || /[\s:%]/.test(name))
    throw new InputError('resolvConf', `${show(name)} is too long for this, or has characters that names of links do not have`);
  return name;
}

function nameOf(netns: NamespaceRef): string | undefined {
  if (typeof netns === 'number') return undefined;
  if (typeof netns !== 'string') return netns.name;
  if (!netns.startsWith('/')) return netns;
  return nameDirectories.some((directory) => directory === dirname(netns)) ? basename(netns) : undefined;
}
