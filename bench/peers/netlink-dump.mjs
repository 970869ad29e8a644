// The npm package `netlink` dumps the IPv4 routes. Prints microseconds a route, after one dump for the compiler.
import netlink from './netlink.mjs';

const socket = netlink.createRtNetlink({});
const dump = async () => (await socket.getRoutes({ family: 2 }, {})).length;
await dump();
const start = performance.now();
const count = await dump();
console.log(((performance.now() - start) * 1000) / count);
process.exit(0);
