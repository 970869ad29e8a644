// Made of docs/cookbook.md by `npx tsx scripts/snippets.ts`; change it there.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** docs/cookbook.md: A namespace with a link to the outside */
export async function aNamespaceWithALinkToTheOutside(): Promise<void> {
const { addAddress, addRoute, createVethPair, netns, setLink } = await import('netloom');

await using red = await netns.create('red');
await createVethPair({ name: 'veth-red', up: true, peer: { name: 'eth0', netns: red, up: true } });
await addAddress('veth-red', '10.0.0.254/24');
await addAddress('eth0', '10.0.0.1/24', { netns: red });
await addRoute({ to: 'default', via: '10.0.0.254', netns: red });
await setLink('lo', { up: true }, { netns: red });
}

/** docs/cookbook.md: Containers on a bridge */
export async function containersOnABridge(): Promise<void> {
const { addAddress, createBridge, createVethPair, netns } = await import('netloom');

await createBridge({ name: 'br0', up: true, addresses: ['10.0.0.254/24'] });
for (const [i, name] of ['red', 'blue'].entries()) {
  await using container = await netns.create(name);
  await createVethPair({ name: `veth-${name}`, master: 'br0', up: true, peer: { name: 'eth0', netns: container, up: true } });
  await addAddress('eth0', `10.0.0.${i + 1}/24`, { netns: container });
}
}

/** docs/cookbook.md: Addresses */
export async function addresses(): Promise<void> {
const { rtnl } = await import('netloom');

await using rt = await rtnl.open();
await rt.addresses.create('eth0', '10.0.0.1/24', { broadcast: 'auto' });
await rt.addresses.ensure('eth0', '10.0.0.1/24'); // it is there: nothing changes
await rt.addresses.create('eth0', 'fd00::1/64', { flags: ['nodad'] });
for (const { address, dev } of await rt.addresses.list({ dev: 'eth0', scope: 'global' })) console.log(dev, address);
}

/** docs/cookbook.md: Routes */
export async function routes(): Promise<void> {
const { rtnl } = await import('netloom');

await using rt = await rtnl.open();
await rt.routes.create({ to: 'default', via: '10.0.0.254' });
await rt.routes.replace({ to: '10.1.0.0/16', via: '10.0.0.2', metric: 100, metrics: { mtu: 1400 } });
await rt.routes.create({ to: '10.66.0.0/16', type: 'blackhole' });
const [route] = await rt.routes.list({ to: '10.1.0.0/16' });
console.log(route?.via, route?.dev);
const { dev } = await rt.routes.lookup('192.0.2.1');
console.log(dev);
}

/** docs/cookbook.md: A rule that chooses a routing table */
export async function aRuleThatChoosesARoutingTable(): Promise<void> {
const { rtnl } = await import('netloom');

await using rt = await rtnl.open();
await rt.routes.create({ to: 'default', via: '10.0.0.254', table: 100 });
await rt.rules.create({ from: '10.2.0.0/16', table: 100, priority: 1000 });
}

/** docs/cookbook.md: A group of next hops */
export async function aGroupOfNextHops(): Promise<void> {
const { rtnl } = await import('netloom');

await using rt = await rtnl.open();
await rt.nexthops.create({ id: 1, via: '10.0.0.2', dev: 'eth0' });
await rt.nexthops.create({ id: 2, via: '10.0.0.3', dev: 'eth0' });
await rt.nexthops.create({ id: 10, group: [{ id: 1, weight: 3 }, 2] });
await rt.routes.create({ to: '10.9.0.0/16', nexthopId: 10 });
}

/** docs/cookbook.md: A VLAN */
export async function aVLAN(): Promise<void> {
const { createLink } = await import('netloom');

await createLink({ kind: 'vlan', name: 'eth0.7', link: 'eth0', data: { id: 7 }, up: true });
}

/** docs/cookbook.md: A VXLAN */
export async function aVXLAN(): Promise<void> {
const { rtnl } = await import('netloom');

await using rt = await rtnl.open();
await rt.links.create({ kind: 'vxlan', name: 'vx42', data: { id: 42, port: 4789, learning: false }, up: true });
await rt.fdb.append({ lladdr: '00:00:00:00:00:00', dev: 'vx42', dst: '192.0.2.7' }); // where to flood to
}

/** docs/cookbook.md: A macvlan in a namespace */
export async function aMacvlanInANamespace(): Promise<void> {
const { createLink, moveToNs, setLink } = await import('netloom');

const { index } = await createLink({ kind: 'macvlan', name: 'mv0', link: 'eth0', data: { mode: 'bridge' } });
await moveToNs(index, 'red', { name: 'eth0' });
await setLink('eth0', { up: true }, { netns: 'red' });
}

/** docs/cookbook.md: Masquerading */
export async function masquerading(): Promise<void> {
const { enableForwarding, masquerade } = await import('netloom');

await enableForwarding();
await masquerade({ source: '10.0.0.0/24', outInterface: 'eth0' }); // a second time, it is still one rule
}

/** docs/cookbook.md: Forwarding a port */
export async function forwardingAPort(): Promise<void> {
const { nft } = await import('netloom');
const { dnat, fib, rule, tcp } = await import('netloom/nft');

await using nf = await nft.open();
await nf.transaction((tx) => {
  tx.tables.add({ family: 'ip', name: 'web' });
  tx.chains.add({ family: 'ip', table: 'web', name: 'prerouting', type: 'nat', hook: 'prerouting', priority: 'dstnat' });
  tx.rules.add({
    family: 'ip',
    table: 'web',
    chain: 'prerouting',
    statements: rule(fib(['daddr'], 'type').in('local'), tcp.dport.in(8080), dnat({ addr: '10.0.0.1', port: 80 })),
  });
});
}

/** docs/cookbook.md: A firewall */
export async function aFirewall(): Promise<void> {
const { nft } = await import('netloom');
const { accept, counter, ct, icmpv6, jump, meta, range, reject, rule, tcp } = await import('netloom/nft');

const place = { family: 'inet', table: 'filter', chain: 'input' } as const;
await using nf = await nft.open();
await nf.transaction((tx) => {
  tx.tables.add({ family: 'inet', name: 'filter' });
  tx.chains.add({ family: 'inet', table: 'filter', name: 'input', type: 'filter', hook: 'input', priority: 'filter', policy: 'drop' });
  tx.chains.add({ family: 'inet', table: 'filter', name: 'web' });
  tx.rules.add({ ...place, statements: rule(ct.state('established', 'related'), accept()) });
  tx.rules.add({ ...place, statements: rule(meta.iifname.in('lo'), accept()) });
  tx.rules.add({ ...place, statements: rule(icmpv6.type.in('nd-neighbor-solicit', 'nd-router-advert'), accept()) });
  tx.rules.add({ ...place, statements: rule(tcp.dport.vmap([[22, accept()], [range(80, 90), jump('web')]])) });
  tx.rules.add({ ...place, statements: rule(counter(), reject()) });
  tx.rules.add({ ...place, chain: 'web', statements: rule(counter(), accept()) });
});
}

/** docs/cookbook.md: A set whose elements go by themselves */
export async function aSetWhoseElementsGoByThemselves(): Promise<void> {
const { nft } = await import('netloom');
const { drop, ip, rule } = await import('netloom/nft');

const blocked = { family: 'inet', table: 'guard', name: 'blocked' } as const;
await using nf = await nft.open();
await nf.transaction((tx) => {
  tx.tables.add({ family: 'inet', name: 'guard' });
  tx.sets.add({ ...blocked, type: 'ipv4_addr', flags: ['interval', 'timeout'] });
  tx.chains.add({ family: 'inet', table: 'guard', name: 'input', type: 'filter', hook: 'input', priority: 'filter' });
  tx.rules.add({ family: 'inet', table: 'guard', chain: 'input', statements: rule(ip.saddr.in('@blocked'), drop()) });
});
await nf.elements.add(blocked, [{ key: '192.0.2.0/24', timeout: 3_600_000 }]); // milliseconds
await nf.elements.add(blocked, [{ key: '198.51.100.7', timeout: 60_000, comment: 'port scan' }]);
}

/** docs/cookbook.md: Counters */
export async function counters(): Promise<void> {
const { nft } = await import('netloom');

await using nf = await nft.open();
const { data } = await nf.objects.get({ family: 'ip', table: 'count', name: 'pings', type: 'counter' });
console.log(data?.packets, 'packets', data?.bytes, 'bytes');
for (const { expressions } of await nf.rules.list({ family: 'ip', table: 'count' }))
  for (const expression of expressions) if (expression.kind === 'counter') console.log('the rule has seen', expression.data?.packets);
}

/** docs/cookbook.md: Watching links */
export async function watchingLinks(): Promise<void> {
const { createLink, rtnl } = await import('netloom');

await using rt = await rtnl.open();
const monitor = rt.monitor(['link', 'address']); // it listens from here on
await createLink({ kind: 'veth', name: 'eth0', peer: 'far' });
await rt.addresses.create('eth0', '10.0.0.1/24');
for await (const event of monitor) {
  if (event.kind === 'link' && event.action === 'new') console.log('link', event.new.name);
  if (event.kind === 'address' && event.action === 'new') {
    console.log('address', event.new.address, event.new.dev);
    break;
  }
}
}

/** docs/cookbook.md: Watching connections */
export async function watchingConnections(): Promise<void> {
const { conntrack } = await import('netloom');

await using ct = await conntrack.open();
const monitor = ct.monitor(['flow'], { actions: ['new', 'delete'] });
await ct.flows.create({ original: { protocol: 'udp', src: '10.0.0.1', dst: '192.0.2.1', sport: 4000, dport: 53 }, timeout: 60 });
await ct.flows.deleteMatching({ original: { protocol: 'udp', dst: '192.0.2.0/24' } });
for await (const event of monitor) {
  if (event.kind !== 'flow') continue;
  if (event.action === 'new') console.log('new', event.new.original.dst);
  if (event.action === 'delete') {
    console.log('gone', event.old.original.dst);
    break;
  }
}
}

/** docs/cookbook.md: Waiting for a link */
export async function waitingForALink(): Promise<void> {
const { rtnl, setLink } = await import('netloom');

await using rt = await rtnl.open();
const ready = rt.links.waitUntil('eth0', 'operational', { timeout: 5_000 });
await setLink('far', { up: true });
console.log((await ready)?.operState);
}

/** docs/cookbook.md: Many requests at once */
export async function manyRequestsAtOnce(): Promise<void> {
const { rtnl } = await import('netloom');

await using rt = await rtnl.open();
const wanted = Array.from({ length: 1000 }, (_, i) => `10.${100 + (i >> 8)}.${i & 255}.0/24`);
const results = await Promise.allSettled(wanted.map((to) => rt.routes.create({ to, via: '10.0.0.2' })));
console.log(results.filter(({ status }) => status === 'rejected').length, 'refused');
}

/** docs/cookbook.md: A hundred thousand routes */
export async function aHundredThousandRoutes(): Promise<void> {
const { rtnl } = await import('netloom');

await using rt = await rtnl.open();
let found = 0;
for await (const route of rt.routes.stream({ family: 'inet', protocol: 'boot' })) if (route.via === '10.0.0.2') found += 1;
console.log(found);
}

/** docs/cookbook.md: Errors */
export async function errors(): Promise<void> {
const { createBridge, getLink, InputError, NetlinkError, NotFoundError, setLink } = await import('netloom');

await createBridge({ name: 'br0' });
const attempts = [
  () => createBridge({ name: 'br0' }),
  () => setLink('br0', { mtu: 70_000 }),
  () => getLink('eth9'),
  () => createBridge({ name: 'far-too-long-a-name' }),
];
for (const attempt of attempts)
  try {
    await attempt();
  } catch (error) {
    if (error instanceof NetlinkError) console.log('the kernel refused:', error.code, error.subject, error.extack?.message ?? '');
    else if (error instanceof NotFoundError) console.log('not there:', error.argument);
    else if (error instanceof InputError) console.log('not sent:', error.argument);
    else throw error;
  }
}

/** docs/cookbook.md: Sysctls */
export async function sysctls(): Promise<void> {
const { netns } = await import('netloom');

await using red = await netns.open('red');
await red.sysctl.set('net.ipv4.ip_forward', true);
await red.sysctl.set('net.ipv4.conf.lo.arp_ignore', 1);
console.log(await red.sysctl.get('net.ipv4.ip_forward'));
}

/** docs/cookbook.md: A program in a namespace */
export async function aProgramInANamespace(): Promise<void> {
const { netns } = await import('netloom');

await using red = await netns.open('red');
const { stdout, code } = await red.exec('ping', ['-c', '1', '127.0.0.1']); // to its end
console.log(code, stdout.includes('1 received'));
const child = red.spawn('sleep', ['60']); // a ChildProcess
console.log((await netns.pids('red')).includes(child.pid ?? 0));
const ended = new Promise((resolve) => child.once('close', resolve));
child.kill();
await ended;
}

/** docs/cookbook.md: Code in a namespace */
export async function codeInANamespace(): Promise<void> {
const { netns } = await import('netloom');

await using red = await netns.open('red');
const server = createServer();
red.run(() => server.listen(8080));
await once(server, 'listening');
console.log((await red.exec('ss', ['-Hltn'])).stdout);
server.close();
}

/** docs/cookbook.md: A network with a published port */
export async function aNetworkWithAPublishedPort(): Promise<void> {
const { network } = await import('netloom');

await using net = await network.create({ name: 'web', subnets: ['10.20.0.0/16'], masquerade: true });
const endpoint = await net.attach({ netns: 'red', owner: 'container-1', ports: [{ hostPort: 8080, containerPort: 80 }] });
console.log(endpoint.addresses);
}

/** docs/cookbook.md: Clearing away what nobody wants */
export async function clearingAwayWhatNobodyWants(): Promise<void> {
const { network } = await import('netloom');

await using net = await network.create({ name: 'web', subnets: ['10.20.0.0/16'] });
await net.attach({ netns: 'red', owner: 'container-1' });
await net.attach({ netns: 'blue', owner: 'container-2' });
const { endpoints } = await network.gc(['container-1']); // the owners that there are
console.log(endpoints.map(({ owner }) => owner));
}

/** docs/cookbook.md: Without promises */
export async function withoutPromises(): Promise<void> {
const { rtnl, sync } = await import('netloom');

sync.createVethPair({ name: 'v0', up: true, peer: { name: 'v1', up: true } });
using rt = rtnl.openSync();
rt.addresses.create('v0', '10.0.0.1/24');
console.log(rt.links.list().map(({ name }) => name));
}

/** docs/cookbook.md: Tests without a kernel */
export async function testsWithoutAKernel(): Promise<void> {
const { createBridge, rtnl } = await import('netloom');
const { ack, fakeKernel, refuse, reply, setDefaultTransport } = await import('netloom/testing');

const kernel = fakeKernel((request) => {
  if (request.name === 'RTM_NEWLINK') return refuse(request, 'EPERM');
  if (request.name === 'RTM_GETLINK') return reply(request, rtnl.newLink, { index: 7, name: 'br0' });
  return ack(request);
});
setDefaultTransport(kernel.transport);
await createBridge({ name: 'br0' }).catch((error) => console.log(error.code));
setDefaultTransport(undefined); // the real one again
console.log(kernel.requests.map(({ name }) => name));
}
