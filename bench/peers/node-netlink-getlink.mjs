// The npm package `node-netlink` gets `lo`, by its own functions: `node node-netlink-getlink.mjs COUNT`. Prints microseconds a request. It does not decode.
import netlink from './node-netlink.mjs';

const count = Number(process.argv[2]);
const socket = await netlink.open({ family: 0 });
const RTM_GETLINK = 18n;
// struct ifinfomsg with the index, 1
const payload = Buffer.alloc(16);
payload.writeInt32LE(1, 4);
const header = { nlmsg_type: RTM_GETLINK, nlmsg_flags: netlink.NLM_F_REQUEST | netlink.NLM_F_ACK };
const get = async () => {
  for (let i = 0; i < count; i++) {
    const [link] = await socket.talk({ header, payload });
    if (link.payload.readInt32LE(4) !== 1) throw new Error('another link');
  }
};
await get();
const start = performance.now();
await get();
console.log(((performance.now() - start) * 1000) / count);
process.exit(0);
