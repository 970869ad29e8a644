/** netloom as it is installed: the build in dist/, not the sources as a loader transforms them. */
const { addAddress, addRoute, createBridge, createVethPair, deleteLink, netns, rtnl, setLink, sync } = (await import(
  new URL('../dist/index.js', import.meta.url).href
)) as typeof import('../src/index.ts');

export { addAddress, addRoute, createBridge, createVethPair, deleteLink, netns, rtnl, setLink, sync };
