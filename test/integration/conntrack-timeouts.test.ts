/**
 * Timeout policies on the real kernel, with nfct(8) and the sysctls as witnesses. A kernel without nfnetlink_cttimeout makes them skip:
 * `npm run test:kernels -- linux-6.12 conntrack-timeouts`.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ConntrackClient, open, openSync, type TimeoutPolicyInput } from '../../src/conntrack/index.ts';
import { NetlinkError, UnsupportedError } from '../../src/netlink/errors.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import { tool } from '../support/oracle.ts';

let fd = -1;
let where: { netns: string };
let ct: ConntrackClient;
let lacking: string | undefined;
const nfct = spawnSync('nfct', ['version'], { env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` } }).error === undefined;

beforeAll(async () => {
  fd = createNamespace();
  where = { netns: `/proc/${process.pid}/fd/${fd}` };
  ct = await open({ netns: { fd } });
  try {
    await ct.timeouts.list();
  } catch (error) {
    // nfnetlink has no such subsystem
    if (!(error instanceof NetlinkError) || (error.code !== 'EINVAL' && error.code !== 'EOPNOTSUPP')) throw error;
    lacking = `CONFIG_NF_CT_NETLINK_TIMEOUT: ${error.message}`;
  }
});
afterAll(() => {
  ct.close();
  closeFd(fd);
});
afterEach(async () => {
  if (lacking === undefined) await ct.timeouts.flush();
});

/** What nfct(8) lists of a policy, in its names. */
function printed(name: string): Record<string, number> {
  const text = tool(['nfct', 'get', 'timeout', name], where);
  return Object.fromEntries(Array.from(text.matchAll(/\.(\w+) = (\d+)/g), ([, key, value]) => [key!.toLowerCase(), Number(value)]));
}

const policies: (TimeoutPolicyInput & { number: number })[] = [
  { name: 'p', family: 'inet', protocol: 'tcp', policy: { established: 100, close: 4, unack: 9 }, number: 6 },
  { name: 'p', family: 'inet6', protocol: 'udp', policy: { unreplied: 7, replied: 8 }, number: 17 },
  { name: 'p', family: 'inet', protocol: 'udplite', policy: { unreplied: 7 }, number: 136 },
  { name: 'p', family: 'inet', protocol: 'gre', policy: { replied: 8 }, number: 47 },
  { name: 'p', family: 'inet', protocol: 'sctp', policy: { cookie_wait: 3, established: 90 }, number: 132 },
  { name: 'p', family: 'inet', protocol: 'dccp', policy: { open: 5 }, number: 33 },
  { name: 'p', family: 'inet', protocol: 'icmp', policy: { timeout: 6 }, number: 1 },
  { name: 'p', family: 'inet6', protocol: 'icmpv6', policy: { timeout: 6 }, number: 58 },
];

test.for(policies.map((policy) => ({ of: `${policy.protocol}`, policy })))(
  'a policy of $of',
  async ({ policy: { number, ...input } }, { skip }) => {
    if (lacking !== undefined) skip(`lacking: ${lacking}`);
    try {
      await ct.timeouts.create(input);
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      skip(`lacking: conntrack of ${input.protocol}: ${error.message}`);
    }
    const made = await ct.timeouts.get('p');
    expect(made).toMatchObject({ ...input, policy: input.policy });
    expect(await ct.timeouts.list()).toEqual([made]);
    if (nfct) {
      const { unack: _, ...wanted } = input.policy as { unack?: number };
      expect(printed('p')).toMatchObject({ l3proto: input.family === 'inet' ? 2 : 10, l4proto: number, ...wanted });
    }
    await expect(ct.timeouts.create(input)).rejects.toMatchObject({ code: 'EEXIST', subject: 'timeout policy p' });
    await ct.timeouts.replace(made);
    expect(await ct.timeouts.get('p')).toEqual(made);
    await ct.timeouts.delete('p');
    await ct.timeouts.create(made);
    expect(await ct.timeouts.list()).toEqual([made]);
  },
);

test('policies are changed, and deleted', async ({ skip }) => {
  if (lacking !== undefined) skip(`lacking: ${lacking}`);
  const policy = { name: 'p', family: 'inet', protocol: 'tcp', policy: { close: 4 } } as const;
  await ct.timeouts.create(policy);
  if (nfct) tool(['nfct', 'add', 'timeout', 'theirs', 'inet', 'udp', 'replied', '17'], where);
  else await ct.timeouts.create({ name: 'theirs', family: 'inet', protocol: 'udp', policy: { replied: 17 } });
  expect(await ct.timeouts.get('theirs')).toMatchObject({ family: 'inet', protocol: 'udp', policy: { replied: 17 } });
  await ct.timeouts.replace({ ...policy, policy: { close: 5 } });
  expect(await ct.timeouts.get('p')).toMatchObject({ policy: { close: 5 } });
  await expect(ct.timeouts.replace({ ...policy, protocol: 'udp', policy: {} })).rejects.toMatchObject({ code: 'EINVAL' });
  await ct.timeouts.delete('theirs');
  await expect(ct.timeouts.delete('theirs')).rejects.toMatchObject({ code: 'ENOENT', subject: 'timeout policy theirs' });
  await ct.timeouts.ensureAbsent('theirs');
  await expect(ct.timeouts.get('theirs')).rejects.toMatchObject({ code: 'ENOENT' });
  await ct.timeouts.flush();
  expect(await ct.timeouts.list()).toEqual([]);
});

test('defaults are those of the sysctls', async ({ skip }) => {
  if (lacking !== undefined) skip(`lacking: ${lacking}`);
  const sysctl = (name: string): number => Number(tool(['cat', `/proc/sys/net/netfilter/nf_conntrack_${name}`], where));
  const udp = { family: 'inet', protocol: 'udp' } as const;
  expect(await ct.timeouts.defaults(udp)).toEqual({ unreplied: sysctl('udp_timeout'), replied: sysctl('udp_timeout_stream') });
  await ct.timeouts.setDefaults(udp, { unreplied: 77 });
  expect(sysctl('udp_timeout')).toBe(77);
  expect(await ct.timeouts.defaults(udp)).toMatchObject({ unreplied: 77 });
  const tcp = { family: 'inet', protocol: 'tcp' } as const;
  await ct.timeouts.setDefaults(tcp, { close_wait: 33 });
  expect(sysctl('tcp_timeout_close_wait')).toBe(33);
  using sync = openSync({ netns: { fd } });
  expect(sync.timeouts.defaults(tcp)).toMatchObject({ close_wait: 33, established: sysctl('tcp_timeout_established') });
  expect(sync.timeouts.defaults({ family: 'inet', protocol: 'icmp' })).toEqual({ timeout: sysctl('icmp_timeout') });
});

test.each([
  [{ name: '', family: 'inet', protocol: 'tcp', policy: {} }, 'name: expected a name'],
  [{ name: 'x'.repeat(32), family: 'inet', protocol: 'tcp', policy: {} }, 'is no name of at most 31 bytes'],
  [{ name: 'p', family: 'ip', protocol: 'tcp', policy: {} }, 'family: "ip" is none of inet, inet6'],
  [{ name: 'p', family: 'inet', protocol: 'tcp', policy: { replied: 3 } }, 'policy.replied: CTA_TIMEOUT_TCP has no such attribute'],
  [{ name: 'p', family: 'inet', protocol: 'quic', policy: {} }, 'protocol: '],
  [{ name: 'p', family: 'inet', protocol: 'tcp' }, 'policy: expected an object'],
])('%j is refused before anything is sent', async (policy, message) => {
  await expect(ct.timeouts.create(policy as never)).rejects.toThrow(message);
});
