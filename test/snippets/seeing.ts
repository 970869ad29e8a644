// Made of docs/seeing.md by `npx tsx scripts/snippets.ts`; change it there.

/** docs/seeing.md: A host, drawn */
export async function aHostDrawn(): Promise<void> {
const { network } = await import('netloom');

const graph = await network.inspectHost();
console.log(network.draw(graph)); // or { format: 'mermaid' }, { format: 'svg' }
}
