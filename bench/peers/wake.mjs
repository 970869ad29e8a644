// A monitor of links: `node wake.mjs delay` prints the median of the milliseconds from a change to its event, `idle` those of CPU that waiting for
// 5 seconds takes, `none` those of a process that has no monitor.
import { setTimeout as sleep } from 'node:timers/promises';

const { rtnl } = await import(new URL('../../dist/index.js', import.meta.url).href);
const mode = process.argv[2];
const rt = await rtnl.open();
const sync = rtnl.openSync();
let heard = () => {};
if (mode !== 'none') {
  const monitor = rt.monitor(['link']);
  void (async () => {
    for await (const event of monitor) if (event.kind === 'link') heard();
  })();
  await sleep(500);
}
if (mode === 'delay') {
  const times = [];
  for (let i = 0; i < 110; i++) {
    // longer than any interval, and not in step with them
    await sleep(50 + ((i * 7) % 40));
    const event = new Promise((resolve) => {
      heard = resolve;
    });
    sync.links.update('lo', { mtu: 2000 + i });
    const start = performance.now();
    await event;
    times.push(performance.now() - start);
  }
  const sorted = times.slice(10).sort((a, b) => a - b);
  console.log(sorted[50]);
} else {
  const before = process.cpuUsage();
  await sleep(5000);
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / 1000);
}
process.exit(0);
