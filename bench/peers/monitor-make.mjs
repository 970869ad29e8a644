// Adds COUNT / 2 routes and deletes them, all at once, then adds LAST and deletes it: `node monitor-make.mjs COUNT LAST`.
const { rtnl } = await import(new URL('../../dist/index.js', import.meta.url).href);
const [text, last] = process.argv.slice(2);
const rt = await rtnl.open({ timeout: 120_000 });
const routes = Array.from({ length: Number(text) / 2 }, (_, i) => ({
  to: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`,
  type: 'blackhole',
}));
await Promise.all(routes.map((route) => rt.routes.create(route)));
await Promise.all(routes.map((route) => rt.routes.delete(route)));
await rt.routes.create({ to: last, type: 'blackhole' });
await rt.routes.delete({ to: last, type: 'blackhole' });
rt.close();
