// Hears the changes that monitor-make.mjs makes: `node monitor.mjs netloom|resync|ip cpu|lost COUNT`. Prints microseconds of CPU an event, or how many are missing.
import { spawn } from 'node:child_process';
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

const { events, microseconds } = mode === 'ip' ? await ip() : await netloom(mode === 'resync');
console.log(figure === 'lost' ? count - events : microseconds / events);
process.exit(0);
