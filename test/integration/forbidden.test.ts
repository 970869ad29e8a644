/** What the kernel forbids, and what is said of it: for want of a capability, and to those who have them all. Real refusals, in a namespace of this file. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAddress, addRoute, createVethPair, NetlinkError, netns, nft, PermissionError } from '../../src/index.ts';
import type { Netns } from '../../src/netns/index.ts';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';

let space: Netns;

beforeAll(async () => {
  space = await netns.create();
  await createVethPair({ name: 'v0', netns: space, up: true, peer: { name: 'v1', netns: space } });
});
afterAll(() => space.close());

async function refused(call: Promise<unknown>): Promise<Error> {
  return await call.then(
    () => {
      throw new Error('it was allowed');
    },
    (error: Error) => error,
  );
}

test('addresses and routes of IPv6 where it is off: no capability helps', async () => {
  await space.sysctl.set('net.ipv6.conf.v0.disable_ipv6', 1);
  for (const error of [
    await refused(addAddress('v0', 'fd00::1/64', { netns: space })),
    await refused(addRoute({ to: 'fd01::/64', dev: 'v0', netns: space })),
  ]) {
    expect(error).toBeInstanceOf(NetlinkError);
    expect(error).not.toBeInstanceOf(PermissionError);
    expect(error).toMatchObject({ code: 'EACCES', message: expect.stringMatching(/the sysctl net\.ipv6\.conf\.LINK\.disable_ipv6 is 1$/) });
  }
});

test('a table that another socket owns: no capability helps', async () => {
  await using owner = await nft.open({ netns: space });
  await using other = await nft.open({ netns: space });
  await owner.tables.create({ family: 'inet', name: 'owned', flags: ['owner'] });
  for (const error of [
    await refused(other.chains.create({ family: 'inet', table: 'owned', name: 'c' })),
    await refused(other.tables.delete({ family: 'inet', name: 'owned' })),
  ]) {
    expect(error).not.toBeInstanceOf(PermissionError);
    expect(error).toMatchObject({
      name: 'NetlinkError',
      code: 'EPERM',
      message: expect.stringMatching(/the table belongs to the socket that made it with the flag `owner`/),
    });
  }
});

test('sysctls that are read-only, or write-only', async () => {
  const message = async (call: Promise<unknown>) => (await refused(call)).message;
  expect(await message(space.sysctl.set('net.ipv4.tcp_available_congestion_control', 'reno'))).toMatch(
    /: it is read-only in this namespace/,
  );
  expect(await message(space.sysctl.get('net.ipv4.route.flush'))).toMatch(/: it can be written only$/);
});

/** What each call of `program` says, in a process behind `prefix` that looks at this file's namespace. */
function said(prefix: readonly string[]): Record<string, string> {
  const program = `
    import { createLink, enableForwarding, rtnl } from '${bundledModule()}';
    const said = {};
    const note = (name, call) => call().then(() => (said[name] = 'allowed'), (error) => (said[name] = error.name + ': ' + error.message));
    await note('link', () => createLink({ kind: 'bridge', name: 'b0' }));
    await note('sysctl', () => enableForwarding());
    const rt = await rtnl.open();
    await note('monitor', async () => (await rt.monitor(['link'], { allNamespaces: true})).close());
    rt.close();
    console.log(JSON.stringify(said));`;
  const command = [
    'nsenter',
    `--net=/proc/${process.pid}/fd/${space.fd}`,
    ...prefix,
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ];
  const { status, stdout, stderr } = spawnSync(command[0]!, command.slice(1), { encoding: 'utf8', env: bundledEnvironment });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, string>;
}

test('a capability over the own user namespace alone', () => {
  const { link, sysctl, monitor } = said(['unshare', '--user', '--map-root-user']);
  expect(link).toMatch(
    /^PermissionError: RTM_NEWLINK bridge "b0": EPERM: .*needs CAP_NET_ADMIN over the user namespaces that own the network namespaces/,
  );
  expect(sysctl).toMatch(/^SystemError: .*changing it needs CAP_NET_ADMIN over the namespace/);
  expect(monitor).toMatch(/^SystemError: .*`allNamespaces`\) needs CAP_NET_BROADCAST$/);
});

test('root without it, as in containers', () => {
  const { link } = said(['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin']);
  expect(link).toMatch(
    /^PermissionError: .*needs CAP_NET_ADMIN: root lacks it here, as in most containers \(--cap-add NET_ADMIN gives it\)/,
  );
});
