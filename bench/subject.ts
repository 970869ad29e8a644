/** netloom as it is installed: the build in dist/, not the sources as a loader transforms them. */
const { createBridge, createVethPair, deleteLink, netns, network } = (await import(
  new URL('../dist/index.js', import.meta.url).href
)) as typeof import('../src/index.ts');

export { createBridge, createVethPair, deleteLink, netns, network };
