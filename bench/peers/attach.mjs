// netloom's attach in a process of its own, as the other peers are: `node attach.mjs sync|builders|async|batch COUNT`. Prints milliseconds a
// container. Namespaces c0, c1, … and the bridge br0 are there.
const { createBridge, createVethPair, deleteLink, netns, rtnl, sync } = await import(new URL('../../dist/index.js', import.meta.url).href);
const [mode, text] = process.argv.slice(2);
const gateway = '10.99.255.254';
const addressOf = (i) => `10.99.${Math.floor(i / 200)}.${(i % 200) + 1}/16`;

const attach = {
  /** One message for the pair, then one client inside, on which requests of one tick share a datagram, in order. */
  async async({ name, near, master, i }) {
    const { peer } = await createVethPair({ name: near, master, up: true, peer: { name: 'eth0', netns: name, up: true } });
    const inside = await rtnl.open({ netns: name });
    await Promise.all([
      inside.links.update('lo', { up: true }),
      inside.addresses.create(peer, addressOf(i)),
      inside.routes.create({ to: 'default', via: gateway }),
    ]);
    inside.close();
  },
  sync({ name, near, master, i }) {
    const { peer } = sync.createVethPair({ name: near, master, up: true, peer: { name: 'eth0', netns: name, up: true } });
    const inside = rtnl.openSync({ netns: name });
    inside.links.update('lo', { up: true });
    inside.addresses.create(peer, addressOf(i));
    inside.routes.create({ to: 'default', via: gateway });
    inside.close();
  },
  builders({ name, near, master, i }) {
    sync.createVethPair({ name: near, master, up: true, peer: { name: 'eth0', netns: name, up: true } });
    sync.setLink('lo', { up: true }, { netns: name });
    sync.addAddress('eth0', addressOf(i), { netns: name });
    sync.addRoute({ to: 'default', via: gateway, netns: name });
  },
};

async function attachAll(containers) {
  if (mode !== 'batch') {
    for (const container of containers) await attach[mode](container);
    return;
  }
  // requests of one tick share a datagram, so containers that are attached together share their messages
  for (let at = 0; at < containers.length; at += 50) await Promise.all(containers.slice(at, at + 50).map(attach.async));
}

// a long-running orchestrator's code is compiled: attach and detach elsewhere first
await createBridge({ name: 'warm', up: true });
netns.createSync('warm').close();
for (let i = 0; i < 100; i++) {
  const container = { name: 'warm', near: 'warm0', master: 'warm', i };
  await (mode === 'batch' ? attach.async : attach[mode])(container);
  sync.deleteLink('warm0');
}
netns.deleteSync('warm');
await deleteLink('warm');
// the kernel takes a namespace apart later, under the locks that an attach needs
await new Promise((resolve) => setTimeout(resolve, 1500));

const containers = Array.from({ length: Number(text) }, (_, i) => ({ name: `c${i}`, near: `v${i}`, master: 'br0', i }));
const start = performance.now();
await attachAll(containers);
console.log((performance.now() - start) / containers.length);
