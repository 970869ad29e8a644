/** What errors say of names that are not known: all that there are, or those that are spelled nearly like it. */
import { describe, expect, it } from 'vitest';
import { getLink, InputError, sync } from '../../src/index.ts';
import { meant, nearest, noneOf, withChoices } from '../../src/netlink/choices.ts';
import { enumeration, flags } from '../../src/netlink/enumeration.ts';
import { checkMembers, checkOptions } from '../../src/netlink/input.ts';
import { u32 } from '../../src/netlink/scalar.ts';
import { Writer } from '../../src/netlink/writer.ts';
import { ip, tcp } from '../../src/nft/index.ts';
import { linearize } from '../../src/nft/linearize/linearize.ts';

const many = ['name', 'mtu', 'address', 'broadcast', 'txQueueLength', 'group', 'alias', 'arp', 'multicast', 'allMulticast'].concat([
  'promisc',
  'dynamic',
  'linkMode',
  'vlanId',
  'master',
  'port',
  'netns',
  'peer',
]);

function message(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('names that are spelled nearly like another', () => {
  it.each([
    ['nmae', ['name']],
    ['vlan_id', ['vlanId']],
    ['VLAN-ID', ['vlanId']],
    ['addr', ['address']],
    ['broadcst', ['broadcast']],
    ['netnss', ['netns']],
    ['multicats', ['multicast']],
    ['gateway', []],
    ['x', []],
    ['', []],
  ])('%s: %j', (name, expected) => {
    expect(nearest(name, many)).toEqual(expected);
  });

  it('names several that are equally near, three at most', () => {
    expect(nearest('mcst', ['mast', 'most', 'must', 'mist', 'elsewhere'])).toEqual(['mast', 'most', 'must']);
  });
});

describe('what a message says', () => {
  it('lists few, asks about many, and lists many when none is near', () => {
    expect(noneOf('blu', ['red', 'blue'])).toBe('"blu" is none of red, blue');
    expect(noneOf('nmae', many)).toBe('"nmae" is none of 18 names (did you mean name?)');
    expect(noneOf(7, many)).toBe(`7 is none of ${many.join(', ')}`);
    expect(withChoices('is no option', 'vlanid', many)).toBe('is no option (did you mean vlanId?)');
    expect(withChoices('is no option', 'zz', many)).toBe(`is no option; it has ${many.join(', ')}`);
    expect(withChoices('is no option', 'zz', [])).toBe('is no option; it has none');
    expect(meant('nmae', many)).toBe(' (did you mean name?)');
    expect(meant('zz', many)).toBe('');
  });

  it('does not list hundreds', () => {
    const hundreds = Array.from({ length: 200 }, (_, i) => `name${i}`);
    expect(noneOf('zz', hundreds)).toMatch(/^"zz" is none of name0, .*name59 and 140 more$/);
  });

  it('of options, members, enumerations and flags', () => {
    expect(message(() => checkOptions({ b: 1 }, 'options', new Set(['a'])))).toBe(
      'b: is no option of this call; it has a, signal, timeout',
    );
    expect(message(() => checkMembers({ b: 1 }, '', new Set(['a'])))).toBe('b: is no option of this call; it has a');
    const names = Object.fromEntries(many.map((name, i) => [name, i]));
    expect(message(() => enumeration(u32, names).encode(new Writer(), 'nmae'))).toBe('"nmae" is none of 18 names (did you mean name?)');
    expect(message(() => flags(u32, names).valueOf(['peeer']))).toBe('"peeer" is none of 18 names (did you mean peer?)');
  });

  it('of the builders, which know `netns` as well', async () => {
    const misspelt: object = { netsn: 'red' };
    expect(message(() => sync.getLink('lo', misspelt))).toBe(
      'netsn: is no option of this call; it has netns, stats, families, vfs, targetNetnsid, signal, timeout',
    );
    await expect(getLink('lo', misspelt)).rejects.toThrow('it has netns, stats');
    const route: object = { to: 'default', dev: 'lo', netsn: 'red' };
    expect(message(() => sync.addRoute(route as never))).toBe('netsn: is no option of this call (did you mean netns?)');
  });

  it('of the settings of a kind of links, and of the kind itself', () => {
    const make = (spec: object) => message(() => sync.createLink(spec as never));
    expect(make({ kind: 'vlan', name: 'x', link: 1, data: { vid: 5 } })).toMatch(
      /^data\.vid: IFLA_VLAN has no such attribute; it has id, flags, egressQos, ingressQos, protocol$/,
    );
    expect(make({ kind: 'bridge', name: 'x', data: { stp_state: 1 } })).toBe(
      'data.stp_state: IFLA_BR has no such attribute (did you mean stpState?)',
    );
    expect(make({ kind: 'brigde', name: 'x', data: { stpState: 'kernel' } })).toMatch(
      /^data: expected a Uint8Array, as the kind "brigde" is none of \d+ names \(did you mean bridge\?\)$/,
    );
  });

  it('of the fields and statements of nft', () => {
    const missing = (of: object, name: string) => message(() => (of as Record<string, unknown>)[name]);
    expect(missing(ip, 'sadr')).toMatch(/^ip has no "sadr"(; it has .*\bsaddr\b| \(did you mean saddr\?\))/);
    expect(missing(tcp, 'dportt')).toMatch(/^tcp has no "dportt"(; it has .*\bdport\b| \(did you mean dport\?\))/);
    expect(message(() => linearize('inet', [{ acept: null } as never]))).toMatch(/acept.*did you mean accept\?/);
  });
});
