// Made of docs/concepts.md by `npx tsx scripts/snippets.ts`; change it there.

/** docs/concepts.md: Links */
export async function links(): Promise<void> {
const { createVethPair, setLink } = await import('netloom');

const { link, peer } = await createVethPair({ name: 'v0', peer: { name: 'v1' } });
await setLink(link, { name: 'uplink', up: true });
await setLink(peer.index, { up: true });
}
