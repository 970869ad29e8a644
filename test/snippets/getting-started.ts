// Made of docs/getting-started.md by `npx tsx scripts/snippets.ts`; change it there.

/** docs/getting-started.md: The first script */
export async function theFirstScript(): Promise<void> {
const { getLink, rtnl } = await import('netloom');

const { index, name, up } = await getLink('lo');
console.log(index, name, up);

await using rt = await rtnl.open();
for (const { address, dev } of await rt.addresses.list()) console.log(dev, address);
}

/** docs/getting-started.md: Changing something */
export async function changingSomething(): Promise<void> {
const { addAddress, createVethPair, netns } = await import('netloom');

await using red = await netns.create('red');
await createVethPair({ name: 'veth0', up: true, peer: { name: 'eth0', netns: red, up: true } });
await addAddress('veth0', '10.0.0.254/24');
await addAddress('eth0', '10.0.0.1/24', { netns: red });
const { stdout } = await red.exec('ping', ['-c', '1', '10.0.0.254']);
console.log(stdout);
}
