/** Seeing every datagram: NODE_DEBUG=netloom as a person reads it, the diagnostics channels as a tool does. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { spawnSync } from 'node:child_process';
import { subscribe, type TracingChannelSubscribers, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { fileURLToPath } from 'node:url';
import { nft, rtnl } from 'netloom';
import { ack, fakeKernel, multipart, refuse, reply, setDefaultTransport } from 'netloom/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addAddress, sync } from '../../src/index.ts';
import { NLM_F_DUMP } from '../../src/netlink/message.ts';
import type { TracedDatagram } from '../../src/netlink/trace.ts';
import type { TracedRequest } from '../../src/netlink/trace-request.ts';

const program = fileURLToPath(new URL('../fixtures/trace/program.ts', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));

function run(debug: string): string {
  const env = { ...process.env, NODE_DEBUG: debug };
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [tsx, program], { env, encoding: 'utf8', timeout: 120_000 });
  expect({ status, stdout, error }).toEqual({ status: 0, stdout: '', error: undefined });
  return stderr;
}

describe('NODE_DEBUG=netloom', { timeout: 150_000 }, () => {
  test('prints every message, both directions', () => {
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

  test('and among other names, with a wildcard', () => expect(run('loom,NETL*')).toMatch(/^NETLOOM \d+: sent NETLINK_ROUTE/));

  test.each(['', 'loom,netloomer'])('and nothing with %j', (debug) => expect(run(debug)).toBe(''));
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

describe('the tracing channel netloom:request', () => {
  const names = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
  const seen: string[] = [];
  const contexts: TracedRequest[] = [];
  const listeners = Object.fromEntries(
    names.map((name) => [
      name,
      (context: TracedRequest) => {
        if (!contexts.includes(context)) contexts.push(context);
        seen.push(`${contexts.indexOf(context)} ${name}`);
      },
    ]),
  ) as unknown as TracingChannelSubscribers<TracedRequest>;
  const channels = tracingChannel<unknown, TracedRequest>('netloom:request');
  beforeEach(() => {
    seen.length = 0;
    contexts.length = 0;
    channels.subscribe(listeners);
  });
  afterEach(() => {
    channels.unsubscribe(listeners);
  });

  const kernel = () =>
    fakeKernel((request) => {
      if (request.name === 'RTM_GETLINK' && (request.flags & NLM_F_DUMP) === NLM_F_DUMP)
        return multipart(request, 'RTM_NEWLINK', [
          { index: 1, name: 'lo' },
          { index: 2, name: 'eth0' },
        ]);
      if (request.name === 'RTM_GETLINK') return reply(request, rtnl.newLink, { index: 2, name: 'eth0' });
      if (request.name === 'RTM_NEWADDR') return refuse(request, 'EPERM', { message: 'not today' });
      return ack(request);
    });
  const client = () => rtnl.open({ transport: kernel().transport, netns: 'red' });
  const answered = ['start', 'end', 'asyncStart', 'asyncEnd'];
  const refused = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];
  const of = (index: number, events: readonly string[]): string[] => events.map((event) => `${index} ${event}`);

  test('one request', async () => {
    await using rt = await client();
    await rt.links.get('eth0');
    expect(seen).toEqual(of(0, answered));
    expect(contexts).toMatchObject([
      {
        operation: 'RTM_GETLINK',
        protocol: 0,
        namespace: 'fake:red',
        subject: expect.stringContaining('"eth0"') as string,
        dump: false,
        sync: false,
        result: { index: 2, name: 'eth0' },
      },
    ]);
    expect(contexts[0]).not.toHaveProperty('error');
  });

  test('a refusal', async () => {
    await using rt = await client();
    const error: unknown = await rt.addresses.create(2, '10.0.0.1/24').catch((reason: unknown) => reason);
    expect(seen).toEqual(of(0, refused));
    expect(contexts[0]).toMatchObject({ operation: 'RTM_NEWADDR', error: { code: 'EPERM', message: (error as Error).message } });
    expect(contexts[0]).not.toHaveProperty('result');
  });

  test('several at a time, in one datagram: each has its own', async () => {
    await using rt = await client();
    await Promise.allSettled([rt.links.get('eth0'), rt.addresses.create(2, '10.0.0.1/24'), rt.addresses.delete(2, '10.0.0.1/24')]);
    for (const [index, context] of contexts.entries())
      expect(seen.filter((event) => event.startsWith(`${index} `))).toEqual(of(index, context.error === undefined ? answered : refused));
    expect(contexts.map(({ operation, error }) => [operation, error === undefined])).toEqual(
      expect.arrayContaining([
        ['RTM_GETLINK', true],
        ['RTM_NEWADDR', false],
        ['RTM_DELADDR', true],
      ]),
    );
  });

  test('what cannot be sent', async () => {
    await using rt = await client();
    await expect(rt.links.get('eth0', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toEqual(of(0, refused));
    expect(contexts[0]).toMatchObject({ error: { name: 'AbortError' } });
  });

  test('a list, and a stream that is broken off', async () => {
    await using rt = await client();
    await rt.links.list();
    for await (const _ of rt.links.stream()) break;
    expect(contexts.map(({ dump, count }) => ({ dump, count }))).toEqual([
      { dump: true, count: 2 },
      { dump: true, count: 1 },
    ]);
    expect(seen).toEqual([...of(0, answered), ...of(1, answered)]);
  });

  test('in place', () => {
    using st = rtnl.openSync({ transport: kernel().transport, netns: 'red' });
    st.links.get('eth0');
    expect(() => st.addresses.create(2, '10.0.0.1/24')).toThrow(/EPERM/);
    st.links.list();
    expect(seen).toEqual([...of(0, ['start', 'end']), ...of(1, ['start', 'error', 'end']), ...of(2, ['start', 'end'])]);
    expect(contexts).toMatchObject([
      { sync: true, result: { name: 'eth0' } },
      { sync: true, error: { code: 'EPERM' } },
      { sync: true, dump: true, count: 2 },
    ]);
  });

  test('a transaction of nf_tables: its messages, and not their brackets', async () => {
    const transport = fakeKernel((request) => ack(request)).transport;
    await using nf = await nft.open({ transport });
    await nf.tables.create({ family: 'ip', name: 't' });
    expect(contexts.map(({ operation, protocol }) => ({ operation, protocol }))).toEqual([{ operation: 'NFT_MSG_NEWTABLE', protocol: 12 }]);
    expect(seen).toEqual(of(0, answered));
  });

  test('stores that are bound to it, as tracers do', async () => {
    const store = new AsyncLocalStorage<string>();
    const spans: unknown[] = [];
    channels.start.bindStore(store, (context) => {
      spans.push((context as TracedRequest).operation);
      return 'span';
    });
    try {
      await using rt = await client();
      await rt.links.get('eth0');
      expect(spans).toEqual(['RTM_GETLINK']);
      expect(store.getStore()).toBeUndefined();
    } finally {
      channels.start.unbindStore(store);
    }
  });

  test('nobody listens: nothing is told, and later listeners get what is asked then', async () => {
    await using rt = await client();
    channels.unsubscribe(listeners);
    await rt.links.get('eth0');
    channels.subscribe(listeners);
    expect(seen).toEqual([]);
    await rt.links.get('eth0');
    expect(seen).toEqual(of(0, answered));
  });
});
