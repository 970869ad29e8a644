/** netloom as it is installed: the build in dist/, not the sources as a loader transforms them. */
const { createBridge, deleteLink, netns } = (await import(
  new URL('../dist/index.js', import.meta.url).href
)) as typeof import('../src/index.ts');

export { createBridge, deleteLink, netns };
