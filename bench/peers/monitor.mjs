// Hears the changes that monitor-make.mjs makes: `node monitor.mjs netloom|resync|ip|netlink cpu|lost COUNT`. Prints microseconds of CPU an event, or how many are missing.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [mode, figure, text] = process.argv.slice(2);
const count = Number(text);
const last = '11.0.0.0/8';

/** Resolves when the changes are made; awaited late, so it must not be missed. */
const make = () =>
  once(
    spawn(process.execPath, [fileURLToPath(new URL('monitor-make.mjs', import.meta.url)), text, last], {
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
    'close',
  );

/** @returns events, and microseconds of CPU for all of them */
async function netloom(resync) {
  const { rtnl } = await import(new URL('../../dist/index.js', import.meta.url).href);
  const rt = await rtnl.open();
  const run = async () => {
    const monitor = rt.monitor(['route'], { resync });
    const maker = make();
    const before = process.cpuUsage();
    let events = 0;
    for await (const event of monitor) {
      if (event.kind !== 'route') continue;
      if (event.new?.to === last) break;
      events++;
    }
    const { user, system } = process.cpuUsage(before);
    await maker;
    return { events, microseconds: user + system };
  };
  // once for the compiler, once for the figure
  await run();
  const result = await run();
  rt.close();
  return result;
}

async function ip() {
  const child = spawn('ip', ['-4', 'monitor', 'route'], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.on('error', () => process.exit(3));
  // the first field: nanoseconds on a processor
  const used = () => Number(readFileSync(`/proc/${child.pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const before = used();
  const maker = make();
  let events = 0;
  for await (const line of createInterface(child.stdout)) {
    if (line.includes(`blackhole ${last}`)) break;
    events++;
  }
  const microseconds = used() - before;
  child.kill();
  await maker;
  return { events, microseconds };
}

/** The npm package `netlink`, with a receive buffer of 4 MiB, as far as it gets one. It says nothing about what it has lost: silence is the end. */
async function netlink() {
  const { default: npm } = await import('./netlink.mjs');
  const socket = npm.createRtNetlink({ recvBufferSize: 4 * 2 ** 20 });
  socket.addMembership('IPV4_ROUTE');
  let events = 0;
  let latest = 0;
  socket.on('message', (messages) => {
    events += messages.filter((message) => message.kind === 'route').length;
    latest = performance.now();
  });
  const run = async () => {
    events = 0;
    const before = process.cpuUsage();
    await make();
    latest = performance.now();
    while (performance.now() - latest < 500) await new Promise((resolve) => setTimeout(resolve, 20));
    const { user, system } = process.cpuUsage(before);
    // the last route comes and goes too, and is no part of the count
    return { events: Math.min(events, count), microseconds: user + system };
  };
  // as above
  await run();
  return await run();
}

/** That in a process of its own, for it aborts the process when messages were lost: then nothing was heard, as far as anybody can tell. */
function isolated() {
  const { status, signal, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'netlink-inside', figure, text], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (signal === 'SIGABRT') {
    if (figure !== 'lost') process.exit(3);
    return String(count);
  }
  if (status !== 0) process.exit(status ?? 1);
  return stdout.trim();
}

if (mode === 'netlink') {
  console.log(isolated());
  process.exit(0);
}
const { events, microseconds } =
  mode === 'netlink-inside' ? await netlink() : mode === 'ip' ? await ip() : await netloom(mode === 'resync');
console.log(figure === 'lost' ? count - events : microseconds / events);
process.exit(0);
