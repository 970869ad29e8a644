/** Seeing every datagram: NODE_DEBUG=netloom as a person reads it, the diagnostics channels as a tool does. */
import { spawnSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { fileURLToPath } from 'node:url';
import { rtnl } from 'netloom';
import { ack, fakeKernel, reply, setDefaultTransport } from 'netloom/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { addAddress, sync } from '../../src/index.ts';
import type { TracedDatagram } from '../../src/netlink/trace.ts';

const program = fileURLToPath(new URL('../fixtures/trace/program.ts', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));

function run(debug: string): string {
  const env = { ...process.env, NODE_DEBUG: debug };
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [tsx, program], { env, encoding: 'utf8', timeout: 120_000 });
  expect({ status, stdout, error }).toEqual({ status: 0, stdout: '', error: undefined });
  return stderr;
}

// Bun's util.debuglog prints nothing
const onBun = process.versions['bun'] !== undefined;

describe('NODE_DEBUG=netloom', { timeout: 150_000 }, () => {
  test.skipIf(onBun)('prints every message, both directions', () => {
    // process ids and sequence numbers are another thing each time
    expect(
      run('netloom')
        .replace(/^NETLOOM \d+/gm, 'NETLOOM PID')
        .replace(/seq=\d+/g, 'seq=N'),
    ).toBe(`\
NETLOOM PID: sent NETLINK_ROUTE, network namespace "red"
  RTM_GETLINK REQUEST seq=N port=0 length=52
    ifinfomsg: family=unspec type=0 index=0 flags=0 change=0
    IFLA_IFNAME: "eth0"
    IFLA_EXT_MASK: 8
NETLOOM PID: received NETLINK_ROUTE, network namespace "red"
  RTM_NEWLINK seq=N port=0 length=44
    ifinfomsg: family=unspec type=ether index=2 flags=up change=0
    IFLA_IFNAME: "eth0"
NETLOOM PID: sent NETLINK_ROUTE, network namespace "red"
  RTM_NEWADDR REQUEST|ACK|EXCL|CREATE seq=N port=0 length=40
    ifaddrmsg: family=inet prefixLength=24 headerFlags=0 scope=global index=2
    IFA_LOCAL: 10.0.0.1
    IFA_ADDRESS: 10.0.0.1
NETLOOM PID: received NETLINK_ROUTE, network namespace "red"
  NLMSG_ERROR CAPPED|ACK_TLVS seq=N port=0 length=52
    error: -1 EPERM
    NLMSGERR_ATTR_MSG: "not today"
    of RTM_NEWADDR REQUEST|ACK|EXCL|CREATE seq=N port=0 length=40
NETLOOM PID: sent NETLINK_NETFILTER
  NFT_MSG_GETTABLE REQUEST|DUMP seq=N port=0 length=20
    nfgenmsg: family=unspec version=0 resId=0
NETLOOM PID: received NETLINK_NETFILTER
  NFT_MSG_NEWTABLE MULTI seq=N port=0 length=40
    nfgenmsg: family=ip version=0 resId=0
    NFTA_TABLE_NAME: "nat"
    NFTA_TABLE_HANDLE: 1
NETLOOM PID: received NETLINK_NETFILTER
  NLMSG_DONE MULTI seq=N port=0 length=20
    error: 0
`);
  });

  test('and nothing without it', () => expect(run('')).toBe(''));
});

describe('diagnostics channels', () => {
  const seen: TracedDatagram[] = [];
  const note = (message: unknown): void => {
    seen.push(message as TracedDatagram);
  };
  const kernel = () =>
    fakeKernel((request) => (request.name === 'RTM_GETLINK' ? reply(request, rtnl.newLink, { index: 2, name: 'eth0' }) : ack(request)));
  afterEach(() => {
    unsubscribe('netloom:sent', note);
    unsubscribe('netloom:received', note);
    seen.length = 0;
    setDefaultTransport(undefined);
  });

  test('carry bytes, protocol, namespace and text, also for sockets that were open before', async () => {
    await using rt = await rtnl.open({ transport: kernel().transport, netns: 'red' });
    await rt.links.get('eth0');
    subscribe('netloom:sent', note);
    await rt.links.get('eth0');
    subscribe('netloom:received', note);
    await rt.links.get('eth0');
    unsubscribe('netloom:sent', note);
    unsubscribe('netloom:received', note);
    await rt.links.get('eth0');
    expect(seen.map(({ direction, protocol, namespace, nsid }) => ({ direction, protocol, namespace, nsid }))).toEqual(
      ['sent', 'sent', 'received'].map((direction) => ({ direction, protocol: 0, namespace: 'fake:red', nsid: undefined })),
    );
    expect(seen[1]?.text).toMatch(/^RTM_GETLINK REQUEST seq=\d+ port=0 length=52\n {2}ifinfomsg.*\n {2}IFLA_IFNAME: "eth0"\n/);
    expect(seen[2]?.text).toMatch(/^RTM_NEWLINK seq=/);
    expect(seen[1]?.bytes.readUInt32LE(0)).toBe(52);
    expect(seen[1]?.bytes.length).toBe(52);
  });

  test('both drivers and the builders', async () => {
    setDefaultTransport(kernel().transport);
    subscribe('netloom:sent', note);
    await addAddress(2, '10.0.0.1/24');
    sync.addAddress(2, '10.0.0.2/24');
    expect(seen.map(({ text }) => /IFA_LOCAL: (.*)/.exec(text)?.[1])).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  test('a message without a schema is told by its length only: it may hold a key', async () => {
    const { TracedText } = { TracedText: (await import('../../src/netlink/describe.ts')).traceText };
    const bytes = Buffer.alloc(20, 0xab);
    bytes.writeUInt32LE(20, 0);
    expect(TracedText(bytes, 16)).toMatch(/payload: 4 bytes, not shown/);
    expect(TracedText(bytes, 16)).not.toMatch(/ab ab/);
  });
});
