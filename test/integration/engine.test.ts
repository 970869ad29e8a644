/** The request engine on the real kernel: many at once, refusals with their attribute, churn, closing, prompt ends. */
import { spawn, spawnSync } from 'node:child_process';
import { ClosedError, createVethPair, DumpInterruptedError, NetlinkError, netns, nft, rtnl } from 'netloom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CreateLink } from '../../src/rtnl/link/spec.ts';
import { uniqueName } from '../support/names.ts';
import { ip, limit } from '../support/oracle.ts';

const name = uniqueName('eng');
let home: netns.Netns;
beforeAll(async () => {
  home = await netns.create(name);
  await createVethPair({ name: 'v0', up: true, netns: home, peer: { name: 'v1', up: true } });
});
afterAll(async () => {
  await home.delete();
  home.close();
});

test('a thousand requests of one tick each get their own answer', async () => {
  await using rt = await rtnl.open({ netns: home });
  // every tenth asks for an address that an earlier one took
  const addressOf = (i: number): string => `10.${Math.floor((i % 10 === 9 ? i - 1 : i) / 250)}.${(i % 10 === 9 ? i - 1 : i) % 250}.1/32`;
  const outcomes = await Promise.allSettled(Array.from({ length: 1000 }, (_, i) => rt.addresses.create('v0', addressOf(i))));
  outcomes.forEach((outcome, i) => {
    expect(outcome.status, String(i)).toBe(i % 10 === 9 ? 'rejected' : 'fulfilled');
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'EEXIST', syscall: 'RTM_NEWADDR' });
  });
  const [link] = ip(['-4', 'addr', 'show', 'dev', 'v0'], { netns: name }) as { addr_info: unknown[] }[];
  expect(link!.addr_info).toHaveLength(900);
  expect(await rt.addresses.list({ dev: 'v0', family: 'inet' })).toHaveLength(900);
});

const tooLongVni = Buffer.alloc(4);
tooLongVni.writeUInt32LE(2 ** 24);

test.each<[string, CreateLink]>([
  ['mtu', { kind: 'vxlan', name: 'vx0', mtu: 60, data: { id: 5 } }],
  ['address', { kind: 'vxlan', name: 'vx0', address: '01:00:00:00:00:01', data: { id: 5 } }],
  // IFLA_VXLAN_ID, as bytes: a number out of range would not be sent
  ['data.id', { kind: 'vxlan', name: 'vx0', data: { unknown: [{ type: 1, data: tooLongVni }] } }],
])('a refusal names the attribute that the kernel points at, by the name the caller uses: %s', async (attribute, link) => {
  await using rt = await rtnl.open({ netns: home });
  const error: NetlinkError = await rt.links.create(link).then(
    () => expect.fail('was created'),
    (reason) => reason as NetlinkError,
  );
  expect(error).toBeInstanceOf(NetlinkError);
  expect(error.extack?.message ?? '').not.toBe('');
  expect(error.message).toMatch(/^RTM_NEWLINK vxlan "vx0": E[A-Z]+: \S/);
  expect(error.message.endsWith(`  (at ${attribute})`)).toBe(true);
  expect(error.attribute).toBe(attribute);
});

test('listing while links come and go is right, or says that it could not be', async () => {
  const churn = spawn(
    'sh',
    [
      '-c',
      `while :; do nsenter --net=/run/netns/${name} ip link add x0 type veth peer name x1; nsenter --net=/run/netns/${name} ip link del x0; done`,
    ],
    { stdio: 'ignore', detached: true },
  );
  try {
    await using rt = await rtnl.open({ netns: home });
    for (let i = 0; i < 300; i++) {
      const listed = await rt.links.list().catch((error: unknown) => {
        expect(error).toBeInstanceOf(DumpInterruptedError);
        return undefined;
      });
      if (listed === undefined) continue;
      const names = listed.map((link) => link.name);
      expect(names).toEqual(expect.arrayContaining(['lo', 'v0', 'v1']));
      expect(new Set(names).size).toBe(names.length);
    }
  } finally {
    process.kill(-churn.pid!, 'SIGKILL');
  }
});

test('a closed client refuses, and what was pending on it fails', async () => {
  const rt = await rtnl.open({ netns: home });
  const pending = rt.links.list();
  rt.close();
  await expect(pending).rejects.toBeInstanceOf(ClosedError);
  await expect(rt.links.list()).rejects.toBeInstanceOf(ClosedError);
  const nf = await nft.open({ netns: home });
  nf.close();
  await expect(nf.tables.list()).rejects.toBeInstanceOf(ClosedError);
});

test('sockets and descriptors do not add up', async () => {
  // what netloom opens; the test runner opens pipes and files of its own as it pleases
  const descriptors = (): number =>
    spawnSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' }).stdout.match(/ -> (socket|net):/g)?.length ?? 0;
  const round = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) {
      await using rt = await rtnl.open({ netns: name });
      await rt.links.get('lo');
      await createVethPair({ name: 'y0', netns: name, peer: { name: 'y1' } });
      await rt.links.delete('y0');
      await rt.links.get('none').catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await round();
  const before = descriptors();
  await round();
  // the runner's own pipes close when they like
  await expect.poll(descriptors).toBeLessThanOrEqual(before);
});

test.each([
  ['a natural end', ''],
  ['process.exit with a request under way', 'void rtnl.open().then((rt) => { void rt.links.list(); process.exit(0); });'],
  ['a client left open', 'globalThis.rt = await rtnl.open(); await globalThis.rt.links.list();'],
])('the process ends promptly: %s', (_, code) => {
  const script = `import { getLink, rtnl } from 'netloom'; await getLink('lo'); console.log(process.uptime()); ${code}`;
  const start = performance.now();
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: limit,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  // what it took after the script had done its work: requests wait for half a minute, which nobody must wait for here
  expect((performance.now() - start) / 1000 - Number(stdout)).toBeLessThan(20);
});
