/** `netloom/testing`, as the tests of a package that uses netloom would have it: no privileges, no kernel. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { conntrack, createVethPair, enableForwarding, getLink, InputError, masquerade, NotFoundError, nft, rtnl, sync } from 'netloom';
import {
  ack,
  fakeKernel,
  multipart,
  overrun,
  type Recording,
  ReplayError,
  record,
  refuse,
  replay,
  reply,
  setDefaultTransport,
} from 'netloom/testing';
import { afterAll, afterEach, describe, expect, test } from 'vitest';

const { newLink, newAddress } = rtnl;
afterEach(() => {
  setDefaultTransport(undefined);
});
afterAll(() => {
  // the point of it all: nothing here has loaded the FFI
  const loaded = Object.keys(createRequire(import.meta.url).cache ?? {});
  expect(loaded.filter((path) => path.includes('koffi'))).toEqual([]);
});

describe('a fake kernel', () => {
  test('answers by constant and decoded value', async () => {
    const kernel = fakeKernel((request) => {
      if (request.name === 'RTM_GETLINK') return reply(request, newLink, { index: 7, name: request.value.name });
      return ack(request);
    });
    await using rt = await rtnl.open({ transport: kernel.transport, netns: 'red' });
    expect(await rt.links.get('eth0')).toMatchObject({ index: 7, name: 'eth0' });
    await rt.addresses.create('eth0', '10.0.0.1/24');
    expect(kernel.requests.map(({ name, namespace, protocol }) => `${name} ${namespace} ${protocol}`)).toContain('RTM_NEWADDR red 0');
    expect(kernel.requests.at(-1)?.value).toMatchObject({ index: 7, local: '10.0.0.1', prefixLength: 24 });
  });

  test('refuses what nobody answers, with what the kernel would say', async () => {
    const kernel = fakeKernel((request) =>
      request.name === 'RTM_DELLINK' ? refuse(request, 'EBUSY', { message: 'Device is in use' }) : undefined,
    );
    await using rt = await rtnl.open({ transport: kernel.transport });
    await expect(rt.addresses.create(2, '10.0.0.1/24')).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
    await expect(rt.links.delete(2)).rejects.toMatchObject({ code: 'EBUSY', message: expect.stringMatching(/Device is in use/) });
    expect(() => refuse(kernel.requests[0]!, 'ENOTHING')).toThrow(InputError);
  });

  test('a builder goes over to another with its next call, even in the same tick', async () => {
    const named = (name: string) => fakeKernel((request) => reply(request, newLink, { index: 1, name }));
    for (const name of ['one', 'two', 'three']) {
      setDefaultTransport(named(name).transport);
      expect(await getLink(1)).toMatchObject({ name });
      expect(sync.getLink(1)).toMatchObject({ name });
    }
  });

  test('multipart answers, interrupted and not; synchronous clients', () => {
    let interruptions = 2;
    const kernel = fakeKernel((request) => {
      if (request.name !== 'RTM_GETADDR') return multipart(request, newLink, [{ index: 1, name: 'lo' }]);
      return multipart(request, newAddress, [{ family: 2, index: 1, prefixLength: 8, local: '127.0.0.1', address: '127.0.0.1' }], {
        interrupted: interruptions-- > 0,
      });
    });
    using rt = rtnl.openSync({ transport: kernel.transport });
    expect(rt.addresses.list()).toMatchObject([{ address: '127.0.0.1/8' }]);
    expect(kernel.requests.filter(({ name }) => name === 'RTM_GETADDR').length).toBe(3);
    interruptions = 1000;
    expect(() => rt.addresses.list()).toThrow(expect.objectContaining({ code: 'EINTR' }));
  });

  test('a dump that ends in an error, and answers that are lost', async () => {
    const kernel = fakeKernel((request) =>
      request.name === 'RTM_GETROUTE' ? multipart(request, 'RTM_NEWROUTE', [], { errno: 'ENOMEM' }) : overrun(),
    );
    await using rt = await rtnl.open({ transport: kernel.transport });
    await expect(rt.routes.list()).rejects.toMatchObject({ code: 'ENOMEM' });
    await expect(rt.links.get(2)).rejects.toThrow(/outcome|lost|unknown/i);
  });

  test('nf_tables by constants', async () => {
    const kernel = fakeKernel((request) => multipart(request, 'NFT_MSG_NEWTABLE', [{ family: 2, name: 'nat', handle: 3n }]));
    await using nf = await nft.open({ transport: kernel.transport });
    expect(await nf.tables.list()).toEqual([{ family: 'ip', name: 'nat', handle: 3n }]);
    expect(() => reply(kernel.requests[0]!, 'NFT_MSG_NOTHING', {})).toThrow(InputError);
  });

  test('namespaces and sysctls are its own', async () => {
    const kernel = fakeKernel(ack, { namespaces: ['red'], sysctls: { 'net.ipv4.ip_forward': '0' } });
    setDefaultTransport(kernel.transport);
    await enableForwarding({ netns: 'red' });
    await expect(enableForwarding({ netns: 'blue' })).rejects.toBeInstanceOf(NotFoundError);
    await expect(rtnl.open({ netns: 'blue' })).rejects.toBeInstanceOf(NotFoundError);
    await expect(enableForwarding({ netns: 'red', family: 'inet6' })).rejects.toMatchObject({
      name: 'NotFoundError',
      code: 'ENOENT',
      argument: 'name',
    });
    expect(
      kernel.transport.surroundings?.sysctl?.('net.ipv4.ip_forward', undefined, kernel.transport.surroundings.openNamespace('red', '')),
    ).toBe('1');
  });

  test('tells monitors what changed, and that they missed something', async () => {
    const kernel = fakeKernel((request) => (request.name === 'RTM_GETLINK' ? multipart(request, newLink, []) : ack(request)));
    await using rt = await rtnl.open({ transport: kernel.transport });
    const monitor = rt.monitor(['link']);
    const events = monitor[Symbol.asyncIterator]();
    const first = events.next();
    kernel.notify(1, newLink, { index: 4, name: 'veth9', mtu: 1500, change: 0xffffffff });
    expect((await first).value).toMatchObject({ kind: 'link', action: 'new', new: { name: 'veth9' } });
    const second = events.next();
    kernel.overrun();
    expect((await second).value).toMatchObject({ kind: 'overrun' });
    await events.return?.();
  });

  test('a monitor whose signal is aborted already is one that ends with the reason', async () => {
    const kernel = fakeKernel((request) => ack(request));
    const signal = AbortSignal.abort(new Error('no time'));
    await using rt = await rtnl.open({ transport: kernel.transport });
    await using ruleset = await nft.open({ transport: kernel.transport });
    await using ct = await conntrack.open({ transport: kernel.transport });
    for (const monitor of [rt.monitor(['link'], { signal, netns: 'red' }), ruleset.monitor({ signal }), ct.monitor(['flow'], { signal })]) {
      await expect(monitor.next()).rejects.toThrow('no time');
      expect(await monitor.next()).toEqual({ value: undefined, done: true });
    }
  });
});

describe('recordings', () => {
  /** What the code under test does: over a kernel that knows one bridge. */
  const kernel = () =>
    fakeKernel((request) => {
      if (request.name === 'RTM_GETLINK') {
        if (request.value.name === 'gone') return refuse(request, 'ENODEV');
        return reply(request, newLink, { index: 3, name: 'br0', flags: 1 });
      }
      if (request.name === 'RTM_GETADDR')
        return multipart(request, newAddress, [{ family: 2, index: 3, prefixLength: 24, local: '10.0.0.1', address: '10.0.0.1' }]);
      return ack(request);
    });
  const work = async (transport: Parameters<typeof setDefaultTransport>[0], mtu = 1400): Promise<unknown> => {
    await using rt = await rtnl.open({ netns: 'red', ...(transport === undefined ? {} : { transport }) });
    await rt.links.update('br0', { mtu });
    await Promise.all(['10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24'].map((address) => rt.addresses.create(3, address)));
    const gone = await rt.links.get('gone').catch((error: Error) => error.message);
    return { link: await rt.links.get('br0'), addresses: await rt.addresses.list(), gone };
  };
  const recorded = async (): Promise<{ recording: Recording; result: unknown }> => {
    const recorder = record(kernel().transport);
    const result = await work(recorder.transport);
    // as it would come out of a file
    return { recording: JSON.parse(JSON.stringify(recorder.recording())) as Recording, result };
  };

  test('are replayed: the same questions, the same answers', async () => {
    const { recording, result } = await recorded();
    const again = replay(recording);
    expect(await work(again.transport)).toEqual(result);
    again.done();
  });

  test('are plain data', async () => {
    const { recording } = await recorded();
    expect(recording.namespaces).toEqual([{ reference: 'red', id: 'fake:red', fd: expect.any(Number) }]);
    expect(recording.steps.every((step) => 'request' in step && /^[0-9a-f]+$/.test(step.request))).toBe(true);
  });

  test('another request fails, and the error says what is different', async () => {
    const { recording } = await recorded();
    const again = replay(recording);
    const error: Error = await work(again.transport, 1500).then(
      () => new Error('none'),
      (e) => e,
    );
    expect(error).toBeInstanceOf(ReplayError);
    expect(error.message).toMatch(
      /^request \d to NETLINK_ROUTE of network namespace "red" differs from the recording \(-: recorded, \+: sent\)\n(.*\n)*- {3}IFLA_MTU: 1400\n\+ {3}IFLA_MTU: 1500/,
    );
    expect(() => again.done()).toThrow(error);
  });

  test('sysctls that were not read or written are missed', () => {
    const kernel = replay({
      format: 'netloom recording 1',
      kernel: '6.12.0',
      namespaces: [],
      steps: [
        { sysctl: 'net.ipv4.ip_forward', value: '1' },
        { sysctl: 'net.ipv6.conf.all.forwarding', result: '0' },
      ],
    });
    const sysctl = kernel.transport.surroundings!.sysctl!;
    expect(() => kernel.done()).toThrow(
      /^2 of the recorded sysctls were not asked:\n {2}sysctl net\.ipv4\.ip_forward set to "1"\n {2}sysctl net\.ipv6\.conf\.all\.forwarding read$/,
    );
    sysctl('net.ipv4.ip_forward', '1', undefined);
    expect(() => kernel.done()).toThrow(/^1 of the recorded sysctls was not asked/);
    sysctl('net.ipv6.conf.all.forwarding', undefined, undefined);
    kernel.done();
  });

  test('a request too many, too few, or in another order', async () => {
    const { recording } = await recorded();
    const more = replay(recording);
    await work(more.transport);
    await expect(work(more.transport)).rejects.toThrow(/nothing more was asked in the recording.*\n\+ RTM_/);
    const less = replay(recording);
    await using rt = await rtnl.open({ transport: less.transport, netns: 'red' });
    expect(() => less.done()).toThrow(/recorded requests were not asked:\n {2}1: RTM_/);
    await expect(rt.addresses.create(3, '10.0.0.3/24')).rejects.toThrow(/recorded, but later: `anyOrder`/);
    const any = replay(recording, { anyOrder: true });
    await using rt2 = await rtnl.open({ transport: any.transport, netns: 'red' });
    await rt2.addresses.create(3, '10.0.0.3/24');
    await rt2.addresses.create(3, '10.0.0.1/24');
    await expect(rt2.addresses.create(3, '10.0.0.1/24')).rejects.toThrow(ReplayError);
  });

  test('one request a datagram or many: the answers are the same', async () => {
    const { recording } = await recorded();
    const again = replay(recording, { anyOrder: true });
    using rt = rtnl.openSync({ transport: again.transport, netns: 'red' });
    for (const address of ['10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24']) rt.addresses.create(3, address);
  });

  test('a namespace that was not opened, or could not be', async () => {
    const recorder = record(fakeKernel(ack, { namespaces: ['red'] }).transport);
    await expect(rtnl.open({ netns: 'blue', transport: recorder.transport })).rejects.toBeInstanceOf(NotFoundError);
    (await rtnl.open({ netns: 'red', transport: recorder.transport })).close();
    const again = replay(recorder.recording());
    await expect(rtnl.open({ netns: 'blue', transport: again.transport })).rejects.toBeInstanceOf(NotFoundError);
    (await rtnl.open({ netns: 'red', transport: again.transport })).close();
    await expect(rtnl.open({ netns: 'green', transport: again.transport })).rejects.toThrow(/"green" was not opened in the recording/);
  });

  test('sysctls', async () => {
    const recorder = record(fakeKernel(ack, { sysctls: { 'net.ipv4.ip_forward': '0' } }).transport);
    const work = async (): Promise<unknown> => {
      await enableForwarding({ netns: 'red' });
      const failure: unknown = await enableForwarding({ netns: 'red', family: 'inet6' }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(NotFoundError);
      return (failure as Error).message;
    };
    setDefaultTransport(recorder.transport);
    const said = await work();
    const again = replay(recorder.recording());
    setDefaultTransport(again.transport);
    expect(await work()).toBe(said);
    again.done();
    await expect(enableForwarding({ netns: 'red' })).rejects.toThrow(/\(again\) in the recording/);
  });

  test('what a monitor heard comes when what was asked before it has been asked', async () => {
    const source = fakeKernel((request) =>
      request.name === 'RTM_GETLINK' ? reply(request, newLink, { index: 4, name: 'x' }) : ack(request),
    );
    const recorder = record(source.transport);
    const listen = async (transport: typeof recorder.transport, tell: () => void): Promise<unknown> => {
      await using rt = await rtnl.open({ transport });
      const events = rt.monitor(['link'])[Symbol.asyncIterator]();
      await rt.links.update(4, { mtu: 1400 });
      const next = events.next();
      tell();
      const { value } = await next;
      await events.return?.();
      return value;
    };
    const heard = await listen(recorder.transport, () => source.notify(1, newLink, { index: 4, name: 'x', mtu: 1400, change: 0xffffffff }));
    const again = replay(recorder.recording());
    expect(await listen(again.transport, () => {})).toEqual(heard);
    again.done();
  });

  test('what is no recording is refused', () => {
    expect(() => replay({} as Recording)).toThrow(InputError);
    expect(() => replay(undefined as never)).toThrow(InputError);
    expect(() => fakeKernel(undefined as never)).toThrow(InputError);
    expect(() => fakeKernel(ack, { sysctl: {} } as never)).toThrow(InputError);
    const recording = record(fakeKernel(ack).transport).recording();
    for (const options of [null, { anyorder: true }, { anyOrder: 1 }])
      expect(() => replay(recording, options as never)).toThrow(InputError);
    expect(() => setDefaultTransport(7 as never)).toThrow(InputError);
  });
});

describe('a recording of a real kernel', () => {
  const recording = (): Recording =>
    JSON.parse(readFileSync(new URL('../fixtures/recordings/attach.json', import.meta.url), 'utf8')) as Recording;

  test('a container is attached and published again, by the builders', async () => {
    const kernel = replay(recording());
    setDefaultTransport(kernel.transport);
    const { link, peer } = await createVethPair({ name: 'v0', up: true, peer: { name: 'eth0', netns: 'red', up: true } });
    expect(link).toMatchObject({ name: 'v0', kind: 'veth' });
    expect(peer).toMatchObject({ name: 'eth0' });
    await masquerade({ source: '10.0.0.0/24', outInterface: 'wan0' });
    expect(await getLink('eth0', { netns: 'red' })).toMatchObject({ kind: 'veth', index: peer.index });
    kernel.done();
  });
});
