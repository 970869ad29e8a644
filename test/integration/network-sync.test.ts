/** Networks in place: every method does the same as its asynchronous form, which the other files try, and has done it when it returns. */
import { network } from 'netloom';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { deleteSpaces, newSpace, type Space } from '../support/network.ts';
import { ip, ipText } from '../support/oracle.ts';

let host: Space;
let red: Space;
let blue: Space;
let net: network.SyncNetwork;

beforeAll(() => {
  [host, red, blue] = [newSpace('h'), newSpace('r'), newSpace('b')];
});
afterAll(deleteSpaces);
beforeEach(() => {
  net = network.createSync({ name: 'web', subnets: ['10.20.0.0/16', 'fd00:20::/64'], spoofCheck: true, netns: host });
});
afterEach(() => {
  if (network.listSync({ netns: host }).length > 0) net.delete({ force: true });
  net.close();
});

test('an endpoint is whole when attach returns, and gone when detach does', () => {
  const endpoint = net.attach({
    netns: red,
    owner: 'one',
    rateLimits: { ingressRate: 10_000_000 },
    ports: [{ hostPort: 8080, containerPort: 80 }],
  });
  const inside = ip(['addr', 'show', 'eth0'], { netns: red.name })[0];
  expect(inside).toMatchObject({ address: endpoint.mac, operstate: 'UP' });
  expect(inside.addr_info.map((each: { local: string }) => each.local)).toEqual(expect.arrayContaining(['10.20.0.2', 'fd00:20::2']));
  expect(ipText(['route'], { netns: red.name })).toContain('default via 10.20.0.1 dev eth0');
  expect(ip(['link', 'show', endpoint.hostLink], { netns: host.name })[0]).toMatchObject({ master: 'web', operstate: 'UP' });
  expect(Object.keys(JSON.parse(JSON.stringify(endpoint)))).not.toContain('detach');
  expect(endpoint.check()).toEqual([]);
  expect(endpoint.publish([{ hostPort: 9090, containerPort: 81 }])).toMatchObject([{ hostPort: 9090 }]);
  expect(net.inspect()).toMatchObject({ endpoints: [{ owner: 'one', ports: [{ hostPort: 8080 }, { hostPort: 9090 }] }] });
  expect(network.inspectSync('web', { netns: host })).toEqual(net.inspect());
  expect(endpoint.unpublish()).toMatchObject([{ hostPort: 8080 }, { hostPort: 9090 }]);
  expect([endpoint.detach(), endpoint.detach()]).toEqual([true, false]);
  expect(ip(['link'], { netns: red.name }).map(({ ifname }: { ifname: string }) => ifname)).toEqual(['lo']);
});

test('is of the same networks as the asynchronous form', async () => {
  await using other = await network.open('web', { netns: host });
  const endpoint = await other.attach({ netns: red, owner: 'one' });
  using again = network.openSync('web', { netns: host });
  expect(again.info).toEqual(other.info);
  expect(network.listSync({ netns: host })).toEqual(await network.list({ netns: host }));
  // others come and go beside it
  const seen = ({ namespaces }: network.HostGraph) => namespaces.filter(({ name }) => name === host.name || name === red.name);
  expect(seen(network.inspectHostSync({ netns: host }))).toEqual(seen(await network.inspectHost({ netns: host })));
  expect(again.attach({ netns: blue, owner: 'two' }).addresses).toEqual(['10.20.0.3/16', 'fd00:20::3/64']);
  expect(again.plan({ netns: blue, owner: 'three', ifname: 'e1' })).toEqual(
    await other.plan({ netns: blue, owner: 'three', ifname: 'e1' }),
  );
  expect(again.detach(endpoint)).toBe(true);
  expect(network.gcSync([], { netns: host })).toMatchObject({ endpoints: [{ owner: 'two' }] });
  expect(again.check({ owner: 'two' })).not.toEqual([]);
});

test('refuses in its caller, and leaves what there was', () => {
  net.reserve('10.20.0.2');
  expect(() => net.attach({ netns: red, owner: 'one', addresses: ['10.20.0.2'] })).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  expect(net.release('10.20.0.2')).toBe(true);
  expect(() => net.attach({ netns: 'nowhere', owner: 'one' })).toThrow(
    expect.objectContaining({ name: 'NotFoundError', argument: 'netns' }),
  );
  expect(() => net.attach({ netns: red, owner: 'one', mac: 'x' })).toThrow(
    expect.objectContaining({ name: 'InputError', argument: 'mac' }),
  );
  expect(() => net.attach({ netns: red, owner: 'one', signal: AbortSignal.abort(new Error('given up')) })).toThrow('given up');
  expect(() => network.createSync({ name: 'web', netns: host })).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  expect(() => network.openSync('other', { netns: host })).toThrow(expect.objectContaining({ name: 'NotFoundError', argument: 'name' }));
  expect(net.gc([])).toMatchObject({ endpoints: [] });
  network.deleteSync('web', { netns: host });
  expect(() => net.inspect()).toThrow(expect.objectContaining({ name: 'NotFoundError' }));
});

test('takes addresses of a store that answers at once, and of no other', () => {
  const given = new Map<string, string>();
  const store: network.SyncAddressStore = {
    allocate: ({ owner }) => {
      given.set(owner, '10.20.9.9');
      return ['10.20.9.9', 'fd00:20::9'];
    },
    release: ({ owner }) => void given.delete(owner),
    list: (of) => [...given.keys()].map((owner) => ({ network: of, owner, ifname: 'eth0' })),
  };
  using kept = network.openSync('web', { netns: host, store });
  expect(kept.attach({ netns: red, owner: 'one' }).addresses).toEqual(['10.20.9.9/16', 'fd00:20::9/64']);
  expect(kept.detach({ owner: 'one' })).toBe(true);
  expect(given.size).toBe(0);
  const late = { ...store, allocate: async () => ['10.20.9.9', 'fd00:20::9'] } as unknown as network.SyncAddressStore;
  using promised = network.openSync('web', { netns: host, store: late });
  expect(() => promised.attach({ netns: red, owner: 'one' })).toThrow(expect.objectContaining({ name: 'InputError', argument: 'store' }));
  expect(net.inspect().endpoints).toEqual([]);
});
