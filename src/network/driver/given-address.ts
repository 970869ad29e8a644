/**
 * Addresses of links that are given away, as words of a record: `10.0.0.1_24,b=10.0.0.255`, `fd00--1_64,f=2`. An alternative name has room for 127 bytes, so what is usual is left out, and what does not
 * fit in one is written in several, which begin with the address and a number that they have in common: `fd00--1_64,#0,p=fd00--2_64`.
 */
import { type Address, toAddress } from '../../rtnl/address/address.ts';
import { addressFlags, settableAddressFlags } from '../../rtnl/address/flags.ts';
import type { AddressMessage } from '../../rtnl/address/message.ts';
import type { AddressSpec } from '../../rtnl/address/spec.ts';
import { scope } from '../../rtnl/scope.ts';

/** What an alternative name has room for besides `nl0123456789abc@ip=`. */
const room = 127 - 19;

/**
 * @param link name of the link
 * @param now seconds on the clock that {@link parseGivenAddresses} is told the time of
 * @returns nothing for temporary addresses, which the kernel makes of others by itself
 */
export function formatGivenAddresses(wires: readonly AddressMessage[], link: string | undefined, now: number): string[] {
  return wires.flatMap((wire, number) => {
    const own = toAddress(wire, link);
    if (own === undefined || (own.family === 'inet6' && own.flags.some((flag) => flag === 'temporary' || flag === 'secondary'))) return [];
    const address = wordOf(own.address);
    const words = wordsOf(own, link, now);
    const whole = [address, ...words].join(',');
    if (Buffer.byteLength(whole) <= room) return [whole];
    const texts = [`${address},#${number}`];
    for (const word of words) {
      const longer = `${texts.at(-1)},${word}`;
      if (Buffer.byteLength(longer) <= room) texts[texts.length - 1] = longer;
      else texts.push(`${address},#${number},${word}`);
    }
    return texts;
  });
}

function wordsOf(own: Address, link: string | undefined, now: number): string[] {
  const { family, peer, broadcast, flags, metric, protocol, label, validLifetime, preferredLifetime } = own;
  const settable = addressFlags.valueOf(flags) & settableAddressFlags;
  return [
    ...(peer === undefined ? [] : [`p=${wordOf(peer)}`]),
    ...(broadcast === undefined ? [] : [`b=${broadcast}`]),
    // the kernel chooses that of an IPv6 address
    ...(family === 'inet6' || own.scope === 'global' ? [] : [`s=${scope.valueOf(own.scope)}`]),
    ...(settable === 0 ? [] : [`f=${settable.toString(16)}`]),
    ...(metric === undefined ? [] : [`m=${metric}`]),
    ...(protocol === undefined ? [] : [`o=${protocol}`]),
    // when they end, since the time goes on while the link is away
    ...(validLifetime === Number.POSITIVE_INFINITY ? [] : [`v=${now + validLifetime}`]),
    ...(preferredLifetime === Number.POSITIVE_INFINITY ? [] : [`t=${now + preferredLifetime}`]),
    // last: there may be anything in it
    ...(label === undefined || label === link ? [] : [`l=${label}`]),
  ];
}

/** The reverse, with what is left of their time. Those whose time is over are left out. */
export function parseGivenAddresses(texts: readonly string[], now: number): AddressSpec[] {
  const parts = new Map<string, string>();
  for (const [i, text] of texts.entries()) {
    const [, head, rest = ''] = /^([^,]*,#\d+)(.*)$/s.exec(text) ?? [];
    const key = head ?? `${i}`;
    // the one with the label, if there is one, must come last: alternative names are listed in the order that they were given in
    parts.set(key, head === undefined ? text : `${parts.get(key) ?? head}${rest}`);
  }
  return [...parts.values()].flatMap((text) => parseGivenAddress(text, now));
}

function parseGivenAddress(text: string, now: number): AddressSpec[] {
  const [, before, label] = /^(.*?)(?:,l=(.*))?$/s.exec(text)!;
  const [address, ...words] = before!.split(',');
  const said = (what: string): string | undefined => words.find((word) => word.startsWith(`${what}=`))?.slice(2);
  const [peer, broadcast, scopeNumber, flags, metric, protocol, valid, preferred] = ['p', 'b', 's', 'f', 'm', 'o', 'v', 't'].map(said);
  if (valid !== undefined && Number(valid) <= now) return [];
  return [
    {
      address: textOf(address!),
      ...(peer === undefined ? {} : { peer: textOf(peer) }),
      ...(broadcast === undefined ? {} : { broadcast }),
      ...(scopeNumber === undefined ? {} : { scope: scope.nameOf(Number(scopeNumber)) }),
      ...(flags === undefined ? {} : { flags: addressFlags.namesOf(Number.parseInt(flags, 16)) }),
      ...(metric === undefined ? {} : { metric: Number(metric) }),
      ...(protocol === undefined
        ? {}
        : { protocol: (/^\d+$/.test(protocol) ? Number(protocol) : protocol) as NonNullable<Address['protocol']> }),
      ...(valid === undefined ? {} : { validLifetime: Number(valid) - now }),
      ...(preferred === undefined ? {} : { preferredLifetime: Math.max(0, Number(preferred) - now) }),
      ...(label === undefined ? {} : { label }),
    },
  ];
}

/** A colon separates a label from a link's name, and a slash is in no name at all. */
function wordOf(address: string): string {
  return address.replaceAll(':', '-').replace('/', '_');
}

function textOf(word: string): string {
  return word.replaceAll('-', ':').replace('_', '/');
}
