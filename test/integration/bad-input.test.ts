/**
 * What every builder does with bad input: a typed error that names the argument, and a network that is as it was before. Table-driven: a
 * builder, an argument, and the error, in both forms; `ip -d -j` and `nft -j` are the witnesses.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as netloom from 'netloom';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';
import { uniqueName } from '../support/names.ts';
import { ip as ipJson, ipText, type Json, limit, nftLoad, sh } from '../support/oracle.ts';
import { type Snapshot, snapshot } from '../support/state.ts';

const { netns, nft, rtnl, sync } = netloom;
const tree = fileURLToPath(new URL('../..', import.meta.url));

/** The builders as functions that may be awaited, whichever form they are, and that take anything. */
// biome-ignore lint/suspicious/noExplicitAny: bad input is the subject
type Builders = Record<keyof typeof sync, (...args: any[]) => unknown>;
const forms: [string, Builders][] = [
  ['asynchronous', netloom as unknown as Builders],
  ['synchronous', sync as unknown as Builders],
];

type Named = netloom.netns.Netns & { name: string };
const [red, blue] = ['r', 'b'].map((prefix) => netns.createSync(uniqueName(prefix)) as Named) as [Named, Named];
const closed = netns.openSync(red);
closed.close();
/** A process that is gone: the highest id but one that Linux gives. */
const gone = 4_194_303;

let before: State[];
let glimpse: string;
type State = Omit<Snapshot, 'namespaces'>;
/** Both namespaces and the one of this process, as they are. The names in /run/netns are not: other test files make some meanwhile. */
function state(): State[] {
  return [red.name, blue.name, undefined].map((where) => {
    const { namespaces: _others, ...rest } = snapshot(where);
    return rest;
  });
}

/** Links, addresses, routes and rules of both namespaces as text: less than `state`, and quick enough for every line of a table. */
function glance(): string {
  const commands = 'link show\naddress show\nroute show table all\nrule show\n';
  const look = `for family in -4 -6; do printf '${commands}' | ip -d -j $family -batch -; done; nft -j list ruleset; cat /proc/sys/net/ipv4/ip_forward`;
  return [red, blue].map(({ name }) => sh(look, { netns: name }).replace(/"\w+_timer": *[\d.]+/g, '')).join();
}

beforeAll(async () => {
  for (const space of [red, blue]) sh('echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode; ip link set lo up', { netns: space.name });
  const ip = (...args: string[]): string => ipText(args, { netns: red.name });
  ip('link', 'add', 'br0', 'type', 'bridge');
  ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  ip('link', 'add', 'p0', 'master', 'br0', 'type', 'veth', 'peer', 'name', 'p1');
  for (const name of ['br0', 'v0', 'v1', 'p0']) ip('link', 'set', name, 'up');
  ip('address', 'add', '10.0.0.1/24', 'dev', 'v0');
  ip('-6', 'address', 'add', 'fd00:1::1/64', 'dev', 'v0', 'nodad');
  ip('route', 'add', '10.1.0.0/16', 'via', '10.0.0.254');
  nftLoad('table ip mine {\n chain a {\n type nat hook postrouting priority 50;\n masquerade\n }\n}\n', { netns: red.name });
  await settled();
  before = state();
  glimpse = glance();
});

/** Links get their states, and IPv6 makes its routes, a while after they are up and have addresses. */
async function settled(): Promise<void> {
  const look = (...args: string[]): Json[] => ipJson(args, { netns: red.name });
  const patience = { timeout: limit, interval: 50 };
  await vi.waitFor(() => {
    const states = Object.fromEntries(look('link', 'show').map(({ ifname, operstate }) => [ifname, operstate]));
    expect(states).toMatchObject({ br0: 'DOWN', p0: 'LOWERLAYERDOWN', v0: 'UP', v1: 'UP' });
    const routes = look('-6', 'route', 'show', 'table', 'local').map(({ dst, dev }) => `${dst} ${dev}`);
    expect(routes).toEqual(expect.arrayContaining(['fd00:1::1 v0', 'ff00::/8 v0', 'ff00::/8 v1']));
  }, patience);
}

/** Tests since the last look. Each look starts a dozen programs: after each of these thousand tests they would take minutes. */
const since: string[] = [];
const lookAfter = 25;
afterEach(({ task }) => {
  since.push(task.name);
  if (since.length < lookAfter) return;
  const was = glimpse;
  // what some leave behind is not held against the next
  glimpse = glance();
  const suspects = since.splice(0).join('; ');
  expect(glimpse, `something was changed by one of: ${suspects}`).toBe(was);
});
afterAll(() => {
  for (const space of [red, blue]) {
    space.deleteSync();
    space.close();
  }
});

const { ClosedError, InputError, NetlinkError, NotFoundError } = netloom;
const classes = { ClosedError, InputError, NetlinkError, NotFoundError } as const;

/** What is expected of an error: its class, its code, and the argument it names. */
type Expected = readonly [name: string, code: string, argument?: string];
const type = (argument: string): Expected => ['InputError', 'ERR_INVALID_ARG_TYPE', argument];
const value = (argument: string): Expected => ['InputError', 'ERR_INVALID_ARG_VALUE', argument];
const range = (argument: string): Expected => ['InputError', 'ERR_OUT_OF_RANGE', argument];
const unknown = (argument: string): Expected => ['InputError', 'ERR_UNKNOWN_OPTION', argument];
const noLink = (argument: string): Expected => ['NotFoundError', 'ENODEV', argument];
const noNamespace = (argument: string): Expected => ['NotFoundError', 'ENOENT', argument];
const noProcess = (argument: string): Expected => ['NotFoundError', 'ESRCH', argument];
/** How long an address is depends on the kind of the link: the kernel knows. */
const refused = (): Expected => ['NetlinkError', 'EINVAL'];
const isClosed: Expected = ['ClosedError', 'ERR_CLOSED'];

type Row = readonly [what: string, given: unknown, expected: Expected];

/** What can be wrong with the name of a link that shall be. */
const names = (argument: string): Row[] => [
  ['too long', 'sixteen-bytes-16', range(argument)],
  ['too long in bytes', 'äöüäöüäö', range(argument)],
  ['empty', '', value(argument)],
  ['with a slash', 'a/b', value(argument)],
  ['with a NUL', 'a\0b', value(argument)],
  ['with a space', 'a b', value(argument)],
  ['of dots', '..', value(argument)],
  ['a number', 7, type(argument)],
  ['null', null, type(argument)],
];

/** What can be wrong with a reference to a link. */
const links = (argument: string): Row[] => [
  ['missing', 'nosuch', noLink(argument)],
  ['missing, by an alternative name', 'a-name-of-more-than-15-bytes', noLink(argument)],
  ['too long', 'x'.repeat(128), range(argument)],
  ['empty', '', value(argument)],
  ['with a slash', 'a/b', value(argument)],
  ['with a NUL', 'a\0b', value(argument)],
  ['index 0', 0, range(argument)],
  ['a negative index', -1, range(argument)],
  ['a broken index', 1.5, range(argument)],
  ['a huge index', 2 ** 31, range(argument)],
  ['an object with no index', { index: undefined }, type(`${argument}.index`)],
  ['an object with index 0', { index: 0 }, range(`${argument}.index`)],
  ['another object', { name: 'v0' }, type(argument)],
  ['null', null, type(argument)],
  ['a boolean', true, type(argument)],
];
const required = (argument: string): Row => ['left out', undefined, type(argument)];

/** What can be wrong with a reference to a namespace. */
const namespaces = (argument: string): Row[] => [
  ['empty', '', value(argument)],
  ['missing', 'no such', noNamespace(argument)],
  ['a missing path', '/run/netns/no such', noNamespace(argument)],
  ['a relative path', 'run/netns/x', value(argument)],
  ['a file', '/etc/passwd', value(argument)],
  ['another namespace', '/proc/self/ns/uts', value(argument)],
  ['a folder', '/proc', value(argument)],
  ['with a NUL', 'a\0b', value(argument)],
  ['a path with a NUL', '/a\0b', value(argument)],
  ['dots', '..', value(argument)],
  ['too long', 'x'.repeat(256), value(argument)],
  ['a pid that is gone', gone, noProcess(argument)],
  ['pid 0', 0, range(argument)],
  ['a negative pid', -1, range(argument)],
  ['a broken pid', 1.5, range(argument)],
  ['a closed handle', closed, isClosed],
  ['an object without a descriptor', {}, type(argument)],
  ['a descriptor that is none', { fd: -1 }, type(argument)],
  ['a descriptor that is not open', { fd: 1_000_000 }, value(argument)],
  ['null', null, type(argument)],
  ['a boolean', true, type(argument)],
];

/** What can be wrong with settings of a link. */
const settings = (prefix = '', badLength: (argument: string) => Expected = value): [member: string, rows: Row[]][] => [
  [
    'mtu',
    [
      ['text', '1500', type(`${prefix}mtu`)],
      ['negative', -1, range(`${prefix}mtu`)],
      ['huge', 2 ** 32, range(`${prefix}mtu`)],
      ['broken', 1500.5, range(`${prefix}mtu`)],
      ['not a number', Number.NaN, range(`${prefix}mtu`)],
      ['null', null, type(`${prefix}mtu`)],
      ['a bigint', 1500n, type(`${prefix}mtu`)],
    ],
  ],
  [
    'address',
    [
      ['too short', '02:00:00:00:00', badLength(`${prefix}address`)],
      ['no hexadecimal', '02:00:00:00:00:zz', value(`${prefix}address`)],
      ['an IP address', '10.0.0.1', value(`${prefix}address`)],
      ['empty', '', value(`${prefix}address`)],
      ['a number', 2, type(`${prefix}address`)],
      ['null', null, type(`${prefix}address`)],
    ],
  ],
  [
    'alias',
    [
      ['too long', 'x'.repeat(256), range(`${prefix}alias`)],
      ['with a NUL', 'a\0b', value(`${prefix}alias`)],
      ['a number', 5, type(`${prefix}alias`)],
    ],
  ],
  [
    'txQueueLength',
    [
      ['negative', -1, range(`${prefix}txQueueLength`)],
      ['text', '7', type(`${prefix}txQueueLength`)],
    ],
  ],
  [
    'group',
    [
      ['negative', -1, range(`${prefix}group`)],
      ['text', 'default', type(`${prefix}group`)],
    ],
  ],
];
const switches = (argument: string): Row[] => [
  ['text', 'yes', type(argument)],
  ['a number', 1, type(argument)],
  ['null', null, type(argument)],
];
/** What can be wrong with an address of a link. */
const addresses = (argument: string, badLength: (argument: string) => Expected = range): Row[] => [
  ['no address', '10.0.0', value(argument)],
  ['a name', 'localhost', value(argument)],
  ['out of range', '10.0.0.256/24', value(argument)],
  ['a length beyond its family', '10.0.0.1/33', badLength(argument)],
  ['an IPv6 length beyond its family', 'fd00::1/129', badLength(argument)],
  ['a negative length', '10.0.0.1/-1', badLength(argument)],
  ['no length after the slash', '10.0.0.1/', badLength(argument)],
  ['a netmask', '10.0.0.1/255.255.255.0', badLength(argument)],
  ['with a zone', 'fe80::1%eth0', value(argument)],
  ['with a NUL', '10.0.0.1\0', value(argument)],
  ['empty', '', value(argument)],
  ['a number', 10, type(argument)],
  ['null', null, type(argument)],
];
/** What can be wrong with the options of a call, whatever it is. */
const options: [what: string, given: unknown, expected: Expected][] = [
  ['text', 'red', type('options')],
  ['null', null, type('options')],
  ['an array', [], type('options')],
  ['a number', 5, type('options')],
];

/** A builder and how it is called with one argument that is bad. */
type Call = (builders: Builders, given: unknown) => unknown;
type Case = readonly [what: string, call: (builders: Builders) => unknown, expected: Expected];
const cases = (argument: string, rows: readonly Row[], call: Call): Case[] =>
  rows.map(([what, given, expected]) => [`${argument}: ${what}`, (builders) => call(builders, given), expected] as const);
const member = (argument: string, rows: readonly Row[], call: (builders: Builders, options: object) => unknown): Case[] =>
  cases(argument, rows, (builders, given) => call(builders, { [argument]: given }));

const pair = (builders: Builders, given: object, peer: object = {}): unknown =>
  builders.createVethPair({ name: 'new0', netns: red, up: true, peer: { name: 'new1', netns: blue, up: true, ...peer }, ...given });
const bridge = (builders: Builders, given: object): unknown =>
  builders.createBridge({ name: 'new0', up: true, addresses: ['10.5.0.1/24'], netns: red, ...given });
const link = (builders: Builders, given: object): unknown => builders.createLink({ kind: 'ifb', name: 'new0', netns: red, ...given });
const nat = (builders: Builders, given: object): unknown => builders.masquerade({ source: '10.0.0.0/24', netns: red, ...given });
const accept = (builders: Builders, given: object): unknown => builders.addForwardAccept({ interface: 'v0', netns: red, ...given });
/** What may be gone is no error where something is to be removed: of bad namespaces, those that could not be one. */
const removal = (builder: 'removeMasquerade' | 'removeForwardAccept'): Case[] => {
  const handle = { family: 'ip', table: 'netloom', chain: 'postrouting', handles: ['1'], key: 'x' };
  const handles: Row[] = [undefined, null, 5, 'x', [], {}, { ...handle, handles: [1] }].map((given) => [
    JSON.stringify(given) ?? 'left out',
    given,
    type('handle'),
  ]);
  return [
    ...cases('handle', handles, (builders, given) => builders[builder](given, { netns: red })),
    ...where((builders, given) => builders[builder](handle, given)).filter(([, , [name]]) => name !== 'NotFoundError'),
  ];
};
const route = (builder: 'addRoute' | 'removeRoute') => (builders: Builders, given: object) =>
  builders[builder]({ to: '10.1.0.0/16', via: '10.0.0.254', netns: red, ...given });
const where = (call: (builders: Builders, given: unknown) => unknown): Case[] => [
  ...member('netns', namespaces('netns'), call),
  ['an unknown option', (builders) => call(builders, { netns: red, verbose: true }), unknown('verbose')] as const,
  ...cases('options', options, call),
];

const limits = (builders: Builders, given: object): unknown =>
  builders.limitBandwidth('v0', { ingressRate: 1_000_000, netns: red, ...given });

const everyBuilder: Record<keyof typeof sync, Case[]> = {
  limitBandwidth: [
    ...cases('link', links('link'), (builders, given) => builders.limitBandwidth(given, { ingressRate: 1_000_000, netns: red })),
    ...where((builders, given) =>
      typeof given === 'object' && given !== null && !Array.isArray(given) ? limits(builders, given) : builders.limitBandwidth('v0', given),
    ),
    ...(['ingressRate', 'egressRate'] as const).flatMap((argument) =>
      member(
        argument,
        [
          ['0', 0, range(argument)],
          ['negative', -8, range(argument)],
          ['a fraction of a bit', 8.5, range(argument)],
          ['text', '1mbit', type(argument)],
        ],
        limits,
      ),
    ),
    ['no limit', (builders) => builders.limitBandwidth('v0', { netns: red }), value('options')],
    ['a burst without a rate', (builders) => limits(builders, { egressBurst: 800_000 }), value('egressBurst')],
    ['a burst that no packet fits in', (builders) => limits(builders, { ingressBurst: 8_000 }), range('ingressBurst')],
    ['a rate that 32 bits cannot count', (builders) => limits(builders, { ingressRate: 1e15 }), range('ingressRate')],
  ],
  createVethPair: [
    ['nothing', (builders) => builders.createVethPair(), type('options')],
    ...cases('options', options, (builders, given) => builders.createVethPair(given)),
    ...member('name', [...names('name'), required('name')], pair),
    ...member('netns', namespaces('netns'), pair),
    ...member('master', links('master'), pair),
    ...member('up', switches('up'), pair),
    ...member(
      'index',
      [
        ['0', 0, range('index')],
        ['negative', -1, range('index')],
        ['huge', 2 ** 31, range('index')],
        ['text', '7', type('index')],
      ],
      pair,
    ),
    ...settings().flatMap(([name, rows]) => member(name, rows, pair)),
    ['a typing error', (builders) => pair(builders, { mtuu: 1400 }), unknown('mtuu')],
    ['an option of another builder', (builders) => pair(builders, { addresses: [] }), unknown('addresses')],
    ['a name that the kernel numbers', (builders) => pair(builders, { name: 'veth%d' }), value('name')],
    ...member(
      'peer',
      [required('peer'), ['null', null, type('peer')], ['its name alone', 'new1', type('peer')], ['an array', [], type('peer')]],
      pair,
    ),
    ...member('name', [...names('peer.name'), required('peer.name')], (builders, given) => pair(builders, {}, given)),
    ...member('netns', namespaces('peer.netns'), (builders, given) => pair(builders, {}, given)),
    ...member('master', links('peer.master'), (builders, given) => pair(builders, {}, given)),
    ...member('up', switches('peer.up'), (builders, given) => pair(builders, {}, given)),
    ...settings('peer.').flatMap(([name, rows]) => member(name, rows, (builders, given) => pair(builders, {}, given))),
    ['a typing error in the peer', (builders) => pair(builders, {}, { mtuu: 1400 }), unknown('peer.mtuu')],
    ['a peer of a peer', (builders) => pair(builders, {}, { peer: { name: 'x' } }), unknown('peer.peer')],
    ['an index of the peer alone', (builders) => pair(builders, {}, { index: 9 }), value('peer.index')],
  ],
  createBridge: [
    ['nothing', (builders) => builders.createBridge(), type('options')],
    ...cases('options', options, (builders, given) => builders.createBridge(given)),
    ...member('name', [...names('name'), ['left out', undefined, value('name')]], bridge),
    ...member('netns', namespaces('netns'), bridge),
    ...member('master', links('master'), bridge),
    ...member('up', switches('up'), bridge),
    ...settings().flatMap(([name, rows]) => member(name, rows, bridge)),
    ['a typing error', (builders) => bridge(builders, { adresses: [] }), unknown('adresses')],
    ['another kind', (builders) => bridge(builders, { kind: 'veth' }), value('kind')],
    ...member(
      'addresses',
      [
        ['text', '10.0.0.1/24', type('addresses')],
        ['null', null, type('addresses')],
      ],
      bridge,
    ),
    ...cases('addresses', addresses('addresses[1]'), (builders, given) => bridge(builders, { addresses: ['10.5.0.1/24', given] })),
    ['data that is none', (builders) => bridge(builders, { data: { ageingTime: '5' } }), type('data.ageingTime')],
    [
      'data with a typing error',
      (builders) => bridge(builders, { data: { agingTime: 5 } }),
      ['InputError', 'ERR_UNKNOWN_OPTION', 'data.agingTime'],
    ],
  ],
  createLink: [
    ...cases(
      'spec',
      options.map(([what, given]) => [what, given, type('spec')] as const),
      (builders, given) => builders.createLink(given),
    ),
    ...member(
      'kind',
      [
        ['left out', undefined, type('kind')],
        ['empty', '', type('kind')],
        ['a number', 5, type('kind')],
        ['null', null, type('kind')],
      ],
      link,
    ),
    ...member('name', names('name'), link),
    ...member('netns', namespaces('netns'), link),
    ...member('master', links('master'), link),
    ...member('link', links('link'), link),
    ...member('up', switches('up'), link),
    ...settings('', refused).flatMap(([name, rows]) => member(name, rows, link)),
    ['a typing error', (builders) => link(builders, { mtuu: 1400 }), unknown('mtuu')],
    ['a peer of what has none', (builders) => link(builders, { peer: 'x' }), unknown('peer')],
    ...member('name', names('peer.name'), (builders, given) => link(builders, { kind: 'veth', peer: given })),
    ...cases(
      'peer',
      names('peer').filter(([, given]) => typeof given === 'string'),
      (builders, given) => link(builders, { kind: 'veth', peer: given }),
    ),
    ['a typing error in the peer', (builders) => link(builders, { kind: 'veth', peer: { nam: 'x' } }), unknown('peer.nam')],
    ['data that is no bytes', (builders) => link(builders, { data: 'x' }), type('data')],
    ...cases(
      'altNames',
      names('altNames[1]').filter(([what]) => !what.startsWith('too long')),
      (builders, given) => link(builders, { altNames: ['fine', given] }),
    ),
    ['alternative names that are text', (builders) => link(builders, { altNames: 'x' }), type('altNames')],
  ],
  getLink: [
    ...cases('link', [...links('link'), required('link')], (builders, given) => builders.getLink(given, { netns: red })),
    ...where((builders, given) => builders.getLink('v0', given)),
    ['stats: text', (builders) => builders.getLink('v0', { stats: 'yes', netns: red }), type('stats')],
  ],
  setLink: [
    ...cases('link', [...links('link'), required('link')], (builders, given) => builders.setLink(given, { mtu: 1400 }, { netns: red })),
    ...where((builders, given) => builders.setLink('v0', { mtu: 1400 }, given)),
    ...cases(
      'changes',
      options.map(([what, given]) => [what, given, type('changes')] as const),
      (builders, given) => builders.setLink('v0', given, { netns: red }),
    ),
    ['changes: left out', (builders) => builders.setLink('v0', undefined, { netns: red }), type('changes')],
    ['a typing error', (builders) => builders.setLink('v0', { mtu: 1400, upp: true }, { netns: red }), unknown('upp')],
    ['kind: what cannot be changed', (builders) => builders.setLink('v0', { index: 9 }, { netns: red }), unknown('index')],
    ...member('name', names('name'), (builders, given) => builders.setLink('v0', given, { netns: red })),
    ...member('up', switches('up'), (builders, given) => builders.setLink('v0', { mtu: 1400, ...given }, { netns: red })),
    ...member(
      'master',
      links('master').filter(([, given]) => given !== null),
      (builders, given) => builders.setLink('v0', { mtu: 1400, ...given }, { netns: red }),
    ),
    ...member('netns', namespaces('netns'), (builders, given) => builders.setLink('v0', { mtu: 1400, ...given }, { netns: red })),
    ...settings('', refused).flatMap(([name, rows]) =>
      member(name, rows, (builders, given) => builders.setLink('v0', { txQueueLength: 50, ...given }, { netns: red })),
    ),
  ],
  deleteLink: [
    ...cases('link', [...links('link'), required('link')], (builders, given) => builders.deleteLink(given, { netns: red })),
    ...where((builders, given) => builders.deleteLink('v0', given)),
  ],
  enslave: [
    ...cases('link', [...links('link'), required('link')], (builders, given) => builders.enslave(given, 'br0', { netns: red })),
    ...cases('master', [...links('master'), required('master')], (builders, given) => builders.enslave('v0', given, { netns: red })),
    ...where((builders, given) => builders.enslave('v0', 'br0', given)),
  ],
  release: [
    ...cases('link', [...links('link'), required('link')], (builders, given) => builders.release(given, { netns: red })),
    ...where((builders, given) => builders.release('p0', given)),
  ],
  moveToNs: [
    ...cases('link', [...links('link'), required('link')], (builders, given) => builders.moveToNs(given, blue, { netns: red })),
    ...cases('target', [...namespaces('target'), required('target')], (builders, given) => builders.moveToNs('v0', given, { netns: red })),
    ...where((builders, given) => builders.moveToNs('v0', blue, given)),
    ...member('name', names('name'), (builders, given) => builders.moveToNs('v0', blue, { netns: red, ...given })),
    ['a name that the kernel numbers', (builders) => builders.moveToNs('v0', blue, { netns: red, name: 'eth%d' }), value('name')],
    ['a name that is taken there', (builders) => builders.moveToNs('v0', blue, { netns: red, name: 'lo' }), ['NetlinkError', 'EEXIST']],
  ],
  addAddress: [
    ...cases('link', [...links('link'), required('link')], (builders, given) => builders.addAddress(given, '10.5.0.1/24', { netns: red })),
    ...cases('address', [...addresses('address'), required('address')], (builders, given) =>
      builders.addAddress('v0', given, { netns: red }),
    ),
    ...where((builders, given) => builders.addAddress('v0', '10.5.0.1/24', given)),
    ...(
      [
        ['broadcast', 'fd00::1', value('broadcast')],
        ['broadcast', true, value('broadcast')],
        ['peer', 'fd00::1', value('peer')],
        ['peer', '10.0.0.300', value('peer')],
        ['label', 'v0:far-too-long-a-label', range('label')],
        ['label', 'a\0b', value('label')],
        ['label', 5, type('label')],
        ['scope', 'planet', value('scope')],
        ['metric', -1, range('metric')],
        ['metric', '5', type('metric')],
        ['validLifetime', -1, range('validLifetime')],
        ['validLifetime', 'forever', type('validLifetime')],
        ['flags', ['nosuch'], value('flags')],
      ] as const
    ).map(
      ([name, given, expected]): Case => [
        `${name}: ${JSON.stringify(given)}`,
        (builders) => builders.addAddress('v0', '10.5.0.1', { netns: red, [name]: given }),
        expected,
      ],
    ),
    [
      'preferred for longer than valid',
      (builders) => builders.addAddress('v0', '10.5.0.1', { netns: red, validLifetime: 5, preferredLifetime: 6 }),
      range('preferredLifetime'),
    ],
    ['a label of an IPv6 address', (builders) => builders.addAddress('v0', 'fd00::1', { netns: red, label: 'x' }), value('label')],
  ],
  removeAddress: [
    ...cases('link', [...links('link'), required('link')], (builders, given) =>
      builders.removeAddress(given, '10.0.0.1/24', { netns: red }),
    ),
    ...cases('address', [...addresses('address'), required('address')], (builders, given) =>
      builders.removeAddress('v0', given, { netns: red }),
    ),
    ...where((builders, given) => builders.removeAddress('v0', '10.0.0.1/24', given)),
    [
      'one that the link does not have',
      (builders) => builders.removeAddress('v0', '10.0.0.9/24', { netns: red }),
      ['NetlinkError', 'EADDRNOTAVAIL'],
    ],
    ['another length', (builders) => builders.removeAddress('v0', '10.0.0.1/25', { netns: red }), ['NetlinkError', 'EADDRNOTAVAIL']],
  ],
  ...(Object.fromEntries(
    (['addRoute', 'removeRoute'] as const).map((builder): [string, Case[]] => [
      builder,
      [
        ...cases('route', [...options.map(([what, given]): Row => [what, given, type('route')]), required('route')], (builders, given) =>
          builders[builder](given),
        ),
        ...member('to', [...addresses('to'), required('to')], route(builder)),
        ...member(
          'to',
          [
            ['host bits', '10.1.0.5/16', value('to')],
            ['of another family than via', 'fd00:2::/64', value('via')],
          ],
          route(builder),
        ),
        ...member('via', [...addresses('via', value), ['with a length', '10.0.0.254/32', value('via')]], route(builder)),
        ...member('dev', links('dev'), route(builder)),
        ...member('netns', namespaces('netns'), route(builder)),
        ['a typing error', (builders) => route(builder)(builders, { gateway: '10.0.0.1' }), unknown('gateway')],
        ...(
          [
            ['family', 'ipv4', value('family')],
            ['family', 'inet6', value('to')],
            ['source', 'fd00::1', value('source')],
            ['source', '10.0.0', value('source')],
            ['metric', -1, range('metric')],
            ['metric', 2 ** 32, range('metric')],
            ['metric', '5', type('metric')],
            ['table', 'nosuch', value('table')],
            ['table', 0, range('table')],
            ['table', 2 ** 32, range('table')],
            ['type', 'black hole', value('type')],
            ['scope', 'planet', value('scope')],
            ['protocol', 256, range('protocol')],
            ['tos', 256, range('tos')],
            ['from', 'fd00::/64', value('from')],
            ['nexthops', [], type('nexthops')],
            ['nexthops', 'x', type('nexthops')],
            ['devIndex', 0, range('devIndex')],
          ] as const
        ).map(
          ([name, given, expected]): Case => [
            `${name}: ${JSON.stringify(given)}`,
            (builders) => route(builder)(builders, { [name]: given }),
            expected,
          ],
        ),
        ['nexthops beside via', (builders) => route(builder)(builders, { nexthops: [{ via: '10.0.0.254' }] }), value('via')],
        ...(
          [
            [{ via: '10.0.0' }, value('nexthops[1].via')],
            [{ dev: 'nosuch' }, noLink('nexthops[1].dev')],
            [{ via: '10.0.0.254', weight: 0 }, range('nexthops[1].weight')],
            [{ via: '10.0.0.254', weight: 257 }, range('nexthops[1].weight')],
            [{ gateway: '10.0.0.254' }, unknown('nexthops[1].gateway')],
            [null, type('nexthops[1]')],
          ] as const
        ).map(
          ([given, expected]): Case => [
            `nexthops[1]: ${JSON.stringify(given)}`,
            (builders) => route(builder)(builders, { via: undefined, nexthops: [{ via: '10.0.0.254' }, given] }),
            expected,
          ],
        ),
      ],
    ]),
  ) as Record<'addRoute' | 'removeRoute', Case[]>),
  enableForwarding: [
    ...where((builders, given) => builders.enableForwarding(given)),
    ...member(
      'family',
      [
        ['ipv4', 'ipv4', value('family')],
        ['a number', 4, value('family')],
        ['null', null, value('family')],
        ['of Object', 'toString', value('family')],
      ],
      (builders, given) => builders.enableForwarding({ netns: red, ...given }),
    ),
  ],
  masquerade: [
    ['nothing', (builders) => builders.masquerade(), type('options')],
    ...where((builders, given) =>
      builders.masquerade(
        typeof given === 'object' && given !== null && !Array.isArray(given) ? { source: '10.0.0.0/24', ...given } : given,
      ),
    ),
    ...member('source', [...addresses('source'), required('source'), ['host bits', '10.0.0.1/24', value('source')]], nat),
    ...member('outInterface', names('outInterface'), nat),
    ['outInterface: any', (builders) => nat(builders, { outInterface: '*' }), value('outInterface')],
    ...member(
      'excludeDestination',
      [...addresses('excludeDestination'), ['another family', 'fd00::/64', value('excludeDestination')]],
      nat,
    ),
    ...cases('excludeDestination', addresses('excludeDestination[1]'), (builders, given) =>
      nat(builders, { excludeDestination: ['10.9.0.0/16', given] }),
    ),
    ...member('random', switches('random'), nat),
    ...member('fullyRandom', switches('fullyRandom'), nat),
    ...member('persistent', switches('persistent'), nat),
    ...member(
      'toPorts',
      [
        ['0', 0, range('toPorts')],
        ['65536', 65_536, range('toPorts')],
        ['a range that runs backwards', '9-8', range('toPorts')],
        ['text', 'http', value('toPorts')],
        ['empty', '', value('toPorts')],
        ['one of two', [1], type('toPorts')],
        ['null', null, type('toPorts')],
      ],
      nat,
    ),
    ...member(
      'comment',
      [
        ['too long', 'x'.repeat(129), range('comment')],
        ['with a NUL', 'a\0b', value('comment')],
        ['a number', 5, type('comment')],
      ],
      nat,
    ),
    ['a typing error', (builders) => nat(builders, { outinterface: 'up0' }), unknown('outinterface')],
  ],
  addForwardAccept: [
    ['nothing', (builders) => builders.addForwardAccept(), type('options')],
    ...where((builders, given) =>
      builders.addForwardAccept(
        typeof given === 'object' && given !== null && !Array.isArray(given) ? { interface: 'v0', ...given } : given,
      ),
    ),
    ...member('interface', [...names('interface'), required('interface'), ['any', '*', value('interface')]], accept),
    ...member(
      'comment',
      [
        ['too long', 'x'.repeat(129), range('comment')],
        ['a number', 5, type('comment')],
      ],
      accept,
    ),
    ['a typing error', (builders) => accept(builders, { iface: 'v0' }), unknown('iface')],
  ],
  removeMasquerade: removal('removeMasquerade'),
  removeForwardAccept: removal('removeForwardAccept'),
  findPeer: [
    ...cases('link', [...links('link'), required('link')], (builders, given) => builders.findPeer(given, { netns: red })),
    ...where((builders, given) => builders.findPeer('v0', given)),
    ['link: no veth', (builders) => builders.findPeer('br0', { netns: red }), value('link')],
    ['candidates: text', (builders) => builders.findPeer('v0', { netns: red, candidates: 'red' }), type('candidates')],
    ['candidates: null', (builders) => builders.findPeer('v0', { netns: red, candidates: null }), type('candidates')],
  ],
};

/** Calls what must fail. @returns its error */
async function failure(call: () => unknown): Promise<Error> {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error(`it did not fail, and returned ${JSON.stringify(result)}`);
}

describe.each(Object.entries(everyBuilder))('%s', (_builder, rows) => {
  afterAll(() => {
    expect(state()).toEqual(before);
  });

  test.each(rows)('%s', async (_what, call, [name, code, argument]) => {
    for (const [form, builders] of forms) {
      const error = await failure(() => call(builders));
      const { message } = error;
      expect({ form, ...error, name: error.name, message }).toMatchObject({
        form,
        message,
        name,
        code,
        ...(argument === undefined ? {} : { argument }),
      });
      expect(error).toBeInstanceOf(netloom.NetloomError);
      expect(error).toBeInstanceOf(classes[name as keyof typeof classes]);
      // a message says which argument it is about, and is one line
      if (argument !== undefined) expect(message).toMatch(new RegExp(`^${argument.replace(/[[\].]/g, '\\$&')}: \\S`));
      expect(message).not.toMatch(/[\n\0]|undefined: |\[object /);
    }
  });
});

test('of a call that is wrong in two ways, one error says so, and nothing is left', async () => {
  for (const [, builders] of forms) {
    expect(await failure(() => pair(builders, { name: '', master: 'nosuch' }, { name: 'a/b' }))).toBeInstanceOf(netloom.InputError);
    expect(await failure(() => bridge(builders, { netns: 'no such', mtu: -1 }))).toBeInstanceOf(netloom.NetloomError);
  }
});

describe('a client that is closed', () => {
  test('refuses every method, and changes nothing', async () => {
    const rt = await rtnl.open({ netns: red });
    const rtSync = rtnl.openSync({ netns: red });
    const nf = await nft.open({ netns: red });
    const nfSync = nft.openSync({ netns: red });
    // used before, and not
    await rt.links.list();
    for (const client of [rt, rtSync, nf, nfSync]) client.close();
    for (const client of [rt, rtSync]) {
      for (const call of [
        () => client.links.create({ kind: 'ifb', name: 'new0' }),
        () => client.links.list(),
        () => client.links.get('v0'),
        () => client.links.update('v0', { mtu: 1400 }),
        () => client.links.delete('v0'),
        () => client.addresses.create('v0', '10.5.0.1/24'),
        () => client.addresses.delete('v0', '10.0.0.1/24'),
        () => client.routes.create({ to: '10.9.0.0/16', dev: 'v0' }),
        () => client.routes.delete({ to: '10.1.0.0/16' }),
      ])
        expect(await failure(call), String(call)).toMatchObject({ name: 'ClosedError', code: 'ERR_CLOSED' });
    }
    for (const client of [nf, nfSync]) {
      for (const call of [
        () => client.tables.create({ family: 'ip', name: 'new' }),
        () => client.tables.list(),
        () => client.tables.delete({ family: 'ip', name: 'mine' }),
        () => client.rules.list({ family: 'ip', table: 'mine', chain: 'a' }),
        () => client.ruleset(),
        () => client.transaction((tx) => tx.tables.delete({ family: 'ip', name: 'mine' })),
      ])
        expect(await failure(call), String(call)).toMatchObject({ name: 'ClosedError', code: 'ERR_CLOSED' });
    }
    // once more is no error
    for (const client of [rt, rtSync, nf, nfSync]) client.close();
  });

  test('bad input is named by an open one', async () => {
    await using rt = await rtnl.open({ netns: red });
    expect(await failure(() => rt.links.create({ kind: 'ifb', name: 'a/b' }))).toMatchObject({ name: 'InputError', argument: 'name' });
    for (const open of [rtnl.open, rtnl.openSync, nft.open, nft.openSync]) {
      for (const [, given, [name, code, argument]] of namespaces('netns'))
        expect(await failure(() => open({ netns: given as string })), String(given)).toMatchObject({
          name,
          code,
          ...(argument === undefined ? {} : { argument }),
        });
      expect(await failure(() => open({ nets: 'red' } as object))).toMatchObject({
        name: 'InputError',
        code: 'ERR_UNKNOWN_OPTION',
        argument: 'nets',
      });
    }
  });
});

test('a process that ends is no namespace any more', async () => {
  const child = spawn('unshare', ['--net', 'sleep', '60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  child.kill();
  await once(child, 'close');
  for (const [, builders] of forms) {
    expect(await failure(() => builders.moveToNs('v0', child.pid, { netns: red }))).toMatchObject({
      name: 'NotFoundError',
      code: 'ESRCH',
      argument: 'target',
    });
    expect(await failure(() => pair(builders, {}, { netns: child.pid }))).toMatchObject({
      name: 'NotFoundError',
      code: 'ESRCH',
      argument: 'peer.netns',
    });
  }
});

describe('without permission', () => {
  /** Every builder on what exists; in the namespace the process is in, which is not its own. */
  const program = `
    import * as netloom from '${bundledModule()}';
    const handle = { family: 'inet', table: 'netloom', chain: 'forward', handles: ['1'], key: 'x' };
    const calls = {
      createVethPair: (builders) => builders.createVethPair({ name: 'new0', up: true, peer: { name: 'new1', up: true } }),
      createBridge: (builders) => builders.createBridge({ name: 'new0', up: true, addresses: ['10.5.0.1/24'] }),
      createLink: (builders) => builders.createLink({ kind: 'ifb', name: 'new0' }),
      setLink: (builders) => builders.setLink('v0', { mtu: 1400 }),
      deleteLink: (builders) => builders.deleteLink('v0'),
      enslave: (builders) => builders.enslave('v0', 'br0'),
      release: (builders) => builders.release('p0'),
      moveToNs: (builders) => builders.moveToNs('v0', process.pid, { name: 'x0' }),
      addAddress: (builders) => builders.addAddress('v0', '10.5.0.1/24'),
      removeAddress: (builders) => builders.removeAddress('v0', '10.0.0.1/24'),
      addRoute: (builders) => builders.addRoute({ to: '10.9.0.0/16', via: '10.0.0.254' }),
      removeRoute: (builders) => builders.removeRoute({ to: '10.1.0.0/16', via: '10.0.0.254' }),
      enableForwarding: (builders) => builders.enableForwarding(),
      masquerade: (builders) => builders.masquerade({ source: '10.0.0.0/24' }),
      addForwardAccept: (builders) => builders.addForwardAccept({ interface: 'v0' }),
      removeMasquerade: (builders) => builders.removeMasquerade(handle),
      removeForwardAccept: (builders) => builders.removeForwardAccept(handle),
      limitBandwidth: (builders) => builders.limitBandwidth('v0', { ingressRate: 1_000_000 }),
      getLink: (builders) => builders.getLink('v0'),
      findPeer: (builders) => builders.findPeer('v0'),
    };
    for (const builders of [netloom, netloom.sync]) {
      for (const [name, call] of Object.entries(calls)) {
        try {
          await call(builders);
          console.log(JSON.stringify({ builder: name }));
        } catch (error) {
          console.log(JSON.stringify({ builder: name, name: error.name, code: error.code, capability: error.capability, message: error.message, typed: error instanceof netloom.NetloomError }));
        }
      }
    }`;
  const readers = ['getLink', 'findPeer'];

  /** Runs the program in `red`, in the way of `prefix`, and looks at what came of each call. */
  function tryEverything(prefix: readonly string[], folder = tree): void {
    const node = [process.execPath, '--input-type=module', '-e', program];
    const command = ['nsenter', `--net=/run/netns/${red.name}`, ...prefix, ...node];
    const { status, stdout, stderr } = spawnSync(command[0] as string, command.slice(1), {
      encoding: 'utf8',
      timeout: limit,
      cwd: folder,
      env: { ...bundledEnvironment, NODE_PATH: `${folder}/node_modules` },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(results).toHaveLength(2 * Object.keys(everyBuilder).length);
    for (const { builder, ...error } of results) {
      if (readers.includes(builder)) expect({ builder, ...error }).toEqual({ builder });
      else if (builder === 'moveToNs')
        expect({ builder, ...error }).toMatchObject({
          builder,
          name: 'SystemError',
          code: 'EPERM',
          message: expect.stringMatching(/^setns: .*CAP_SYS_ADMIN/),
          typed: true,
        });
      else if (builder === 'enableForwarding')
        expect({ builder, ...error }).toMatchObject({
          builder,
          name: 'SystemError',
          code: expect.stringMatching(/^(EPERM|EACCES)$/),
          typed: true,
        });
      else
        expect({ builder, ...error }).toMatchObject({
          builder,
          name: 'PermissionError',
          code: 'EPERM',
          capability: 'CAP_NET_ADMIN',
          typed: true,
        });
      if (!readers.includes(builder)) expect(error.message).toMatch(/CAP_(NET|SYS)_ADMIN/);
    }
  }

  test('an ordinary user is told which one is missing, and nothing is changed', (context) => {
    if (process.getuid?.() !== 0 || !/^ +0 +0 +4294967295$/m.test(sh('cat /proc/self/uid_map')))
      context.skip('only root can become another user');
    const asUser = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    // a clone may lie in a folder of root's own: mounted elsewhere, in the tests' own mount namespace, it can be reached
    const folder = mkdtempSync(join(tmpdir(), 'netloom-'));
    chmodSync(folder, 0o755);
    sh(`mount --bind '${tree}' '${folder}'`);
    try {
      tryEverything(asUser, folder);
    } finally {
      sh(`umount '${folder}'`);
      rmdirSync(folder);
    }
  });

  test('root of another user namespace is told so too', () => {
    tryEverything(['unshare', '--user', '--map-root-user']);
  });
});
