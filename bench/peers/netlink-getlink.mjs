// The npm package `netlink` gets `lo`: `node netlink-getlink.mjs COUNT`. Prints microseconds a request.
import netlink from './netlink.mjs';

const count = Number(process.argv[2]);
const socket = netlink.createRtNetlink({});
const get = async () => {
  for (let i = 0; i < count; i++) await socket.getLink({}, { ifname: 'lo' });
};
await get();
const start = performance.now();
await get();
console.log(((performance.now() - start) * 1000) / count);
process.exit(0);
