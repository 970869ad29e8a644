/** Settings that links of every kind have, judged by `ip -d -j` and sysctl(8). */
import { netns, rtnl } from 'netloom';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kernelRelease } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { ip, ipText, type Json, tool } from '../support/oracle.ts';

const name = uniqueName('ls');
let ns: netns.Netns;
let rt: rtnl.RtnlClientSync;

beforeEach(() => {
  ns = netns.createSync(name);
  rt = rtnl.openSync({ netns: ns });
});

afterEach(() => {
  rt.close();
  ns.delete();
});

const where = { netns: name };
const shown = (link: string, ...options: string[]): Json => ip([...options, 'link', 'show', link], where)[0];

const sysctl = (key: string): string => tool(['sysctl', '-n', key], where).trim();

describe('what a creation takes', () => {
  test('arrives with it, as ip shows', () => {
    rt.links.create({
      kind: 'veth',
      name: 'v0',
      mtu: 1400,
      group: 7,
      txQueueLength: 77,
      gsoMaxSize: 30_000,
      gsoMaxSegs: 20,
      groMaxSize: 40_000,
      linkMode: 'dormant',
      arp: false,
      multicast: false,
      allMulticast: true,
      promisc: true,
      peer: 'v1',
    });
    expect(shown('v0')).toMatchObject({
      mtu: 1400,
      group: '7',
      txqlen: 77,
      gso_max_size: 30_000,
      gso_max_segs: 20,
      linkmode: 'DORMANT',
      flags: expect.arrayContaining(['NOARP', 'ALLMULTI', 'PROMISC']),
      promiscuity: 1,
    });
    expect(shown('v0').flags).not.toContain('MULTICAST');
    expect(rt.links.get('v0')).toMatchObject({
      gsoMaxSize: 30_000,
      gsoMaxSegs: 20,
      groMaxSize: 40_000,
      linkMode: 'dormant',
      allMulticastUsers: 1,
    });
  });

  test('sizes for IPv4 alone: on kernels that have them as asked, on older ones refused', () => {
    const sizes = { gsoIpv4MaxSize: 25_000, groIpv4MaxSize: 26_000 };
    const creation = () => rt.links.create({ kind: 'veth', name: 'v0', ...sizes, peer: 'v1' });
    const [major, minor] = kernelRelease();
    if (major > 6 || (major === 6 && minor >= 3)) {
      expect(creation()).toMatchObject(sizes);
      rt.links.update('v0', { gsoIpv4MaxSize: 24_000 });
      expect(rt.links.get('v0')).toMatchObject({ gsoIpv4MaxSize: 24_000, groIpv4MaxSize: 26_000 });
      return;
    }
    const refused = expect.objectContaining({ name: 'UnsupportedError', code: 'EOPNOTSUPP', attribute: 'gsoIpv4MaxSize' });
    expect(creation).toThrow(refused);
    expect(rt.links.list().map((link) => link.name)).toEqual(['lo']);
    rt.links.create({ kind: 'veth', name: 'v0', mtu: 1400, peer: 'v1' });
    expect(() => rt.links.update('v0', { mtu: 1300, ...sizes })).toThrow(refused);
    expect(shown('v0')).toMatchObject({ mtu: 1400 });
  });

  test('and nothing that was not asked for is sent: the defaults are the kernel’s', () => {
    rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1' });
    ipText(['link', 'add', 'w0', 'type', 'veth', 'peer', 'name', 'w1'], where);
    const own = ['ifname', 'ifindex', 'address', 'link', 'link_index'];
    const settings = (link: string): object =>
      Object.fromEntries(Object.entries(shown(link) as Record<string, unknown>).filter(([key]) => !own.includes(key)));
    expect(settings('v0')).toEqual(settings('w0'));
  });
});

describe('what a creation does not take', () => {
  test('follows it', () => {
    rt.links.create({
      kind: 'veth',
      name: 'v0',
      alias: 'near',
      inet6: { addrGenMode: 'none' },
      inet: { conf: { arpIgnore: 1, rpFilter: 2 } },
      peer: { name: 'v1', alias: 'far', inet6: { addrGenMode: 'random' } },
    });
    expect(shown('v0')).toMatchObject({ ifalias: 'near', inet6_addr_gen_mode: 'none' });
    expect(shown('v1')).toMatchObject({ ifalias: 'far', inet6_addr_gen_mode: 'random' });
    expect(sysctl('net.ipv4.conf.v0.arp_ignore')).toBe('1');
    expect(sysctl('net.ipv4.conf.v0.rp_filter')).toBe('2');
  });

  test('takes the link away again when it is refused', () => {
    // the secret that this mode needs has not been set
    expect(() => rt.links.create({ kind: 'veth', name: 'v0', inet6: { addrGenMode: 'stable_secret' }, peer: 'v1' })).toThrow(
      expect.objectContaining({ name: 'NetlinkError' }),
    );
    expect(rt.links.list().map((link) => link.name)).toEqual(['lo']);
  });

  test.each([
    [{ inet: { conf: { nonsense: 1 } } }, 'inet.conf.nonsense'],
    [{ inet: { conf: { forwarding: 2 ** 40 } } }, 'inet.conf.forwarding'],
    [{ inet6: { addrGenMode: 'sometimes' } }, 'inet6.addrGenMode'],
    [{ inet6: { token: '10.0.0.1' } }, 'inet6.token'],
    [{ alias: 'x'.repeat(256) }, 'alias'],
    [{ protoDown: 'yes' }, 'protoDown'],
    [{ gsoMaxSize: -1 }, 'gsoMaxSize'],
    [{ linkMode: 'awake' }, 'linkMode'],
    [{ carrier: true }, 'carrier'],
    [{ xdp: { fd: 3 } }, 'xdp'],
    [{ linkNetnsid: -5 }, 'linkNetnsid'],
    [{ targetNetnsid: 1, netns: name }, 'targetNetnsid'],
  ])('%j names what is wrong, before anything is sent', (wrong, argument) => {
    expect(() => rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1', ...(wrong as object) } as rtnl.CreateLink)).toThrow(
      expect.objectContaining({ name: 'InputError', argument }),
    );
    expect(rt.links.list().map((link) => link.name)).toEqual(['lo']);
  });
});

describe('update', () => {
  beforeEach(() => {
    rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1' });
  });

  test('of flags changes those that are named', () => {
    rt.links.update('v0', { promisc: true, multicast: false });
    expect(shown('v0').flags).toEqual(expect.arrayContaining(['PROMISC']));
    rt.links.update('v0', { promisc: false, multicast: true, up: true });
    expect(shown('v0').flags).toEqual(expect.arrayContaining(['UP', 'MULTICAST']));
    expect(shown('v0').flags).not.toContain('PROMISC');
  });

  test('of the families', () => {
    rt.links.update('v0', { inet6: { addrGenMode: 'none' }, inet: { conf: { proxyArp: 1 } } });
    expect(shown('v0').inet6_addr_gen_mode).toBe('none');
    expect(sysctl('net.ipv4.conf.v0.proxy_arp')).toBe('1');
    const link = rt.links.get('v0', { families: true });
    expect(link.inet?.conf).toMatchObject({ proxyArp: 1, forwarding: Number(sysctl('net.ipv4.conf.v0.forwarding')) });
    expect(link.inet6?.conf).toMatchObject({
      hoplimit: Number(sysctl('net.ipv6.conf.v0.hop_limit')),
      mtu: Number(sysctl('net.ipv6.conf.v0.mtu')),
      acceptRa: Number(sysctl('net.ipv6.conf.v0.accept_ra')),
      ndiscTclass: Number(sysctl('net.ipv6.conf.v0.ndisc_tclass')),
      acceptUntrackedNa: Number(sysctl('net.ipv6.conf.v0.accept_untracked_na')),
    });
    // addresses of a secret that the link has
    ns.sysctl.setSync('net.ipv6.conf.v0.stable_secret', '2001:db8::5ec');
    rt.links.update('v0', { inet6: { addrGenMode: 'stable_secret' } });
    expect(shown('v0').inet6_addr_gen_mode).toBe('stable_secret');
    expect(rt.links.get('v0').inet6).toEqual({ addrGenMode: 'stable_secret' });
    rt.links.update('v0', { inet6: { addrGenMode: 'none' } });
    // without being asked for, only what can be set
    expect(rt.links.get('v0').inet6).toEqual({ addrGenMode: 'none' });
    expect(rt.links.get('v0').inet).toBeUndefined();
  });

  test('of a token, as ip token shows it', () => {
    rt.links.update('v0', { inet6: { token: '::1:2:3:4' } });
    const tokens = ip(['token', 'list'], where);
    expect(tokens).toContainEqual(expect.objectContaining({ token: '::1:2:3:4', ifname: 'v0' }));
    expect(rt.links.get('v0').inet6?.token).toBe('::1:2:3:4');
  });

  test('a token that cannot be is named in the error', () => {
    // no router advertisements are taken where packets are forwarded
    tool(['sysctl', '-qw', 'net.ipv6.conf.v0.accept_ra=0'], where);
    expect(() => rt.links.update('v0', { inet6: { token: '::1:2' } })).toThrow(/EINVAL/);
  });

  test('what a driver does not support is told, and names the setting', () => {
    expect(() => rt.links.update('v0', { protoDown: true })).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP' }));
    expect(() => rt.links.update('lo', { vfs: [{ vf: 0, mac: '02:00:00:00:00:01' }] })).toThrow(
      expect.objectContaining({ code: 'EOPNOTSUPP' }),
    );
  });

  test('of virtual functions and XDP is checked', () => {
    expect(() => rt.links.update('v0', { vfs: [{ vf: 0, minTxRate: 5 }] })).toThrow(expect.objectContaining({ name: 'InputError' }));
    expect(() => rt.links.update('v0', { vfs: [{ vf: -1 }] })).toThrow(expect.objectContaining({ argument: 'vfs[0].vf' }));
    expect(() => rt.links.update('v0', { xdp: { program: 3 } as object })).toThrow(expect.objectContaining({ argument: 'xdp.program' }));
    // a descriptor that is no program
    expect(() => rt.links.update('v0', { xdp: { fd: 0 } })).toThrow(expect.objectContaining({ code: expect.stringMatching(/^E/) }));
    // taking away what is not there is no error
    rt.links.update('v0', { xdp: { fd: -1 } });
  });
});

describe('namespaces by id', () => {
  test('a link is read, created, moved and deleted there', () => {
    const other = netns.createSync(`${name}o`);
    try {
      ipText(['netns', 'set', `${name}o`, '5'], where);
      rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1', targetNetnsid: 5 });
      const there = rtnl.openSync({ netns: other });
      try {
        expect(there.links.list().map((link) => link.name)).toContain('v0');
        expect(rt.links.get('v0', { targetNetnsid: 5 })).toEqual(there.links.get('v0'));
        expect(rt.links.list({ targetNetnsid: 5 }).map((link) => link.name)).toEqual(there.links.list().map((link) => link.name));
        rt.links.create({ kind: 'veth', name: 'w0', peer: 'w1' });
        rt.links.update('w0', { targetNetnsid: 5, newIndex: 4321 });
        expect(there.links.get('w0').index).toBe(4321);
        rt.links.delete('v0', { targetNetnsid: 5 });
        expect(there.links.list().map((link) => link.name)).not.toContain('v0');
      } finally {
        there.close();
      }
    } finally {
      other.delete();
    }
  });
});

test('what a list returned can be created again, and ip shows the same', () => {
  ipText(['link', 'add', 'br0', 'type', 'bridge'], where);
  for (const words of ['mtu 1300', 'gso_max_size 20000', 'alias text', 'group 9', 'promisc on', 'addrgenmode none', 'arp off'])
    ipText(['link', 'set', 'br0', ...words.split(' ')], where);
  const changing = ['ifindex', 'linkinfo'];
  const settings = (): object =>
    Object.fromEntries(Object.entries(shown('br0') as Record<string, unknown>).filter(([key]) => !changing.includes(key)));
  const before = settings();
  const link = rt.links.get('br0', { families: true });
  rt.links.delete('br0');
  rt.links.create(link);
  expect(settings()).toEqual(before);
});
