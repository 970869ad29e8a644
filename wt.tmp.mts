import { Worker } from 'node:worker_threads';
const sys='/work/main/src/netlink/sys';
const code = `
 import { register } from 'tsx/esm/api';import { parentPort } from 'node:worker_threads'; register();
 const { openNetlinkSocket, bindNetlink, receiveDatagramAsync } = await import('${sys}/socket.ts');
 const fd = openNetlinkSocket(0); bindNetlink(fd);
 parentPort.postMessage('up');
 for(;;) { const c=[]; for (let i=0;i<40;i++) c.push(receiveDatagramAsync(fd, Buffer.alloc(64))); await Promise.all(c); }`;
for (let r=0;r<30;r++){ const w=new Worker(code,{eval:true, execArgv:['--input-type=module']}); await new Promise(f=>w.once('message',f)); await new Promise(f=>setTimeout(f,Math.random()*10)); await w.terminate(); }
console.log('ok');
