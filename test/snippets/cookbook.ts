// Made of docs/cookbook.md by `npx tsx scripts/snippets.ts`; change it there.

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
