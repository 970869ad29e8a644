// What reading all IPv4 routes adds to the resident memory of a process: `node --expose-gc memory.mjs stream|list`. Prints MiB at the peak.
const { rtnl } = await import(new URL('../../dist/index.js', import.meta.url).href);
const mode = process.argv[2];
const rt = await rtnl.open({ timeout: 120_000 });
await rt.links.list();
globalThis.gc();
const before = process.memoryUsage.rss();
let peak = before;
let count = 0;
if (mode === 'list') {
  const routes = await rt.routes.list({ family: 'inet' });
  count = routes.length;
  peak = process.memoryUsage.rss();
} else {
  for await (const route of rt.routes.stream({ family: 'inet' })) {
    if (route.to !== undefined && count++ % 10_000 === 0) peak = Math.max(peak, process.memoryUsage.rss());
  }
}
console.error(`${count} routes`);
console.log((peak - before) / 2 ** 20);
rt.close();
