/** Alternative names of links that exist, with ip(8) as witness. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, openSync, type RtnlClient, type RtnlClientSync } from '../../src/rtnl/index.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText } from '../support/oracle.ts';

const place = uniqueName('an');
let space: netns.Netns;
beforeAll(async () => {
  space = await netns.create(place);
});
afterAll(async () => {
  await space.delete();
  space.close();
});
const shown = (link: string): string[] => ip(['link', 'show', link], { netns: place })[0].altnames ?? [];

describe.each([
  ['async', (): Promise<RtnlClient> => open({ netns: place })],
  ['sync', (): Promise<RtnlClientSync> => Promise.resolve(openSync({ netns: place }))],
] as const)('%s alternative names', (_name, openClient) => {
  let rt: RtnlClient | RtnlClientSync;
  beforeAll(async () => {
    rt = await openClient();
    ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], { netns: place });
  });
  afterAll(async () => {
    await rt.links.delete('v0');
    rt.close();
  });
  const rejects = (call: () => unknown) => expect(async () => await call()).rejects;
  const long = 'an alternative name'.replaceAll(' ', '-');

  test('are added and removed, all of them or none', async () => {
    await rt.links.addAltNames('v0', [long, 'other']);
    expect(shown('v0').sort()).toEqual([long, 'other']);
    expect((await rt.links.get(long)).name).toBe('v0');
    await rt.links.addAltNames('v1', ['taken']);

    // the second is taken: the first goes again
    await rejects(() => rt.links.addAltNames('v0', ['third', 'taken', 'fourth'])).toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
    expect(shown('v0').sort()).toEqual([long, 'other']);
    // one that it has: it keeps it
    await rejects(() => rt.links.addAltNames('v0', ['third', 'other'])).toMatchObject({ code: 'EEXIST' });
    expect(shown('v0').sort()).toEqual([long, 'other']);
    // one that it lacks: the first comes back
    await rejects(() => rt.links.removeAltNames('v0', ['other', 'nosuch'])).toMatchObject({ name: 'NetlinkError', code: 'ENOENT' });
    expect(shown('v0').sort()).toEqual([long, 'other']);

    await rt.links.removeAltNames('other', [long]);
    expect(shown('v0')).toEqual(['other']);
    await rt.links.removeAltNames('v0', ['other']);
    expect(shown('v0')).toEqual([]);
    await rt.links.removeAltNames('taken', ['taken']);
  });

  test('bad input', async () => {
    const bad: readonly (readonly [unknown, string])[] = [
      ['x', 'names'],
      [[], 'names'],
      [['a/b'], 'names[0]'],
      [['a', 'a'], 'names[1]'],
      [['a', 'x'.repeat(128)], 'names[1]'],
      [[5], 'names[0]'],
    ];
    for (const [names, argument] of bad)
      await rejects(() => rt.links.addAltNames('v0', names as string[])).toMatchObject({ name: 'InputError', argument });
    await rejects(() => rt.links.addAltNames('nosuch', ['a'])).toMatchObject({ name: 'NotFoundError', argument: 'link' });
    expect(shown('v0')).toEqual([]);
  });
});
