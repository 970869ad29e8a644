// How long fs.readFile takes beside open sockets of the npm package `node-netlink`, nothing being asked: `node node-netlink-many.mjs SOCKETS READS`.
// Prints the 99th percentile, in milliseconds.
import { readFile } from 'node:fs/promises';
import netlink from './node-netlink.mjs';

const [sockets, reads] = process.argv.slice(2).map(Number);
for (let i = 0; i < sockets; i++) await netlink.open({ family: 0 });
const file = new URL(import.meta.url);
const times = [];
for (let i = 0; i < reads; i++) {
  const start = performance.now();
  await readFile(file);
  times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
console.log(times[Math.floor(times.length * 0.99)]);
process.exit(0);
