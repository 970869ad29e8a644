/**
 * The CNI reference plugins, and netloom told the same: links, addresses, routes, sysctls and what can be reached are equal, but for the differences that are declared here and explained in
 * docs/networks.md. The plugins are those of the Debian package containernetworking-plugins.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAddress, createVethPair, network } from 'netloom';
import { afterAll, afterEach, expect } from 'vitest';
import { needs } from './kernel.ts';
import { deleteSpaces, newSpace, type Space } from './network.ts';
import { answers, ended, ip, type Json, tool } from './oracle.ts';

const folder = mkdtempSync(join(tmpdir(), 'netloom-cni-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(deleteSpaces);

/** A host with a link that leads outside, and a container without anything. */
export interface Side {
  readonly host: Space;
  readonly red: Space;
  readonly outside: Space;
}

export async function side(): Promise<Side> {
  const [host, red, outside] = [newSpace('h'), newSpace('r'), newSpace('o')];
  await createVethPair({ name: 'p0', netns: host, up: true, peer: { name: 'x0', netns: outside, up: true } });
  for (const address of ['10.30.0.1/24', 'fd00:30::1/64']) await addAddress('x0', address, { netns: outside, flags: ['nodad'] });
  await addAddress('p0', '10.30.0.9/24', { netns: host });
  return { host, red, outside };
}

const environment = { CNI_CONTAINERID: 'c', CNI_PATH: '/usr/lib/cni' };

/** Runs a plugin. @returns what it printed, as JSON */
export function plugin(command: 'ADD' | 'DEL', { host, red }: Side, ifname: string, config: Json): Json {
  const variables = { ...environment, CNI_COMMAND: command, CNI_NETNS: `/run/netns/${red.name}`, CNI_IFNAME: ifname };
  const words = ['env', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`), `/usr/lib/cni/${config.type}`];
  const input = JSON.stringify({ cniVersion: '1.0.0', name: 'net', ...config });
  const { status, stdout, stderr } = ended(words, { netns: host.name }, input);
  expect({ status, stdout: status === 0 ? '' : stdout, stderr }, `${config.type} ${command}`).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
  return stdout === '' ? undefined : JSON.parse(stdout);
}

let stores = 0;
/** host-local with the same subnets, a store for each test, and default routes through the gateways. */
export const ipam = (...subnets: string[]): Json => ({
  type: 'host-local',
  dataDir: join(folder, `${stores++}`),
  ranges: subnets.map((subnet) => [{ subnet }]),
  routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }, { dst: '198.51.100.0/24' }],
});

/** What differs from one machine, one moment or one hardware address to the next. */
/**
 * `nodad`: addresses of ours are not on trial, since nobody else can have them. `txqlen`: links that the plugins make have a queue of no length, since they leave it 0.
 */
const declared = ['nodad', 'txqlen'];

const passing =
  /^(ifindex|tentative|link_index|link|link_netnsid|address|permaddr|parentbus|parentdev|ifalias|altnames|group|num_[rt]x_queues|.*(gso|gro|tso)_.*|valid_life_time|preferred_life_time)$/;

function linkOf(space: Space, ifname: string, ignored: readonly string[] = []): Json {
  const [link] = ip(['address', 'show', 'dev', ifname], { netns: space.name });
  const kept = ([key]: [string, unknown]): boolean => !passing.test(key) && ![...declared, ...ignored].includes(key) && key !== 'addr_info';
  return {
    ...Object.fromEntries(Object.entries(link).filter(kept)),
    addresses: link.addr_info
      .filter(({ scope }: Json) => scope !== 'link')
      .map((address: Json) =>
        Object.fromEntries(Object.entries(address).filter(([key]) => !passing.test(key) && ![...declared, ...ignored].includes(key))),
      ),
  };
}

/** Routes of both families, without those of link-local addresses. */
function routesOf(space: Space, names: ReadonlyMap<string, string> = new Map()): Json[] {
  const routes = ['-4', '-6'].flatMap((family) => ip([family, 'route', 'show'], { netns: space.name }));
  return routes
    .filter(({ dst }) => !dst.startsWith('fe80:') && !dst.startsWith('ff00:'))
    .map(({ flags: _, dev, ...route }) => ({ ...route, dev: names.get(dev) ?? dev }))
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}

/** The sysctls of a link, and whether the namespace forwards. */
function sysctlsOf(space: Space, ifname: string): Record<string, string> {
  const pattern = `^net\\.ipv[46]\\.(conf\\.${ifname}\\.|ip_forward$|conf\\.all\\.forwarding$)`;
  const lines = tool(['sysctl', '-a', '-r', pattern], { netns: space.name }).split('\n').filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => line.replaceAll(`.${ifname}.`, '.IFNAME.').split(' = ')).filter(([name]) => !/stable_secret|mtu$/.test(name!)) as [
      string,
      string,
    ][],
  );
}

export interface CniCase {
  readonly name: string;
  readonly config: Json;
  readonly subnets: readonly string[];
  readonly options: Omit<network.CreateNetworkOptions, 'name' | 'subnets' | 'netns'>;
  readonly attach?: Partial<network.AttachOptions>;
  readonly ifname?: string;
  readonly kind?: string;
  /** The network's own link and the host's end: as the plugin calls the one, and whether there is the other. */
  readonly bridge?: string;
  readonly hostEnd?: boolean;
  readonly reach: readonly string[];
  /** Members of what `ip` shows that differ. */
  readonly ignored?: readonly string[];
  /** Sysctls that differ: in the namespace, and of the host's end. */
  readonly sysctls?: readonly string[];
  /** Routes of the host differ in nothing but the names of links. */
  readonly hostRoutes?: boolean;
}

export const both = (n: number): string[] => [`10.${n}.0.0/24`, `fd00:${n}::/64`];
export const extra = (gateway: string): network.EndpointRoute => ({ to: '198.51.100.0/24', via: gateway });
/** The plugins turn trials of addresses off by the sysctl (bridge) or let them be; ours are not on trial by a flag of their own. They announce themselves when they come up. */
const inside = ['net.ipv6.conf.IFNAME.accept_dad', 'net.ipv4.conf.IFNAME.arp_notify'];

/** A test for each case: the plugin and netloom make the same. */
export function testCni(cases: readonly CniCase[]): void {
  for (const {
    name,
    config,
    subnets,
    options,
    attach,
    ifname = 'eth0',
    kind,
    bridge,
    hostEnd = false,
    reach,
    ignored = [],
    sysctls = inside,
    hostRoutes,
  } of cases) {
    needs(...(kind === undefined ? [] : [{ kind }])).test(`${name}: the plugin and netloom make the same`, async () => {
      const theirs = await side();
      const ours = await side();
      plugin('ADD', theirs, ifname, config);
      await using net = await network.create({ name: 'net', subnets, netns: ours.host, ...options });
      const endpoint = await net.attach({ netns: ours.red, owner: 'c', ifname, ...attach });

      expect(linkOf(ours.red, ifname, ignored)).toEqual(linkOf(theirs.red, ifname, ignored));
      expect(routesOf(ours.red)).toEqual(routesOf(theirs.red));
      const differing = (a: Record<string, string>, b: Record<string, string>): string[] =>
        Object.keys({ ...a, ...b }).filter((key) => a[key] !== b[key] && !sysctls.includes(key));
      expect(differing(sysctlsOf(ours.red, ifname), sysctlsOf(theirs.red, ifname))).toEqual([]);

      if (hostEnd) {
        const known = ['lo', 'p0', 'net'];
        const [veth]: Json[] = ip(['link', 'show'], { netns: theirs.host.name }).filter(
          ({ ifname: other }: Json) => !known.includes(other),
        );
        const own = endpoint.hostLink;
        const passingOf = [
          ...ignored,
          'ifname',
          'label',
          'inet6_addr_gen_mode',
          'port_id',
          'designated_bridge',
          'designated_root',
          'link_netns',
        ];
        const port = (space: Space, link: string): Json => {
          const { linkinfo, ...rest } = linkOf(space, link, passingOf);
          const { designated_bridge: _, designated_root: __, ...data } = linkinfo.info_slave_data ?? {};
          const steady = Object.fromEntries(Object.entries(data).filter(([key]) => !/timer|age|_ack|_id$/.test(key)));
          return { ...rest, kind: linkinfo.info_kind, port: steady };
        };
        expect(port(ours.host, own)).toEqual(port(theirs.host, veth.ifname));
        expect(
          differing(sysctlsOf(ours.host, own), sysctlsOf(theirs.host, veth.ifname)).filter((key) => !/accept_ra$|addr_gen_mode$/.test(key)),
        ).toEqual([]);
        if (hostRoutes === true)
          expect(routesOf(ours.host, new Map([[own, 'veth']]))).toEqual(routesOf(theirs.host, new Map([[veth.ifname, 'veth']])));
      }
      if (bridge !== undefined) {
        const steady = ({ linkinfo, ...rest }: Json): Json => ({ ...rest, kind: linkinfo.info_kind });
        expect(steady(linkOf(ours.host, 'net'))).toEqual(steady(linkOf(theirs.host, bridge)));
        expect(differing(sysctlsOf(ours.host, 'net'), sysctlsOf(theirs.host, bridge))).toEqual(['net.ipv6.conf.IFNAME.accept_ra']);
      }
      for (const address of reach) {
        // theirs may be on trial still
        expect(answers(address, { netns: theirs.red.name }), address).toBe(true);
        expect(answers(address, { netns: ours.red.name }), address).toBe(true);
      }

      plugin('DEL', theirs, ifname, config);
      await endpoint.detach();
      const left = (space: Space): Json[] =>
        ip(['link', 'show'], { netns: space.name }).map(
          ({ ifname: link, flags }: Json) => `${link} ${flags.includes('UP') ? 'up' : 'down'}`,
        );
      expect(left(ours.red)).toEqual(left(theirs.red));
      expect(routesOf(ours.red)).toEqual(routesOf(theirs.red));
      await net.delete();
    });
  }
}
