/**
 * `npm run demo`: the by-hand walk through container networking, in code, and proved with packets.
 *
 *     red  10.0.0.1 ─┐                                                       internet
 *                    ├─ br-study 10.0.0.254 ── host ── up0 203.0.113.1 ══ 203.0.113.8
 *     blue 10.0.0.2 ─┘
 *
 * 203.0.113.8 (a documentation address) stands for the 8.8.8.8 of the walk through: nothing can leave the machine.
 */
import { createServer } from 'node:net';
import {
  addAddress,
  addForwardAccept,
  addRoute,
  createBridge,
  createVethPair,
  deleteLink,
  enableForwarding,
  enslave,
  findPeer,
  getLink,
  masquerade,
  moveToNs,
  netns,
  rtnl,
  setLink,
} from 'netloom';
import { isolated, runIsolated } from './demo/isolate.ts';
import { heading, pingResult, step } from './demo/report.ts';
import { draw } from './demo/topology.ts';

if (!isolated()) await runIsolated();

const internetAddress = '203.0.113.8';
const uplinkAddress = '203.0.113.1';
const undo: (() => Promise<void>)[] = [];
let status = 0;

const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => reject(new Error(`interrupted by ${signal}`)));
});
interrupted.catch(() => {});

try {
  await Promise.race([walkThrough(), interrupted]);
} catch (error) {
  status = 1;
  console.error(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  heading('Cleaning up');
  for (const action of undo.reverse()) await action().catch((error: unknown) => console.error(`  ${String(error)}`));
  const left = (await netns.list()).map((entry) => entry.name);
  await using rt = await rtnl.open();
  const links = (await rt.links.list()).filter((link) => link.kind !== undefined && link.kind !== 'ifb').map((link) => link.name);
  console.log(
    `namespaces left: ${left.length === 0 ? 'none' : left.join(' ')}; links left: ${links.length === 0 ? 'none' : links.join(' ')}`,
  );
}
process.exitCode = status;

async function walkThrough(): Promise<void> {
  heading('An internet behind the uplink (not part of the walk through)');
  await using host = await netns.open(process.pid);
  await using internet = await step("netns.create('internet')", ['ip netns add internet'], () => netns.create('internet'));
  undo.push(() => netns.delete('internet'));
  undo.push(() => deleteIfThere('up0'));
  await step("createVethPair({ name: 'up0', up, peer: { name: 'inet0', netns } })", ['ip link add up0 type veth peer name inet0 …'], () =>
    createVethPair({ name: 'up0', up: true, peer: { name: 'inet0', netns: internet, up: true } }),
  );
  await addAddress('up0', `${uplinkAddress}/24`);
  await addAddress('inet0', `${internetAddress}/24`, { netns: internet });

  heading('Two namespaces');
  const red = await step("netns.create('red')", ['ip netns add red'], () => netns.create('red'));
  undo.push(async () => {
    await red.delete();
    red.close();
  });
  const blue = await step("netns.create('blue')", ['ip netns add blue'], () => netns.create('blue'));
  undo.push(async () => {
    await blue.delete();
    blue.close();
  });

  heading('A bridge');
  await step(
    "createBridge({ name: 'br-study', up: true, addresses: ['10.0.0.254/24'] })",
    ['ip link add br-study type bridge', 'ip link set br-study up', 'ip addr add 10.0.0.254/24 dev br-study'],
    () => createBridge({ name: 'br-study', up: true, addresses: ['10.0.0.254/24'] }),
  );
  undo.push(() => deleteLink('br-study'));
  undo.push(() => deleteIfThere('veth-r-br'));
  undo.push(() => deleteIfThere('veth-b-br'));

  heading('red, the way of the walk through: create, then move, then enslave');
  await step("createVethPair({ name: 'veth-r-br', peer: { name: 'veth-r' } })", ['ip link add veth-r type veth peer name veth-r-br'], () =>
    createVethPair({ name: 'veth-r-br', peer: { name: 'veth-r' } }),
  );
  await step("moveToNs('veth-r', red)", ['ip link set veth-r netns red'], () => moveToNs('veth-r', red));
  await step("enslave('veth-r-br', 'br-study')", ['ip link set veth-r-br master br-study'], () => enslave('veth-r-br', 'br-study'));
  await step("setLink('veth-r-br', { up: true })", ['ip link set veth-r-br up'], () => setLink('veth-r-br', { up: true }));

  heading('blue, the way of netloom: one kernel message makes both ends where they belong');
  await step(
    "createVethPair({ name: 'veth-b-br', master: 'br-study', up, peer: { name: 'veth-b', netns: blue, up } })",
    ['(the four commands above, and ip link set veth-b up)'],
    () => createVethPair({ name: 'veth-b-br', master: 'br-study', up: true, peer: { name: 'veth-b', netns: blue, up: true } }),
  );

  heading('Addresses');
  await step("addAddress('veth-r', '10.0.0.1/24', { netns: red })", ['ip netns exec red ip addr add 10.0.0.1/24 dev veth-r'], () =>
    addAddress('veth-r', '10.0.0.1/24', { netns: red }),
  );
  await step("setLink('veth-r', { up: true }, { netns: red })", ['ip netns exec red ip link set veth-r up'], () =>
    setLink('veth-r', { up: true }, { netns: red }),
  );
  await step("setLink('lo', { up: true }, { netns: red })", ['ip netns exec red ip link set lo up'], () =>
    setLink('lo', { up: true }, { netns: red }),
  );
  await step("addAddress('veth-b', '10.0.0.2/24', { netns: blue })", ['… blue ip addr add 10.0.0.2/24 dev veth-b'], () =>
    addAddress('veth-b', '10.0.0.2/24', { netns: blue }),
  );
  await step("setLink('lo', { up: true }, { netns: blue })", ['ip netns exec blue ip link set lo up'], () =>
    setLink('lo', { up: true }, { netns: blue }),
  );

  heading('red pings blue');
  await ping(red, '10.0.0.2');

  heading('A way out');
  await step("addRoute({ to: 'default', via: '10.0.0.254', netns: red })", ['ip netns exec red ip route add default via 10.0.0.254'], () =>
    addRoute({ to: 'default', via: '10.0.0.254', netns: red }),
  );
  await step(
    "addRoute({ to: 'default', via: '10.0.0.254', netns: blue })",
    ['ip netns exec blue ip route add default via 10.0.0.254'],
    () => addRoute({ to: 'default', via: '10.0.0.254', netns: blue }),
  );
  await step('enableForwarding()', ['sysctl -w net.ipv4.ip_forward=1'], () => enableForwarding());
  const forward = await step(
    "addForwardAccept({ interface: 'br-study' })",
    ['iptables -A FORWARD -i br-study -j ACCEPT', 'iptables -A FORWARD -o br-study -j ACCEPT'],
    () => addForwardAccept({ interface: 'br-study' }),
  );
  undo.push(() => forward.remove());
  const nat = await step(
    "masquerade({ source: '10.0.0.0/24', outInterface: 'up0' })",
    ['iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o up0 -j MASQUERADE'],
    () => masquerade({ source: '10.0.0.0/24', outInterface: 'up0', comment: '10.0.0.0/24 to the address of up0' }),
  );
  undo.push(() => nat.remove());

  heading(`red pings the internet (${internetAddress})`);
  await ping(red, internetAddress);

  heading('Whom the router saw');
  const sender = await senderSeenBy(internet, red);
  console.log(`a connection from red (10.0.0.1) reached the router as one from ${sender}, the address of the uplink up0`);
  if (sender !== uplinkAddress) throw new Error(`the router saw ${sender} instead of ${uplinkAddress}`);

  heading("The bridge's ports (bridge link show; ip a's @ifN)");
  await using rt = await rtnl.open();
  for (const port of await rt.links.list({ master: 'br-study' })) {
    const peer = await findPeer(port, { candidates: [red, blue] });
    console.log(
      `${port.index}: ${port.name}@if${port.peerIndex} master ${port.master}, ${port.operState}  ══  ${peer === undefined ? 'unknown' : `${peer.link.index}: ${peer.link.name} in ${peer.netns?.name}`}`,
    );
  }
  const bridge = await getLink('br-study');
  console.log(`${bridge.index}: ${bridge.name} ${bridge.kind} ${bridge.address}, ${bridge.operState}`);

  heading('The topology, as the kernel has it');
  console.log(
    await draw([
      { name: 'host', netns: host },
      { name: 'red', netns: red },
      { name: 'blue', netns: blue },
      { name: 'internet', netns: internet },
    ]),
  );
}

/** The other end takes a veth with it when its namespace goes, some time later: whoever comes first. */
async function deleteIfThere(link: string): Promise<void> {
  await using rt = await rtnl.open();
  await rt.links.ensureAbsent(link);
}

async function ping(from: netns.Netns, address: string): Promise<void> {
  const { stdout, stderr, code } = await from.exec('ping', ['-c', '3', '-i', '0.2', '-W', '2', address]);
  console.log(pingResult(stdout) || stderr);
  if (code !== 0) throw new Error(`ping ${address} failed`);
}

/** The address from which a connection of `client` arrives at a server in `server`. */
async function senderSeenBy(server: netns.Netns, client: netns.Netns): Promise<string> {
  const listener = createServer();
  // the socket is made within run(), so it listens inside, whatever thread serves it
  server.run(() => {
    listener.listen(8080);
  });
  try {
    const seen = new Promise<string>((resolve, reject) => {
      listener.on('error', reject);
      listener.on('connection', (socket) => {
        resolve((socket.remoteAddress ?? 'nobody').replace('::ffff:', ''));
        socket.destroy();
      });
    });
    const connect = `require('net').connect(8080, '${internetAddress}').on('close', () => {}).on('error', () => process.exit(1))`;
    const [sender] = await Promise.all([seen, client.exec(process.execPath, ['-e', connect], { timeout: 10_000 })]);
    return sender;
  } finally {
    listener.close();
  }
}
