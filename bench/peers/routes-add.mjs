// netloom adds host routes from 10.0.0.1 up: `node routes-add.mjs LINK COUNT all|sync`. Prints microseconds a route, after 20,000 for the compiler.
const { rtnl } = await import(new URL('../../dist/index.js', import.meta.url).href);
const [dev, text, mode] = process.argv.slice(2);
const count = Number(text);
const to = (i) => `10.${((i + 1) >> 16) & 255}.${((i + 1) >> 8) & 255}.${(i + 1) & 255}/32`;
const { index } = rtnl.openSync().links.get(dev);
// for the compiler: routes that go before the clock runs
const warmUp = Array.from({ length: 20_000 }, (_, i) => ({ to: to(i), dev: index, protocol: 'static', table: 100 }));
if (mode === 'all') {
  const rt = await rtnl.open({ timeout: 120_000 });
  await Promise.all(warmUp.map((route) => rt.routes.create(route)));
  await rt.routes.flush({ table: 100 });
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, (_, i) => rt.routes.create({ to: to(i), dev: index, protocol: 'static' })));
  console.log(((performance.now() - start) * 1000) / count);
  rt.close();
} else {
  const rt = rtnl.openSync();
  for (const route of warmUp) rt.routes.create(route);
  rt.routes.flush({ table: 100 });
  const start = performance.now();
  for (let i = 0; i < count; i++) rt.routes.create({ to: to(i), dev: index, protocol: 'static' });
  console.log(((performance.now() - start) * 1000) / count);
  rt.close();
}
