/** What others have taken away, rules or the link itself: `check` tells, `gc` and `attach` bring back what there is a record of, and nothing of it keeps an endpoint from being removed. */
import { network } from 'netloom';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deleteSpaces, newSpace, picture, type Space } from '../support/network.ts';
import { ipText, nftLoad, nftText } from '../support/oracle.ts';

let host: Space;
let red: Space;
beforeEach(() => {
  host = newSpace('h');
  red = newSpace('r');
});
afterEach(deleteSpaces);

const subnets = ['10.20.0.0/24', 'fd00:20::/64'];
const ports = [{ hostPort: 80 }];

/** The ruleset without what counts packets and says who made what when. */
const rules = (): string => nftText({ netns: host.name }).replaceAll(/ packets \d+ bytes \d+/g, '');
const sorted = (): string[] => rules().split('\n').sort();

test.each(['bridge', 'ptp'] as const)('gc brings back the rules of networks when somebody has flushed the ruleset: %s', async (driver) => {
  const kept = { masquerade: true, isolate: true, publishedOnly: true, spoofCheck: true };
  await using net = await network.create({ name: 'web', driver, subnets, ...kept, netns: host });
  const endpoint = await net.attach({ netns: red, owner: 'c', ports });
  const before = sorted();
  nftLoad('flush ruleset', { netns: host.name });
  const gone = await endpoint.check();
  for (const what of ['spoofCheck', '(masquerade)', driver === 'bridge' ? '(isolation)' : 'do not know its link', 'port 80'])
    expect(gone.join('\n')).toContain(what);
  expect(await net.gc(['c'])).toEqual({ endpoints: [], incomplete: 0, busy: [] });
  expect(await endpoint.check()).toEqual(['its port 80 of tcp is not published']);
  await endpoint.publish(ports);
  expect(await endpoint.check()).toEqual([]);
  expect(sorted()).toEqual(before);
  // once is enough
  await network.gc(['c'], { netns: host });
  expect(sorted()).toEqual(before);
});

test('attach makes the table of the links anew when somebody has deleted it, and knows all of them', async () => {
  await using net = await network.create({ name: 'web', driver: 'ptp', subnets, isolate: true, netns: host });
  const first = await net.attach({ netns: red, owner: 'a' });
  nftLoad('flush ruleset', { netns: host.name });
  const second = await net.attach({ netns: newSpace('b'), owner: 'b' });
  expect(await Promise.all([first.check(), second.check()])).toEqual([[], []]);
  expect(rules()).toContain(first.hostLink);
});

test('what is not known of an endpoint any more in one place is removed in the others', async () => {
  await using net = await network.create({ name: 'web', subnets, spoofCheck: true, netns: host });
  await net.attach({ netns: red, owner: 'before', ports }).then((endpoint) => endpoint.detach());
  const before = picture(host);
  const endpoint = await net.attach({ netns: red, owner: 'c', ports });
  nftLoad('flush set bridge netloom-guard addresses4; flush set inet netloom-ports self4', { netns: host.name });
  await endpoint.detach();
  expect(picture(host)).toEqual(before);
  const again = await net.attach({ netns: red, owner: 'c', ports });
  nftLoad('flush set inet netloom-ports endpoints', { netns: host.name });
  expect(await again.check()).toEqual(['its port 80 of tcp is not published']);
  await again.publish(ports);
  expect(await again.check()).toEqual([]);
  await again.detach();
  expect(picture(host)).toEqual(before);
});

test('check tells that the link was moved on to another namespace', async () => {
  await using net = await network.create({ name: 'web', subnets, netns: host });
  const endpoint = await net.attach({ netns: red, owner: 'c' });
  ipText(['link', 'set', 'eth0', 'netns', newSpace('b').name], { netns: red.name });
  expect(await endpoint.check()).toContain('its link is in another namespace');
  ipText(['link', 'set', endpoint.hostLink, 'up'], { netns: host.name });
  expect(await endpoint.detach()).toBe(true);
});
