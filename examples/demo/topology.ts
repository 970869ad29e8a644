/** A picture of namespaces and how they are connected, from what the kernel says now. */
import { findPeer, type netns, nft, rtnl } from 'netloom';

/** A namespace in the picture. */
export interface Place {
  readonly name: string;
  readonly netns: netns.Netns;
}

/** Lines of a tree: every namespace, its links with their addresses, who is enslaved to whom, and where each veth leads. */
export async function draw(places: readonly Place[]): Promise<string> {
  const lines: string[] = [];
  for (const place of places) lines.push(...(await drawPlace(place, places)), '');
  return lines.join('\n').trimEnd();
}

async function drawPlace(place: Place, places: readonly Place[]): Promise<string[]> {
  await using rt = await rtnl.open({ netns: place.netns });
  await using filter = await nft.open({ netns: place.netns });
  const links = (await rt.links.list()).filter((link) => link.kind === 'veth' || link.kind === 'bridge');
  const addresses = await rt.addresses.list({ family: 'inet' });
  const routes = await rt.routes.list({ family: 'inet' });
  const rules = (await filter.rules.list()).filter((rule) => rule.chain === 'postrouting');

  const branches: Branch[] = [];
  const branchOf = async (name: string): Promise<Branch> => {
    const link = links.find((candidate) => candidate.name === name)!;
    const own = addresses.filter((address) => address.dev === name).map((address) => address.address);
    const peer =
      link.kind === 'veth' ? await findPeer(link, { netns: place.netns, candidates: places.map((other) => other.netns) }) : undefined;
    const where =
      peer === undefined
        ? ''
        : ` ══ ${peer.link.name} in ${places.find((other) => other.netns === (peer.netns ?? place.netns))?.name ?? 'elsewhere'}`;
    const state = link.up ? '' : ' (down)';
    const ports = links.filter((candidate) => candidate.master === name).map((port) => port.name);
    return { text: `${link.kind} ${[name, ...own].join('  ')}${state}${where}`, children: await Promise.all(ports.map(branchOf)) };
  };
  for (const link of links) if (link.master === undefined) branches.push(await branchOf(link.name));
  for (const route of routes)
    if (route.via !== undefined) branches.push({ text: `route ${route.to} via ${route.via} dev ${route.dev}`, children: [] });
  for (const rule of rules) branches.push({ text: `masquerade: ${rule.comment ?? `rule ${rule.handle}`}`, children: [] });
  return [place.name, ...tree(branches)];
}

interface Branch {
  readonly text: string;
  readonly children: readonly Branch[];
}

function tree(branches: readonly Branch[], indent = ''): string[] {
  return branches.flatMap((branch, i) => {
    const last = i === branches.length - 1;
    return [`${indent}${last ? '└─ ' : '├─ '}${branch.text}`, ...tree(branch.children, `${indent}${last ? '   ' : '│  '}`)];
  });
}
