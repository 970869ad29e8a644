/** The engine in processes of their own: that they end, what they may without privileges, and that nothing adds up. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';

const limit = 120_000;
const netloom = bundledModule();

/** Runs a script in a process of its own; it is ended, and the test fails, if it does not end. */
function script(code: string, ...before: string[]): { stdout: string; stderr: string; status: number | null } {
  const [file, ...args] = [...before, process.execPath, '--expose-gc', '--input-type=module', '--eval', code];
  const { stdout, stderr, status } = spawnSync(file!, args, { encoding: 'utf8', timeout: limit, env: bundledEnvironment });
  return { stdout, stderr, status };
}

test(
  'without the privilege: readings work, changes are refused with what is missing, one by one',
  () => {
    const { stdout, stderr, status } = script(
      `import { rtnl } from '${netloom}';
       const rt = await rtnl.open();
       const calls = Array.from({ length: 500 }, (_, i) => i % 2 ? rt.links.get('lo') : rt.addresses.create('lo', '10.0.0.' + (i % 250) + '/32'));
       const outcomes = await Promise.allSettled(calls);
       console.log(outcomes.filter((o, i) => i % 2 ? o.value?.name === 'lo' : o.reason?.name === 'PermissionError' && /CAP_NET_ADMIN/.test(o.reason.message)).length);
       let links = 0;
       for await (const link of rt.links.stream()) links++;
       console.log(links > 0);`,
      // in a namespace of its own: in that of all files a link may come or go while links are listed
      ...['unshare', '--net', '--', 'setpriv', '--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all', '--no-new-privs'],
    );
    expect({ stdout, stderr, status }).toEqual({ stdout: '500\ntrue\n', stderr: '', status: 0 });
  },
  limit,
);

const setUp = `import { rtnl } from '${netloom}'; const rt = await rtnl.open(); await rt.links.get('lo');`;

test.each([
  ['a client that was used', ''],
  ['a list that nobody waits for', 'void rt.links.list();'],
  ['a thousand requests that nobody waits for', "for (let i = 0; i < 1000; i++) rt.links.get('lo').catch(() => {});"],
  ['a stream that is read half', 'globalThis.stream = rt.routes.stream({ table: "all" }); await stream.next();'],
  ['a stream that was never read', 'globalThis.stream = rt.routes.stream();'],
  ['a client that is closed with everything under way', "rt.links.list().catch(() => {}); rt.links.get('lo').catch(() => {}); rt.close();"],
])(
  'a process ends by itself, and at process.exit, with %s',
  (_, state) => {
    for (const ending of ['', 'setImmediate(() => process.exit(0));'])
      expect(script(`${setUp} ${state} ${ending}`)).toEqual({ stdout: '', stderr: '', status: 0 });
  },
  limit,
);

test(
  'ten thousand clients opened and closed leave no descriptor and no memory',
  () => {
    const { stdout, stderr, status } = script(`
      import { readdirSync } from 'node:fs';
      import { rtnl } from '${netloom}';
      const inPlace = () => { const st = rtnl.openSync(); st.links.get('lo'); for (const _ of st.links.stream()) break; st.close(); };
      const async_ = async () => { const rt = await rtnl.open(); await rt.links.get('lo'); for await (const _ of rt.links.stream()) break; rt.close(); };
      const settle = async () => { for (let i = 0; i < 10; i++) { await new Promise((resolve) => setTimeout(resolve, 5)); gc(); } };
      const held = async () => {
        await settle();
        const { heapUsed, external, arrayBuffers } = process.memoryUsage();
        return { descriptors: readdirSync('/proc/self/fd').length, bytes: heapUsed + external + arrayBuffers };
      };
      const rounds = async (count) => { for (let i = 0; i < count; i++) { inPlace(); if (i % 5 === 0) await async_(); } };
      await rounds(1000);
      const before = await held();
      // what V8 compiles meanwhile stays too, once; a leak grows each time
      const grown = [];
      let last = before;
      for (let i = 0; i < 3; i++) {
        await rounds(2778);
        const now = await held();
        grown.push((now.bytes - last.bytes) / 3333);
        last = now;
      }
      console.log(JSON.stringify({ descriptors: last.descriptors - before.descriptors, perClient: Math.min(...grown) }));`);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const grown = JSON.parse(stdout) as { descriptors: number; perClient: number };
    expect(grown.descriptors).toBe(0);
    // the smallest thing that a client could leave is larger: a socket object, a watch, an entry
    expect(grown.perClient).toBeLessThan(50);
  },
  2 * limit,
);
