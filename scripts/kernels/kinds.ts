/**
 * That no kind of links is left without a kernel that ran it: the kinds that netloom has, those that the tests say have run under the kernels
 * of scripts/kernels, and those that cannot.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Kinds that none of the kernels can run, and why. What netloom sends for them is held against ip(8) in kinds-bytes.test.ts. */
const withoutKernel: Readonly<Record<string, string>> = {
  amt: 'Debian does not build it: CONFIG_AMT',
  bareudp: 'Debian does not build it: CONFIG_BAREUDP',
  caif: 'Debian does not build it: CONFIG_CAIF',
  dsa: 'Debian does not build it, and it comes with a switch: CONFIG_NET_DSA',
  ipoib: 'needs an InfiniBand adapter',
  netdevsim: 'Debian does not build it: CONFIG_NETDEVSIM',
  openvswitch: 'made over generic netlink, by Open vSwitch',
  ovpn: 'in kernels since 6.16: CONFIG_OVPN',
  pfcp: 'Debian does not build it: CONFIG_PFCP',
  rmnet: 'Debian does not build it: CONFIG_RMNET',
  virt_wifi: 'Debian does not build it: CONFIG_VIRT_WIFI',
  wwan: 'needs a modem; Debian does not build the simulated one: CONFIG_WWAN_HWSIM',
};

/** The kinds that netloom has a schema for: one file each. */
function kindsOf(tree: string): string[] {
  const folder = join(tree, 'src/rtnl/link/kind');
  return readdirSync(folder)
    .filter((file) => /^export const \w+Kind: LinkKind</m.test(readFileSync(join(folder, file), 'utf8')))
    .map((file) => file.replace(/\.ts$/, '').replaceAll('-', '_'));
}

export interface Coverage {
  /** Which kinds ran where, for people. */
  readonly lines: readonly string[];
  /** Kinds that ran nowhere, though nothing is known to stand against it, or that ran though something is. */
  readonly problems: readonly string[];
}

/** @param ran the kinds that ran, by the name of the kernel */
export function coverage(tree: string, ran: ReadonlyMap<string, readonly string[]>): Coverage {
  const where = new Map<string, string[]>();
  const problems: string[] = [];
  for (const kind of kindsOf(tree)) {
    const kernels = [...ran].filter(([, kinds]) => kinds.includes(kind)).map(([kernel]) => kernel);
    const reason = withoutKernel[kind];
    if (kernels.length === 0 && reason === undefined) problems.push(`no kernel ran the kind ${kind}`);
    if (kernels.length > 0 && reason !== undefined) problems.push(`a kernel ran the kind ${kind}: ${kernels.join(', ')}`);
    const place = kernels.length > 0 ? `on ${kernels.join(' and ')}` : `on none: ${reason ?? 'it was not tried'}`;
    where.set(place, [...(where.get(place) ?? []), kind]);
  }
  return { lines: [...where].map(([place, kinds]) => `${place}: ${kinds.join(', ')}`), problems };
}
