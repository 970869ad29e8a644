/** Routes of labels and what else needs modules that not every kernel has, with ip(8) as witness. */
import { afterAll, beforeAll, expect } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, type RtnlClient } from '../../src/rtnl/index.ts';
import { needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, sh } from '../support/oracle.ts';

const name = uniqueName('mp');
const where = { netns: name };
let red: netns.Netns;
let rt: RtnlClient;
beforeAll(async () => {
  red = await netns.create(name);
  ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'], where);
  for (const end of ['v0', 'v1']) ipText(['link', 'set', end, 'addrgenmode', 'none', 'up'], where);
  ipText(['address', 'add', '10.0.0.1/24', 'dev', 'v0'], where);
  ipText(['address', 'add', 'fd00::1/64', 'dev', 'v0', 'nodad'], where);
  rt = await open({ netns: name });
});
afterAll(async () => {
  rt.close();
  await red.delete();
  red.close();
});

needs({ module: 'mpls_router' }).test('MPLS routes', async () => {
  sh('echo 100000 >/proc/sys/net/mpls/platform_labels; echo 1 >/proc/sys/net/mpls/conf/v0/input', where);
  const commands = [
    'route add 100 as 200/300 via inet 10.0.0.2 dev v0',
    'route add 101 via inet6 fd00::2 dev v0',
    'route add 102 as 400 via inet 10.0.0.2 dev v0 ttl-propagate disabled',
    'route add 103 nexthop as 500 via inet 10.0.0.2 dev v0 nexthop as 600 via inet 10.0.0.3 dev v0',
  ];
  for (const command of commands) ipText(['-f', 'mpls', ...command.split(' ')], where);
  const before = ip(['-f', 'mpls', 'route', 'show'], where);
  const routes = await rt.routes.list({ family: 'mpls' });
  expect(routes).toMatchObject([
    { family: 'mpls', to: '100', as: [200, 300], via: '10.0.0.2', dev: 'v0', protocol: 'boot' },
    { to: '101', via: 'fd00::2' },
    { to: '102', as: [400], ttlPropagate: false },
    { to: '103', nexthops: [{ as: [500] }, { as: [600] }] },
  ]);
  expect(await rt.routes.flush({ family: 'mpls' })).toBe(4);
  expect(ip(['-f', 'mpls', 'route', 'show'], where)).toEqual([]);
  for (const route of routes) await rt.routes.create(route);
  expect(ip(['-f', 'mpls', 'route', 'show'], where)).toEqual(before);
  await rt.routes.replace({ family: 'mpls', to: '101', as: [700], via: '10.0.0.3', dev: 'v0' });
  expect(await rt.routes.get({ family: 'mpls', to: '101' })).toMatchObject({ as: [700], via: '10.0.0.3' });
  for (const route of routes) await rt.routes.delete({ family: 'mpls', to: route.to });
  // the default listing is that of IP
  expect((await rt.routes.list()).map(({ family }) => family)).not.toContain('mpls');
});

needs({ kind: 'vrf' }).test('l3mdev rules and nexthops by master', async () => {
  ipText(['link', 'add', 'red', 'type', 'vrf', 'table', '10'], where);
  ipText(['link', 'set', 'v1', 'master', 'red'], where);
  ipText(['address', 'add', '10.1.0.1/24', 'dev', 'v1'], where);
  ipText(['link', 'set', 'red', 'up'], where);
  expect((await rt.rules.list({ family: 'inet' })).find(({ l3mdev }) => l3mdev === true)).toMatchObject({
    priority: 1000,
    type: 'unicast',
  });
  await rt.nexthops.create({ id: 1, via: '10.1.0.2', dev: 'v1' });
  await rt.nexthops.create({ id: 2, via: '10.0.0.2', dev: 'v0' });
  expect((await rt.nexthops.list({ master: 'red' })).map(({ id }) => id)).toEqual([1]);
  await rt.routes.create({ to: '10.9.0.0/16', nexthopId: 1, table: 10 });
  expect((await rt.routes.lookup('10.9.0.1', { oif: 'red' })).via).toBe('10.1.0.2');
});

needs({ kernel: { below: '6.13', why: 'later kernels were seen to panic on options of tunnels' } }).test('options of tunnels', async () => {
  const commands = [
    ['10.20.0.0/16', 'ip id 5 dst 10.0.0.9 geneve_opts 1:2:01020304,3:4:0102030405060708'],
    ['10.21.0.0/16', 'ip id 5 dst 10.0.0.9 vxlan_opts 256'],
    ['10.22.0.0/16', 'ip id 5 dst 10.0.0.9 erspan_opts 2:0:1:5'],
  ] as const;
  for (const [to, encap] of commands) {
    ipText(['route', 'add', to, 'encap', ...encap.split(' '), 'via', '10.0.0.2', 'dev', 'v0'], where);
    const before = ip(['route', 'show', to], where);
    const [route] = await rt.routes.list({ to });
    await rt.routes.delete(route!);
    await rt.routes.create(route!);
    expect(ip(['route', 'show', to], where)).toEqual(before);
  }
  expect((await rt.routes.list({ to: '10.20.0.0/16' }))[0]!.encap).toMatchObject({
    type: 'ip',
    options: {
      geneve: [
        { class: 1, type: 2, data: Uint8Array.of(1, 2, 3, 4) },
        { class: 3, type: 4 },
      ],
    },
  });
  expect((await rt.routes.list({ to: '10.21.0.0/16' }))[0]!.encap).toMatchObject({ options: { vxlan: { gbp: 256 } } });
  expect((await rt.routes.list({ to: '10.22.0.0/16' }))[0]!.encap).toMatchObject({
    options: { erspan: { version: 2, direction: 1, hwid: 5 } },
  });
});
