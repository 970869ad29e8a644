/**
 * What only some kernels have: flowtables, queues, SYN proxies, tunnels, security marks, timeouts and helpers of connections. nft(8) is the witness where it has a word for it, the
 * kernel's own readback everywhere. A kernel without the module makes a test skip, and say what is lacking: `npm run test:kernels -- linux-6.12 nft-modules`.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NetlinkError, UnsupportedError } from '../../src/netlink/errors.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import {
  ct,
  ctExpectation,
  ctHelper,
  ctTimeout,
  explain,
  flowAdd,
  geneve,
  gre,
  gretap,
  ip,
  linearize,
  meta,
  type NftClientSync,
  type NftObject,
  openSync,
  queue,
  range,
  rule,
  type Statement,
  secmark,
  symhash,
  synproxy,
  udp,
} from '../../src/nft/index.ts';
import { kernelRelease } from '../support/kernel.ts';
import { ipText, nftLoad, nftText, tool } from '../support/oracle.ts';

let fd = -1;
let where: { netns: string };
let nf: NftClientSync;
const at = { family: 'inet', table: 't' } as const;

beforeAll(() => {
  fd = createNamespace();
  where = { netns: `/proc/${process.pid}/fd/${fd}` };
  nf = openSync({ netns: { fd } });
  ipText(['link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb'], where);
});
afterAll(() => {
  nf.close();
  closeFd(fd);
});
beforeEach(() => {
  nf.tables.create({ family: 'inet', name: 't' });
});
afterEach(() => {
  nf.flush();
});

type Skip = (reason: string) => void;

/** What `make` gives, unless the kernel lacks the module. */
function orSkip<T>(skip: Skip, needs: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    // a module that is not there is an object or an expression of no known type
    if (!(error instanceof UnsupportedError) && !(error instanceof NetlinkError && error.code === 'ENOENT')) throw error;
    skip(`lacking: ${needs}: ${error.message}`);
    throw error;
  }
}

const squeezed = (text: string): string => text.replace(/\s+/g, ' ');

/** nft lists what netloom wrote as it lists its own of the same text. */
function compare(text: string, statements: readonly Statement[], skip: Skip, needs: string, chain = 'hook prerouting priority 0'): void {
  nftLoad(`add chain inet t c { type filter ${chain}; }`, where);
  const made = orSkip(skip, needs, () => nf.rules.add({ ...at, chain: 'c', statements }));
  const ours = nftText(where);
  expect(squeezed(ours)).toContain(text);
  nf.rules.delete(made);
  nftLoad(`add rule inet t c ${text}`, where);
  expect(nftText(where)).toBe(ours);
  expect(explain(nf.rules.list()[0]!.expressions)).toEqual(explain(made.expressions));
}

test('flowtables', ({ skip }) => {
  const ref = { ...at, name: 'f' };
  const made = orSkip(skip, 'CONFIG_NF_FLOW_TABLE', () =>
    nf.flowtables.create({ ...ref, priority: 'filter', devices: ['va'], flags: ['counter'] }),
  );
  const text = nftText(where);
  expect(squeezed(text)).toContain('flowtable f { hook ingress priority filter devices = { va } counter }');
  expect(made).toMatchObject({ hook: 'ingress', priority: 0, devices: ['va'], flags: ['counter'], use: 0 });
  expect(nf.flowtables.get(ref)).toEqual(made);
  expect(nf.flowtables.list({ table: 't' })).toEqual([made]);
  nf.flowtables.addDevices(ref, ['vb']);
  expect(nf.flowtables.get(ref).devices?.toSorted()).toEqual(['va', 'vb']);
  nf.flowtables.deleteDevices(ref, ['vb']);
  expect(nftText(where)).toBe(text);
  compare(
    'ip protocol { tcp, udp } flow add @f',
    [ip.protocol.in('tcp', 'udp'), flowAdd('f')],
    skip,
    'CONFIG_NFT_FLOW_OFFLOAD',
    'hook forward priority 0',
  );
  expect(nf.flowtables.get(ref).use).toBe(1);
  expect(() => nf.flowtables.delete(ref)).toThrow(expect.objectContaining({ code: 'EBUSY', subject: 'flowtable inet t f' }));
  nf.chains.delete({ ...at, name: 'c' });
  nf.flowtables.delete(ref);
  nf.flowtables.ensureAbsent(ref);
  nf.flowtables.create(made);
  expect(nftText(where)).toBe(text);
});

describe('queue', () => {
  test.for<[string, Statement]>([
    ['queue to 1', queue(1)],
    ['queue flags bypass,fanout to 0-3', queue(range(0, 3), ['bypass', 'fanout'])],
    ['queue to symhash mod 4', queue(symhash(4))],
  ])('%s', ([text, statement], { skip }) => compare(text, [statement], skip, 'CONFIG_NFT_QUEUE'));
});

describe('synproxy', () => {
  const data = { mss: 1460, wscale: 7, flags: ['mss', 'wscale', 'sack-perm', 'timestamp'] } as const;
  test('by itself', ({ skip }) =>
    compare(
      'ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm',
      rule(ct.state('invalid', 'untracked'), synproxy({ mss: 1460, wscale: 7, flags: ['timestamp', 'sack-perm'] })),
      skip,
      'CONFIG_NFT_SYNPROXY',
      'hook input priority 0',
    ));
  test('by name', ({ skip }) => {
    orSkip(skip, 'CONFIG_NFT_SYNPROXY', () =>
      nf.objects.create({ ...at, name: 'o', type: 'synproxy', data: { ...data, flags: [...data.flags] } }),
    );
    compare('synproxy name "o"', [synproxy('o')], skip, 'CONFIG_NFT_SYNPROXY', 'hook input priority 0');
  });
});

describe('objects of connections are referred to', () => {
  const ctObjects: [NftObject, Statement, string][] = [
    [{ ...at, name: 'o', type: 'ct helper', data: { helper: 'ftp', l4proto: 'tcp' } }, ctHelper('o'), 'ct helper set "o"'],
    [
      { ...at, name: 'o', type: 'ct timeout', data: { l3proto: 'ip', l4proto: 'sctp', policy: { established: 7, closed: 3 } } },
      ctTimeout('o'),
      'ct timeout set "o"',
    ],
    [
      { ...at, name: 'o', type: 'ct expectation', data: { l3proto: 'ip', l4proto: 'tcp', dport: 5432, timeout: 60_000, size: 4 } },
      ctExpectation('o'),
      'ct expectation set "o"',
    ],
  ];
  test.for(ctObjects.map((each) => ({ text: each[2], each })))('$text', ({ each: [object, statement, text] }, { skip }) => {
    const made = orSkip(skip, object.type as string, () => nf.objects.create(object));
    expect(made).toMatchObject({ data: object.data });
    compare(text, [statement], skip, object.type as string, 'hook output priority 0');
    expect(nf.objects.list()).toMatchObject([{ use: 1 }]);
  });

  test.for(['tcp', 'udp', 'udplite', 'gre', 'sctp', 'dccp', 'icmp'] as const)('ct timeout of %s', (l4proto, { skip }) => {
    const policy = { tcp: { close: 5 }, sctp: { closed: 5 }, dccp: { open: 5 }, icmp: { timeout: 5 } }[l4proto as 'tcp'] ?? { replied: 5 };
    const object = { ...at, name: 'o', type: 'ct timeout', data: { l3proto: 'ip', l4proto, policy } } as const;
    expect(orSkip(skip, `conntrack of ${l4proto}`, () => nf.objects.create({ ...object, data: { ...object.data } }))).toMatchObject(object);
  });
});

test('security marks', ({ skip }) => {
  const context = 'system_u:object_r:http_client_packet_t:s0';
  try {
    nf.objects.create({ ...at, name: 'o', type: 'secmark', data: { context } });
  } catch (error) {
    // the context is one of the security module's, and there may be none
    if (!(error instanceof NetlinkError)) throw error;
    expect(error).toMatchObject({ syscall: 'NFT_MSG_NEWOBJ', subject: 'secmark inet t o' });
    skip(`lacking: a security module with packet labels: ${error.message}`);
  }
  expect(squeezed(nftText(where))).toContain(`secmark o { "${context}" }`);
  compare('meta secmark set "o"', [secmark('o')], skip, 'CONFIG_NETWORK_SECMARK');
});

describe('tunnels', () => {
  const key = { id: 7, ip: { src: '192.0.2.1', dst: '192.0.2.2' }, flags: [], tos: 0, ttl: 0 };
  test.for<[string, Extract<NftObject, { type: 'tunnel' }>['data']]>([
    ['over IPv4', { ...key, tos: 16, ttl: 9, sport: 1, dport: 4789, flags: ['dont-fragment'] }],
    ['over IPv6', { id: 8, ip6: { src: '2001:db8::1', dst: '2001:db8::2', flowlabel: 5 }, flags: [], tos: 0, ttl: 0 }],
    ['with a group of VXLAN', { ...key, options: { vxlan: { gbp: 5 } } }],
    ['of ERSPAN, version 1', { ...key, options: { erspan: { version: 1, index: 3 } } }],
    ['of ERSPAN, version 2', { ...key, options: { erspan: { version: 2, hwid: 3, dir: 1 } } }],
    ['with an option of Geneve', { ...key, options: { geneve: [{ class: 1, type: 2, data: Uint8Array.of(1, 2, 3, 4) }] } }],
  ])('%s', ([, data], { skip }) => {
    const [major, minor] = kernelRelease();
    // the kernel's checks of lengths end the machine where routes have the same options
    if (major > 6 || (major === 6 && minor > 12)) skip('kernels from 6.13 on may panic');
    // the only family that has them
    const place = { family: 'netdev', table: 'n' } as const;
    nf.tables.create({ family: 'netdev', name: 'n' });
    const object: NftObject = { ...place, name: 'o', type: 'tunnel', data: data! };
    const made = orSkip(skip, 'CONFIG_NFT_TUNNEL', () => nf.objects.create(object));
    expect(made).toMatchObject({ data });
    expect(nf.objects.get({ ...place, name: 'o', type: 'tunnel' })).toEqual(made);
    nf.objects.delete({ ...place, name: 'o', type: 'tunnel' });
    nf.objects.create(made);
    expect(nf.objects.list()).toMatchObject([{ data }]);
  });
});

describe('packets within tunnels', () => {
  test.for<[string, readonly Statement[]]>([
    ['geneve', rule(udp.dport.in(6081), geneve.vni.in(7), geneve.ip.saddr.in('10.0.0.1'))],
    ['gre', rule(meta.l4proto.in('gre'), gre.ip.saddr.in('10.0.0.1'))],
    ['gretap', rule(meta.l4proto.in('gre'), gretap.ether.type.in('ip'), gretap.ip.daddr.in('10.0.0.0/8'))],
  ])('%s', ([, statements], { skip }) => {
    nf.chains.create({ ...at, name: 'c', hook: 'prerouting', priority: 0 });
    const made = orSkip(skip, 'Linux 6.2', () => nf.rules.add({ ...at, chain: 'c', statements }));
    expect(explain(made.expressions)).toEqual(explain(linearize('inet', statements).expressions));
    nf.rules.replace(made.handle, made);
    expect(nf.rules.list()).toMatchObject([{ expressions: made.expressions }]);
  });
});

test('what is hooked in, by whomever', ({ skip }) => {
  nftLoad(
    `add chain inet t c { type filter hook forward priority 7; }
     add table bridge b
     add chain bridge b d { type filter hook prerouting priority -300; }
     add table netdev n
     add chain netdev n e { type filter hook ingress device va priority 3; }`,
    where,
  );
  const entries = orSkip(skip, 'CONFIG_NETFILTER_NETLINK_HOOK', () => nf.hooks.list());
  const forward = { hook: 'forward', priority: 7, function: 'nft_do_chain_inet', module: 'nf_tables', chain: { ...at, name: 'c' } };
  expect(entries).toContainEqual({ family: 'ip', ...forward });
  expect(entries).toContainEqual({ family: 'ip6', ...forward });
  expect(nf.hooks.list({ family: 'inet', hook: 'forward' })).toEqual(
    entries.filter(({ family, hook }) => /^ip/.test(family) && hook === 'forward'),
  );
  expect(nf.hooks.list({ family: 'bridge' })).toContainEqual(
    expect.objectContaining({ hook: 'prerouting', priority: -300, chain: { family: 'bridge', table: 'b', name: 'd' } }),
  );
  const onDevice = { family: 'netdev', hook: 'ingress', priority: 3, device: 'va', chain: { family: 'netdev', table: 'n', name: 'e' } };
  expect(nf.hooks.list({ device: 'va' })).toContainEqual(expect.objectContaining(onDevice));
  expect(nf.hooks.list({ device: 'vb', family: 'netdev' })).toEqual([]);
  expect(() => nf.hooks.list({ device: 'none', family: 'netdev' })).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  // nft writes priorities with ten digits, and the chain or the function behind
  const shown = [...tool(['nft', 'list', 'hooks'], where).matchAll(/^\s*([-+ ]?\d+)\s+(?:chain (\w+) (\w+) (\w+)|(\w+))/gm)];
  const words = shown.map(([, priority, ...rest]) => [Number(priority), ...rest.filter(Boolean)].join(' '));
  expect(words.toSorted()).toEqual(
    entries
      .map(({ priority, chain, function: name }) => [priority, ...(chain ? [chain.family, chain.table, chain.name] : [name])].join(' '))
      .toSorted(),
  );
});

test('hooks that there are none of are refused unsent', () => {
  for (const [argument, filter] of [
    ['family', { family: 'ipx' }],
    ['hook', { family: 'arp', hook: 'postrouting' }],
    ['hook', { hook: 'nowhere' }],
    ['device', { family: 'netdev' }],
    ['device', { device: 'a/b' }],
  ] as const)
    expect(() => nf.hooks.list(filter as never), JSON.stringify(filter)).toThrow(expect.objectContaining({ name: 'InputError', argument }));
});
