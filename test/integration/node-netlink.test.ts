/** What is special of the transport node-netlink. That it does what the default one does, all other tests show: `npm run test:node-netlink`. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';
import { needs } from '../support/kernel.ts';

const packages = fileURLToPath(new URL('../node-netlink/node_modules', import.meta.url));
const ownPackages = fileURLToPath(new URL('../../node_modules', import.meta.url));
const netloom = bundledModule("export { netns, rtnl } from 'netloom'; export * from 'netloom/netlink';");
const compiled = {
  feature: 'node-netlink, compiled (npm run test:node-netlink)',
  missing: () => !existsSync(`${packages}/syscall-napi/build/Release/syscall.node`),
};

/** Milliseconds for a program: they start slowly on a busy machine. */
const limit = 150_000;
vi.setConfig({ testTimeout: limit + 10_000 });

/** Runs a program of its own, which finds the package, and has not chosen it by the environment. */
function run(program: string, env: NodeJS.ProcessEnv = {}): unknown {
  const { NETLOOM_TRANSPORT: _, ...rest } = process.env;
  const source = `
    import { readFileSync } from 'node:fs';
    import { netns, openFfiTransport, openNodeNetlinkTransport, rtnl, setDefaultTransport } from '${netloom}';
    const loaded = () => ['koffi', 'syscall', 'buffer2address'].filter((name) => new RegExp('/' + name + '\\\\.node$', 'm').test(readFileSync('/proc/self/maps', 'utf8')));
    ${program}`;
  // in a namespace of its own: one of them sets `lo` down, which other test files need
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', '--', process.execPath, '--input-type=module', '-e', source], {
    encoding: 'utf8',
    timeout: limit,
    env: { ...rest, NODE_PATH: `${packages}:${bundledEnvironment['NODE_PATH']}`, ...env },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

needs(compiled).describe('node-netlink', () => {
  test('as the transport of a client, in a namespace too, loads no FFI', () => {
    const program = `
      const rt = await rtnl.open({ transport: openNodeNetlinkTransport, netns: process.pid });
      const sync = rtnl.openSync({ transport: openNodeNetlinkTransport, netns: '/proc/self/ns/net' });
      const monitor = rt.monitor(['link']);
      const event = monitor.next();
      const links = await rt.links.list();
      let code;
      try { sync.links.get('none0'); } catch (error) { code = error.code; }
      sync.links.update('lo', { up: true });
      sync.links.update('lo', { up: false });
      console.log(JSON.stringify([links[0].name, code, (await event).value.kind, loaded()]));
      rt.close();
      sync.close();`;
    expect(run(program)).toEqual(['lo', 'ENODEV', 'link', ['syscall', 'buffer2address']]);
  });

  test('as the default transport makes namespaces without FFI', () => {
    const program = `
      setDefaultTransport(openNodeNetlinkTransport);
      const inside = await netns.create();
      const rt = await rtnl.open({ netns: inside });
      await rt.links.create({ kind: 'veth', name: 'a0', peer: { name: 'b0' } });
      const names = (await rt.links.list()).map(({ name }) => name);
      rt.close();
      inside.close();
      console.log(JSON.stringify([names.sort(), loaded()]));`;
    expect(run(program)).toEqual([
      ['a0', 'b0', 'lo'],
      ['syscall', 'buffer2address'],
    ]);
  });

  test('works beside the default one, and in a Worker', () => {
    const program = `
      const { Worker } = await import('node:worker_threads');
      const code = \`
        import { parentPort } from 'node:worker_threads';
        const { rtnl } = await import('${netloom}');
        const rt = await rtnl.open();
        parentPort.postMessage((await rt.links.get('lo')).index);
        rt.close();\`;
      const clients = [await rtnl.open({ transport: openFfiTransport }), await rtnl.open({ transport: openNodeNetlinkTransport })];
      const indexes = await Promise.all(clients.map(async (rt) => (await rt.links.get('lo')).index));
      for (const rt of clients) rt.close();
      const worker = new Worker(code, { eval: true, env: { ...process.env, NETLOOM_TRANSPORT: 'node-netlink' } });
      indexes.push(await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)));
      await worker.terminate();
      console.log(JSON.stringify(indexes));`;
    expect(run(program)).toEqual([1, 1, 1]);
  });

  test('where it is not installed, the error says so', () => {
    const program = `
      const errors = [];
      try { rtnl.openSync().links.list(); } catch (error) { errors.push(error.code); }
      await rtnl.open().then((rt) => rt.links.list()).catch((error) => errors.push(error.code));
      console.log(JSON.stringify([...errors, loaded()]));`;
    const unavailable = 'ERR_NODE_NETLINK_UNAVAILABLE';
    expect(run(program, { NODE_PATH: ownPackages, NETLOOM_TRANSPORT: 'node-netlink' })).toEqual([unavailable, unavailable, []]);
  });
});
