// netloom's dump of the IPv4 routes: `node routes-dump.mjs list|stream|sync|sync-stream`. Prints microseconds a route, after one dump for the compiler.
const { rtnl } = await import(new URL('../../dist/index.js', import.meta.url).href);
const mode = process.argv[2];
const filter = { family: 'inet' };
const rt = await rtnl.open();
const sync = rtnl.openSync();
const modes = {
  list: async () => (await rt.routes.list(filter)).length,
  stream: async () => {
    let count = 0;
    for await (const route of rt.routes.stream(filter)) if (route.to !== undefined) count++;
    return count;
  },
  sync: () => sync.routes.list(filter).length,
  'sync-stream': () => {
    let count = 0;
    for (const route of sync.routes.stream(filter)) if (route.to !== undefined) count++;
    return count;
  },
};
await modes[mode]();
const start = performance.now();
const count = await modes[mode]();
console.log(((performance.now() - start) * 1000) / count);
rt.close();
sync.close();
