// How long fs.readFile takes beside open sockets: `node many.mjs none|clients|monitors`. Prints the 99th percentile of 2,000 reads, in milliseconds.
import { readFile } from 'node:fs/promises';

const { rtnl } = await import(new URL('../../dist/index.js', import.meta.url).href);
const mode = process.argv[2];
const clients = mode === 'none' ? [] : await Promise.all(Array.from({ length: 16 }, () => rtnl.open()));
await Promise.all(clients.map((client) => client.links.get('lo')));
if (mode === 'monitors') {
  // absent: this build has no monitors
  if (clients.some((client) => typeof client.monitor !== 'function')) process.exit(3);
  for (const client of clients)
    void (async () => {
      for await (const event of client.monitor(['link', 'route'])) if (event === undefined) break;
    })().catch(() => {});
}
const file = new URL(import.meta.url);
const times = [];
for (let i = 0; i < 2200; i++) {
  const start = performance.now();
  await readFile(file);
  times.push(performance.now() - start);
}
const sorted = times.slice(200).sort((a, b) => a - b);
console.log(sorted[Math.floor(sorted.length * 0.99)]);
process.exit(0);
