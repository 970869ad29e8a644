/** Real packets through a translation: what is tracked, what is told of it, and a published port that leads elsewhere from now on. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addAddress, addRoute, conntrack, createVethPair, enableForwarding, masquerade } from '../../src/index.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import { conntrackList } from '../support/conntrack.ts';
import { nftJson, nftLoad, ping, tool } from '../support/oracle.ts';

/** client 10.1.0.2 - 10.1.0.1 router 10.2.0.1 - 10.2.0.2, 10.2.0.3 server; the same in fd01:: and fd02::. */
let fds: { client: number; router: number; server: number };
const at = (who: keyof typeof fds): { netns: string } => ({ netns: `/proc/${process.pid}/fd/${fds[who]}` });
let ct: conntrack.ConntrackClient;
const children: ChildProcessWithoutNullStreams[] = [];

beforeEach(async () => {
  fds = { client: createNamespace(), router: createNamespace(), server: createNamespace() };
  const [client, router, server] = [{ fd: fds.client }, { fd: fds.router }, { fd: fds.server }];
  const end = (name: string, netns: { fd: number }): { name: string; netns: { fd: number }; up: true } => ({ name, netns, up: true });
  await createVethPair({ ...end('c0', router), peer: end('eth0', client) });
  await createVethPair({ ...end('s0', router), peer: end('eth0', server) });
  const addresses: [dev: string, netns: { fd: number }, addresses: string[]][] = [
    ['c0', router, ['10.1.0.1/24', 'fd01::1/64']],
    ['s0', router, ['10.2.0.1/24', 'fd02::1/64']],
    ['eth0', client, ['10.1.0.2/24', 'fd01::2/64']],
    ['eth0', server, ['10.2.0.2/24', '10.2.0.3/24', 'fd02::2/64', 'fd02::3/64']],
  ];
  for (const [dev, netns, each] of addresses)
    for (const address of each) await addAddress(dev, address, { netns, ...(address.includes(':') ? { flags: ['nodad'] } : {}) });
  await addRoute({ to: 'default', via: '10.1.0.1', netns: client });
  await addRoute({ to: '::/0', via: 'fd01::1', netns: client });
  for (const family of ['inet', 'inet6'] as const) await enableForwarding({ family, netns: router });
  tool(['sysctl', '-w', 'net.netfilter.nf_conntrack_acct=1'], at('router'));
  nftLoad(
    `table inet count {
 chain in {
 type filter hook input priority 0;
 ip daddr 10.2.0.2 udp dport 53 counter drop comment "two"
 ip daddr 10.2.0.3 udp dport 53 counter drop comment "three"
 ip6 daddr fd02::2 udp dport 53 counter drop comment "two6"
 ip6 daddr fd02::3 udp dport 53 counter drop comment "three6"
 }
}\n`,
    at('server'),
  );
  ct = await conntrack.open({ netns: router });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
  ct.close();
  for (const fd of Object.values(fds)) closeFd(fd);
});

/** Datagrams that the server has got, by the comment of the rule. */
function arrived(comment: string): number {
  const rule = nftJson(at('server')).find((object) => object.rule?.comment === comment)?.rule;
  return rule.expr.find((each: { counter?: unknown }) => each.counter !== undefined).counter.packets;
}

/** A client of UDP that keeps its port: every line that it is told is a datagram. */
function talker(address: string): (line: string) => void {
  const program = `exec 3<>/dev/udp/${address}/53; while read line; do echo "$line" >&3; done`;
  const child = spawn('nsenter', [`--net=${at('client').netns}`, 'bash', '-c', program]);
  children.push(child);
  return (line) => child.stdin.write(`${line}\n`);
}

/** Says it until the server has got more datagrams than before: the first may be lost while neighbors are being found. */
async function until(comment: string, say: (line: string) => void): Promise<void> {
  const before = arrived(comment);
  await expect
    .poll(() => {
      say('hello');
      return arrived(comment);
    })
    .toBeGreaterThan(before);
}

test('a flow is told from its first packet to its last, with what went through', async () => {
  await masquerade({ source: '10.1.0.0/24', netns: { fd: fds.router } });
  const monitor = ct.monitor(['flow']);
  await expect.poll(() => ping('10.2.0.2', at('client')).received).toBe(1);
  const [flow] = await ct.flows.list({ protocol: 'icmp', status: ['seen-reply'] });
  expect(flow).toMatchObject({
    original: { src: '10.1.0.2', dst: '10.2.0.2', type: 8 },
    reply: { src: '10.2.0.2', dst: '10.2.0.1', type: 0 },
    counters: { original: { packets: 1, bytes: 84 }, reply: { packets: 1, bytes: 84 } },
  });
  expect(flow!.status).toEqual(expect.arrayContaining(['seen-reply', 'confirmed', 'src-nat']));
  const [entry] = conntrackList(at('router'), '-p', 'icmp').filter(({ rest }) => rest['id'] === flow!.id);
  expect(entry).toMatchObject({ original: { src: '10.1.0.2', packets: 1, bytes: 84 }, reply: { dst: '10.2.0.1', packets: 1, bytes: 84 } });
  await ct.flows.delete(flow!);
  const told: string[] = [];
  for await (const event of monitor) {
    if (event.kind !== 'flow') throw new Error(`${event.kind}`);
    const object = event.action === 'delete' ? event.old : event.new;
    if (object.id !== flow!.id) continue;
    told.push(event.action);
    if (event.action === 'change') expect(event.new.status).toContain('seen-reply');
    if (event.action !== 'delete') continue;
    expect(event.old.counters).toEqual(flow!.counters);
    expect(event.old.status).toContain('dying');
    break;
  }
  expect(told).toEqual(['new', 'change', 'delete']);
});

test('counters are read and set to 0, of some flows or of all', async () => {
  // a rule that needs it begins the tracking
  await masquerade({ source: '10.1.0.0/24', netns: { fd: fds.router } });
  await expect.poll(() => ping('10.1.0.1', at('client')).received).toBe(1);
  const counters = { original: { packets: 1, bytes: 84 }, reply: { packets: 1, bytes: 84 } };
  const none = { original: { packets: 0, bytes: 0 }, reply: { packets: 0, bytes: 0 } };
  const [flow] = await ct.flows.list({ protocol: 'icmp', status: ['seen-reply'] });
  expect(flow?.counters).toEqual(counters);
  const counted = async (): Promise<unknown> => (await ct.flows.get({ original: flow!.original })).counters;
  // those that the filter does not mean keep theirs, though the kernel cannot compare replies
  expect(await ct.flows.reset({ protocol: 'icmp', reply: { src: '10.9.0.0/16' } })).toEqual([]);
  expect(await counted()).toEqual(counters);
  expect(await ct.flows.reset({ protocol: 'icmp', reply: { src: '10.1.0.0/16' } })).toMatchObject([{ id: flow!.id!, counters }]);
  expect(await counted()).toEqual(none);
  await expect.poll(() => ping('10.1.0.1', at('client')).received).toBe(1);
  const all = await ct.flows.reset();
  expect(all.some((each) => each.counters?.original.packets === 1)).toBe(true);
  for (const each of await ct.flows.list({ protocol: 'icmp' })) expect(each.counters).toEqual(none);
});

const families = [
  { family: 'ip', router: '10.1.0.1', two: '10.2.0.2', three: '10.2.0.3', suffix: '' },
  { family: 'ip6', router: 'fd01::1', two: 'fd02::2', three: 'fd02::3', suffix: '6' },
] as const;

test.each(families)(
  'a published port leads where the rules say once its stale flows are gone: $family',
  async ({ family, router, two, three, suffix }) => {
    const publish = (target: string): void =>
      nftLoad(
        `add table ${family} p\nflush table ${family} p\nadd chain ${family} p c { type nat hook prerouting priority dstnat; }\nadd rule ${family} p c ${family} daddr ${router} udp dport 53 dnat to ${target}\n`,
        at('router'),
      );
    publish(two);
    const say = talker(router);
    await until(`two${suffix}`, say);
    publish(three);
    // the flow goes on as it was begun, whatever the rules say by now
    await until(`two${suffix}`, say);
    expect(arrived(`three${suffix}`)).toBe(0);
    const [stale] = await ct.flows.list({ protocol: 'udp', original: { dst: router, dport: 53 } });
    expect(stale?.reply).toMatchObject({ src: two, sport: 53 });
    expect(await ct.flows.deleteStale({ address: router, port: 53 })).toBe(1);
    const before = arrived(`two${suffix}`);
    await until(`three${suffix}`, say);
    expect(arrived(`two${suffix}`)).toBe(before);
    // by whom it leads to, and by the port alone
    expect(await ct.flows.deleteStale({ address: two, port: 53 })).toBe(0);
    expect(await ct.flows.deleteStale({ address: three, port: 53, protocol: 'tcp' })).toBe(0);
    expect(await ct.flows.deleteStale({ address: three, port: 53 })).toBe(1);
    await until(`three${suffix}`, say);
    expect(await ct.flows.deleteStale({ port: 54 })).toBe(0);
    expect(await ct.flows.deleteStale({ port: 53 })).toBe(1);
  },
);
