// netloom's getLink of `lo` in a process of its own, as the other peers are: `node getlink.mjs sync|async|batch COUNT`. Prints microseconds a request.
const { rtnl } = await import(new URL('../../dist/index.js', import.meta.url).href);
const [mode, text] = process.argv.slice(2);
const count = Number(text);

const sync = rtnl.openSync();
const rt = await rtnl.open();
const modes = {
  sync: () => {
    for (let i = 0; i < count; i++) sync.links.get('lo');
  },
  async: async () => {
    for (let i = 0; i < count; i++) await rt.links.get('lo');
  },
  batch: async () => {
    for (let i = 0; i < count; i += 100) await Promise.all(Array.from({ length: 100 }, () => rt.links.get('lo')));
  },
};
// once for the compiler, once for the figure
await modes[mode]();
const start = process.hrtime.bigint();
await modes[mode]();
console.log(Number(process.hrtime.bigint() - start) / 1000 / count);
rt.close();
sync.close();
