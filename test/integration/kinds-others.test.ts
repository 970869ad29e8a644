/** Kinds of links that take more than a namespace: a process, a device, a radio or a serial line that the test makes up. */
import { closeSync, openSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { type CreateLink, open, type RtnlClient } from '../../src/rtnl/index.ts';
import { capture, expectWhole } from '../support/capture.ts';
import { needs, ownMachine } from '../support/kernel.ts';
import { kindTests } from '../support/kinds.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json, sh } from '../support/oracle.ts';
import { alike, comparable } from '../support/picture.ts';
import { serialCan } from '../support/serial.ts';

const below = ['ip link add v0 type veth peer name v1'];
const released = {
  master: 'its port is released',
  info_slave_kind: 'its port is released',
  info_slave_data: 'its port is released',
  address: 'that of its port',
};

kindTests('team', [
  { ip: 'type team', create: {} },
  {
    ip: 'address 02:00:00:00:00:41 type team',
    create: { address: '02:00:00:00:00:41' },
    prepare: below,
    after: [['ip link set v0 master x0'], (rt) => rt.links.update('v0', { master: 'x0' })],
    show: ['ip link show x0', 'ip link show v0'],
    again: { ...released, flags: 'a team sets its ports up', operstate: 'a team sets its ports up' },
  },
]);
kindTests('batadv', [
  { ip: 'type batadv', create: {} },
  {
    ip: 'type batadv ra BATMAN_V',
    create: { data: { algoName: 'BATMAN_V' } },
    prepare: below,
    after: [['ip link set v0 master x0'], (rt) => rt.links.update('v0', { master: 'x0' })],
    show: ['ip link show x0', 'ip link show v0'],
    again: released,
  },
]);
kindTests('vsockmon', [{ ip: 'type vsockmon', create: {} }]);

const ours = uniqueName('ko');
const theirs = uniqueName('kt');
const spaces: netns.Netns[] = [];
const closers: (() => void)[] = [];
let rt: RtnlClient;
beforeAll(async () => {
  for (const name of [ours, theirs]) spaces.push(await netns.create(name));
  rt = await open({ netns: ours });
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
afterAll(async () => {
  rt.close();
  for (const namespace of spaces) {
    await namespace.delete();
    namespace.close();
  }
});
const names = (): string[] => ip(['link', 'show'], { netns: ours }).map((link) => link.ifname);
const show = (name: string, place: string | number): Json => comparable(ip(['link', 'show', name], { netns: place }));
const expectAlike = (actual: Json, expected: Json, given: string): void => {
  expect(alike(actual, expected, given)).toEqual(alike(expected, expected, given));
};

needs({ kind: 'ppp' }, { feature: 'a /dev/ppp that may be opened', missing: () => !opens('/dev/ppp') }).test('ppp', async ({ task }) => {
  task.meta.kind = 'ppp';
  const opened = (): number => {
    const fd = openSync('/dev/ppp', 'r+');
    closers.push(() => closeSync(fd));
    return fd;
  };
  const link = await rt.links.create({ kind: 'ppp', name: 'x0', data: { devFd: opened() }, mtu: 1400 });
  expect(link).toMatchObject({ kind: 'ppp', name: 'x0', mtu: 1400 });
  expect(ip(['link', 'show', 'x0'], { netns: ours })).toMatchObject([{ mtu: 1400, link_type: 'ppp', linkinfo: { info_kind: 'ppp' } }]);
  expect(await rt.links.list({ kind: 'ppp' })).toEqual([link]);
  await rt.links.update('x0', { mtu: 1300, txQueueLength: 7 });
  expect(ip(['link', 'show', 'x0'], { netns: ours })).toMatchObject([{ mtu: 1300, txqlen: 7 }]);
  // one link a descriptor, and none without
  await expect(rt.links.create({ ...link, name: 'x1' })).rejects.toMatchObject({ code: 'EINVAL' });
  await rt.links.delete('x0');
  expect(names()).toEqual(['lo']);
  await rt.links.create({ kind: 'ppp', name: 'x2', data: { devFd: opened() } });
  expect(names()).toContain('x2');
  for (const close of closers.splice(0)) close();
  await expect.poll(names, { timeout: 60_000 }).toEqual(['lo']);
});

needs({ kind: 'netkit' }, { kernel: { atLeast: '6.12', why: 'scrubbing by netkit (6.13 and stable releases of 6.12)' } }).test(
  'netkit: what of a packet is kept',
  async ({ task }) => {
    task.meta.kind = 'netkit';
    // no ip(8) at hand shows it: the kernel says it itself
    const data = { mode: 'l2', scrub: 'none', peerScrub: 'default' } as const;
    const link = await rt.links.create({ kind: 'netkit', name: 'x0', data, peer: 'x1' });
    expect(link.data).toMatchObject({ ...data, primary: true });
    // each end says it of itself first
    expect((await rt.links.get('x1')).data).toMatchObject({ scrub: 'default', peerScrub: 'none', primary: false });
    const listed = (await rt.links.list({ kind: 'netkit' })).find(({ name }) => name === 'x0')!;
    await rt.links.delete('x0');
    expect((await rt.links.create({ ...listed, name: 'x2' })).data).toEqual(listed.data);
    await rt.links.delete('x2');
    expect(names()).toEqual(['lo']);
  },
);

function opens(path: string): boolean {
  try {
    closeSync(openSync(path, 'r+'));
    return true;
  } catch {
    return false;
  }
}

needs(ownMachine, { module: 'slcan' }).test('can: a controller at a serial line', async ({ task }) => {
  task.meta.kind = 'can';
  for (const place of [theirs, ours]) {
    const { name, close } = serialCan();
    closers.push(close);
    sh(`nsenter -t 1 -n ip link set ${name} name x0 netns /run/netns/${place}`);
  }
  const command = 'ip link set x0 txqueuelen 77 type can bitrate 500000';
  const before = show('x0', theirs);
  expectAlike(show('x0', ours), before, command);
  const sent = capture([command], theirs);
  await rt.links.update('x0', { txQueueLength: 77, data: { bittiming: { bitrate: 500_000 } } });
  const expected = show('x0', theirs);
  expect(expected).not.toEqual(before);
  expectAlike(show('x0', ours), expected, command);
  for (const message of sent) expectWhole(message);
  const [listed] = await rt.links.list({ kind: 'can' });
  expect(listed).toMatchObject({ name: 'x0', data: { state: 'STOPPED', bittiming: { bitrate: 500_000 } } });
  // what a listing shows can be said again
  await rt.links.update('x0', { data: { bittiming: { bitrate: 125_000 } } });
  expect(alike(show('x0', ours), expected, command)).not.toEqual(alike(expected, expected, command));
  await rt.links.update('x0', { data: { bittiming: (listed!.data as { bittiming: object }).bittiming } });
  expectAlike(show('x0', ours), expected, command);
  await expect(rt.links.create({ kind: 'can', name: 'x1' } as CreateLink)).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
});

/** Radios stay in the namespace that they were made in: that of the machine. */
needs(ownMachine, { module: 'mac802154_hwsim' }, { kind: 'lowpan' }).test('lowpan', async ({ task }) => {
  task.meta.kind = 'lowpan';
  const machine = await open({ netns: 1 });
  try {
    const add = 'ip link add link wpan0 name x0 type lowpan';
    const sent = capture([add], '/proc/1/ns/net');
    const expected = show('x0', 1);
    ipText(['link', 'del', 'x0'], { netns: 1 });
    for (const message of sent) expectWhole(message);
    await machine.links.create({ kind: 'lowpan', name: 'x0', link: 'wpan0' });
    expectAlike(show('x0', 1), expected, add);
    const [listed] = await machine.links.list({ kind: 'lowpan' });
    await machine.links.delete(listed!);
    await machine.links.create(listed!);
    expectAlike(show('x0', 1), expected, add);
    await machine.links.delete('x0');
  } finally {
    machine.close();
  }
});

test('what comes with hardware, or is made another way, is refused as the kernel refuses it', async () => {
  for (const kind of ['can', 'dsa', 'openvswitch', 'netdevsim'])
    await expect(rt.links.create({ kind, name: 'x0' } as CreateLink)).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
  expect(names()).toEqual(['lo']);
});
