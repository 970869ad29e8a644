// Event-loop lag while netloom works: `node lag.mjs list|stream|requests|idle SECONDS`. Prints the 99th percentile, in milliseconds.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const { rtnl } = await import(new URL('../../dist/index.js', import.meta.url).href);
const [mode, seconds] = process.argv.slice(2);
const rt = await rtnl.open();
const work = {
  list: () => rt.routes.list({ family: 'inet' }),
  stream: async () => {
    for await (const route of rt.routes.stream({ family: 'inet' })) if (route.to === undefined) throw new Error('no destination');
  },
  requests: () => rt.links.get('lo'),
  idle: () => new Promise((resolve) => setTimeout(resolve, 10)),
}[mode];
await work();
const histogram = monitorEventLoopDelay({ resolution: 1 });
let longest = 0;
histogram.enable();
for (const end = performance.now() + 1000 * Number(seconds); performance.now() < end; ) {
  const start = performance.now();
  await work();
  longest = Math.max(longest, performance.now() - start);
  // a turn of the event loop: requests that follow each other in one turn would hide it
  await new Promise(setImmediate);
}
histogram.disable();
// the sampler's own timer takes about a millisecond, also when nothing runs: see the row `idle`
console.error(`longest call ${longest.toFixed(1)} ms, longest lag ${(histogram.max / 1e6).toFixed(1)} ms`);
console.log(histogram.percentile(99) / 1e6);
rt.close();
