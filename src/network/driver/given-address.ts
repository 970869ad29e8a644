/** Addresses of links that are given away, as words of a record: `10.0.0.1_24,b=10.0.0.255`, `fd00--1_64,f=2`. An alternative name has room for 127 bytes, so what is usual is left out. */
import { type Address, toAddress } from '../../rtnl/address/address.ts';
import { addressFlags, settableAddressFlags } from '../../rtnl/address/flags.ts';
import type { AddressMessage } from '../../rtnl/address/message.ts';
import type { AddressSpec } from '../../rtnl/address/spec.ts';
import { scope } from '../../rtnl/scope.ts';

/** @param link name of the link @returns nothing for what somebody else gives it again: addresses with an end of their own, which come from a router or by DHCP */
export function formatGivenAddress(wire: AddressMessage, link: string | undefined): string[] {
  const own = toAddress(wire, link);
  if (own === undefined || !own.flags.includes('permanent')) return [];
  const { address, family, peer, broadcast, flags, metric, protocol, label } = own;
  const settable = addressFlags.valueOf(flags) & settableAddressFlags;
  const words = [
    wordOf(address),
    ...(peer === undefined ? [] : [`p=${wordOf(peer)}`]),
    ...(broadcast === undefined ? [] : [`b=${broadcast}`]),
    // the kernel chooses that of an IPv6 address
    ...(family === 'inet6' || own.scope === 'global' ? [] : [`s=${scope.valueOf(own.scope)}`]),
    ...(settable === 0 ? [] : [`f=${settable.toString(16)}`]),
    ...(metric === undefined ? [] : [`m=${metric}`]),
    ...(protocol === undefined ? [] : [`o=${protocol}`]),
    // last: there may be anything in it
    ...(label === undefined || label === link ? [] : [`l=${label}`]),
  ];
  return [words.join(',')];
}

/** The reverse. */
export function parseGivenAddress(text: string): AddressSpec {
  const [, before, label] = /^(.*?)(?:,l=(.*))?$/s.exec(text)!;
  const [address, ...words] = before!.split(',');
  const said = (what: string): string | undefined => words.find((word) => word.startsWith(`${what}=`))?.slice(2);
  const [peer, broadcast, scopeNumber, flags, metric, protocol] = ['p', 'b', 's', 'f', 'm', 'o'].map(said);
  return {
    address: textOf(address!),
    ...(peer === undefined ? {} : { peer: textOf(peer) }),
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(scopeNumber === undefined ? {} : { scope: scope.nameOf(Number(scopeNumber)) }),
    ...(flags === undefined ? {} : { flags: addressFlags.namesOf(Number.parseInt(flags, 16)) }),
    ...(metric === undefined ? {} : { metric: Number(metric) }),
    ...(protocol === undefined
      ? {}
      : { protocol: (/^\d+$/.test(protocol) ? Number(protocol) : protocol) as NonNullable<Address['protocol']> }),
    ...(label === undefined ? {} : { label }),
  };
}

/** A colon separates a label from a link's name, and a slash is in no name at all. */
function wordOf(address: string): string {
  return address.replaceAll(':', '-').replace('/', '_');
}

function textOf(word: string): string {
  return word.replaceAll('-', ':').replace('_', '/');
}
