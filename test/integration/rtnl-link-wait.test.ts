/** Waiting for a link, on a real kernel. */
import { netns, rtnl } from 'netloom';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { uniqueName } from '../support/names.ts';
import { ipText } from '../support/oracle.ts';

const name = uniqueName('lw');
let ns: netns.Netns;
let rt: rtnl.RtnlClient;

beforeEach(async () => {
  ns = await netns.create(name);
  rt = await rtnl.open({ netns: ns });
});

afterEach(async () => {
  rt.close();
  await ns.delete();
});

const ip = (...words: string[]): string => ipText(words, { netns: name });

test('what is so already is not waited for', async () => {
  expect(await rt.links.waitUntil('lo', 'present')).toMatchObject({ name: 'lo' });
  expect(await rt.links.waitUntil('nosuch', 'absent')).toBeUndefined();
});

test('a link comes, becomes operational, and goes, each told when it is so', async () => {
  const present = rt.links.waitUntil('v0', 'present');
  const operational = rt.links.waitUntil('v0', 'operational');
  const group = rt.links.waitUntil('v0', (link) => link?.group === 7);
  ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  expect(await present).toMatchObject({ name: 'v0', kind: 'veth' });
  ip('link', 'set', 'v0', 'up');
  ip('link', 'set', 'v0', 'group', '7');
  expect(await group).toMatchObject({ group: 7 });
  // a veth has a carrier when both of its ends are up
  expect((await rt.links.get('v0')).operState).not.toBe('up');
  ip('link', 'set', 'v1', 'up');
  expect(await operational).toMatchObject({ up: true, operState: 'up' });
  const absent = rt.links.waitUntil({ index: (await rt.links.get('v0')).index }, 'absent');
  ip('link', 'del', 'v1');
  expect(await absent).toBeUndefined();
});

test('a link that gets the name, and one that has it as an alternative', async () => {
  ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  const renamed = rt.links.waitUntil('eth0', 'present');
  const other = rt.links.waitUntil('a-long-alternative-name', 'present');
  ip('link', 'set', 'v0', 'name', 'eth0');
  expect(await renamed).toMatchObject({ name: 'eth0' });
  // the kernel announces it only of a link that is up
  ip('link', 'set', 'v1', 'up');
  ip('link', 'property', 'add', 'dev', 'v1', 'altname', 'a-long-alternative-name');
  expect(await other).toMatchObject({ name: 'v1' });
});

test('what does not come in time, is given up, or is asked of a closed client', async () => {
  await expect(rt.links.waitUntil('v0', 'present', { timeout: 30 })).rejects.toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
  const stop = new AbortController();
  const given = rt.links.waitUntil('v0', 'present', { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  const pending = rt.links.waitUntil('v0', 'present');
  setImmediate(() => rt.close());
  await expect(pending).rejects.toMatchObject({ code: 'ERR_CLOSED' });
});

test('bad input, and a condition that throws', async () => {
  await expect(rt.links.waitUntil('lo', 'sometimes' as never)).rejects.toMatchObject({ name: 'InputError', argument: 'condition' });
  await expect(rt.links.waitUntil('no/name', 'present')).rejects.toMatchObject({ name: 'InputError', argument: 'link' });
  await expect(
    rt.links.waitUntil('lo', () => {
      throw new Error('mine');
    }),
  ).rejects.toThrow('mine');
});
