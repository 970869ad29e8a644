/**
 * A container in a namespace whose bandwidth is limited both ways: what it takes, what is counted, and that nothing is left.
 *
 *   sudo npx tsx examples/limit-bandwidth.ts        (or within `unshare --user --map-root-user --net --mount`, with a tmpfs on /run)
 */
import { addAddress, createVethPair, deleteLink, limitBandwidth, netns, rtnl, setLink } from 'netloom';

await using red = await netns.create('nl-example');
try {
  await createVethPair({ name: 'nl-host', up: true, peer: { name: 'eth0', netns: red, up: true } });
  await addAddress('nl-host', '10.77.0.1/24');
  await addAddress('eth0', '10.77.0.2/24', { netns: red });
  await setLink('lo', { up: true }, { netns: red });

  const limit = await limitBandwidth('nl-host', { ingressRate: 80_000_000, egressRate: 8_000_000 });
  const { stdout } = await red.exec('ping', ['-n', '-c', '3', '-i', '0.2', '10.77.0.1']);
  console.log(stdout.trim().split('\n').at(-2));

  await using rt = await rtnl.open();
  for (const dev of ['nl-host', limit.ifb]) {
    const { options, stats } = await rt.qdiscs.get({ dev, kind: 'tbf' });
    console.log(dev === 'nl-host' ? 'to the container:  ' : 'from the container:', options, `${stats?.packets} packets`);
  }

  // what is known of the namespace meanwhile
  const { processes, peers } = await netns.inspect(red);
  console.log(
    `${processes.length} processes inside; links to elsewhere:`,
    peers.flatMap(({ links }) => links.map(({ name }) => name)),
  );
  console.log('its /sys/class/net:', (await red.exec('ls', ['/sys/class/net'])).stdout.trim().split('\n').join(' '));

  await limit.remove();
} finally {
  await deleteLink('nl-host').catch(() => {});
  await red.delete();
}
