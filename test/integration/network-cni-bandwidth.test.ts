/** The bandwidth plugin of CNI, and the limits of netloom told the same, as `tc` shows them. */
import { network } from 'netloom';
import { expect, test } from 'vitest';
import { ipam, plugin, side } from '../support/cni.ts';
import type { Space } from '../support/network.ts';
import { ip, type Json, tool } from '../support/oracle.ts';

const tc = (space: Space, ...args: string[]): Json[] => JSON.parse(tool(['tc', '-d', '-j', ...args], { netns: space.name }).trim() || '[]');

/**
 * What the plugin sets, but for what is declared to differ, and explained in docs/networks.md: the handle of the buckets, by which netloom knows its own; the link layer, which the plugin leaves out;
 * where the filter stands, which is the same place by another number; the class that it names, and its second action, to which no packet comes.
 */
function asDeclared({ qdiscs, filters, ...rest }: Json): Json {
  const bucket = ({ options, ...qdisc }: Json): Json => ({ ...qdisc, handle: 'b17e:', options: { ...options, linklayer: 'ethernet' } });
  const filter = ({ parent, options, ...more }: Json): Json => {
    expect(parent).toBe('ffff:');
    if (options?.actions === undefined) return { ...more, ...(options === undefined ? {} : { options }) };
    const { flowid, actions, ...others } = options;
    expect([flowid, actions.length]).toEqual(['1:1', 2]);
    return { ...more, options: { ...others, actions: actions.slice(0, 1) } };
  };
  return {
    ...rest,
    qdiscs: qdiscs.map((list: Json[]) => list.map((qdisc) => (qdisc.kind === 'tbf' ? bucket(qdisc) : qdisc))),
    filters: filters.map(filter),
  };
}

test('bandwidth: the plugin and netloom make the same', async () => {
  const theirs = await side();
  const ours = await side();
  const subnets = ['10.20.0.0/24'];
  const limits = { ingressRate: 80_000_000, ingressBurst: 8_000_000, egressRate: 16_000_000, egressBurst: 4_000_000 };
  const bridge = { type: 'bridge', bridge: 'net', isGateway: true, ipam: ipam(...subnets) };
  const result = plugin('ADD', theirs, 'eth0', bridge);
  plugin('ADD', theirs, 'eth0', { type: 'bandwidth', ...limits, prevResult: result });
  await using net = await network.create({ name: 'net', subnets, netns: ours.host });
  const endpoint = await net.attach({ netns: ours.red, owner: 'c', rateLimits: limits });
  const links = (space: Space): Json[] => ip(['link', 'show'], { netns: space.name });
  const shown = ({ host }: { host: Space }, veth: string): Json => {
    const [ifb] = links(host).filter(({ linkinfo }) => linkinfo?.info_kind === 'ifb');
    const names = new Map([
      [veth, 'veth'],
      [ifb.ifname, 'ifb'],
    ]);
    const named = (value: unknown): Json => JSON.parse(JSON.stringify(value), (_, member) => names.get(member) ?? member);
    return named({
      mtu: ifb.mtu,
      up: ifb.flags.includes('UP'),
      qdiscs: [veth, ifb.ifname].map((dev) => tc(host, 'qdisc', 'show', 'dev', dev)),
      filters: tc(host, 'filter', 'show', 'dev', veth, 'ingress'),
    });
  };
  const veth = result.interfaces.find(({ name, sandbox }: Json) => name !== 'net' && sandbox === undefined).name;
  expect(shown(ours, endpoint.hostLink)).toEqual(asDeclared(shown(theirs, veth)));

  plugin('DEL', theirs, 'eth0', { type: 'bandwidth', ...limits, prevResult: result });
  plugin('DEL', theirs, 'eth0', bridge);
  await endpoint.detach();
  const left = (space: Space): string[] => links(space).map(({ ifname }) => ifname);
  expect(left(ours.host)).toEqual(left(theirs.host));
});
