/**
 * Two containers on a bridge, with a way out: what `ip netns`, `ip link`, `ip addr`, `ip route`, `sysctl` and `iptables`
 * do by hand. As root: npx tsx attach.ts UPLINK
 */
import {
  addAddress,
  addForwardAccept,
  addRoute,
  createBridge,
  createVethPair,
  deleteLink,
  enableForwarding,
  masquerade,
  netns,
  setLink,
} from 'netloom';

const uplink = process.argv[2] ?? 'eth0';
const gateway = '10.0.0.254';
const containers = [
  { name: 'red', near: 'veth-r-br', far: 'veth-r', address: '10.0.0.1/24' },
  { name: 'blue', near: 'veth-b-br', far: 'veth-b', address: '10.0.0.2/24' },
];

await createBridge({ name: 'br-study', up: true, addresses: [`${gateway}/24`] });
for (const { name, near, far, address } of containers) {
  await using container = await netns.create(name);
  await createVethPair({ name: near, master: 'br-study', up: true, peer: { name: far, netns: container, up: true } });
  await setLink('lo', { up: true }, { netns: container });
  await addAddress(far, address, { netns: container });
  await addRoute({ to: 'default', via: gateway, netns: container });
}
await enableForwarding();
const forward = await addForwardAccept({ interface: 'br-study' });
const nat = await masquerade({ source: '10.0.0.0/24', outInterface: uplink });

await using red = await netns.open('red');
for (const address of ['10.0.0.2', ...process.argv.slice(3)]) {
  const { stdout } = await red.exec('ping', ['-c', '3', '-i', '0.2', address]);
  console.log(stdout);
}

await nat.remove();
await forward.remove();
for (const { name, near } of containers) {
  await deleteLink(near);
  await netns.delete(name);
}
await deleteLink('br-study');
