// Made of docs/ports.md by `npx tsx scripts/snippets.ts`; change it there.

/** docs/ports.md: Published ports, and what networks keep apart */
export async function publishedPortsAndWhatNetworksKeepApart(): Promise<void> {
const { network } = await import('netloom');

await using net = await network.create({ name: 'web', subnets: ['10.20.0.0/16', 'fd00:20::/64'], masquerade: true });
const endpoint = await net.attach({
  netns: 'red',
  owner: 'container-1',
  ports: [
    { hostPort: 8080, containerPort: 80 },
    { protocol: 'udp', hostAddress: '192.0.2.1', hostPort: 53 },
    { hostPort: 30000, hostPortEnd: 30099 },
    { hostPort: 0, containerPort: 9000 },
  ],
});
console.log(endpoint.ports?.at(-1)?.hostPort); // one that is free
await endpoint.publish([{ hostPort: 8443, containerPort: 443 }]);
await endpoint.unpublish([{ hostPort: 8080 }]);
await endpoint.unpublish([{ protocol: 'udp', hostAddress: '192.0.2.1', hostPort: 53 }]);
}

/** docs/ports.md: Beside Docker and firewalld */
export async function besideDockerAndFirewalld(): Promise<void> {
const { network } = await import('netloom');

await using net = await network.create({
  name: 'web',
  subnets: ['10.20.0.0/16'],
  masquerade: true,
  acceptIn: [
    { family: 'ip', table: 'filter', chain: 'DOCKER-USER' },
    { family: 'inet', table: 'firewalld', chain: 'filter_FORWARD' },
  ],
});
}
