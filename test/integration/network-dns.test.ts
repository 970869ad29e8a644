/** What names endpoints look up: the files below /etc/netns. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { netns, network } from 'netloom';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundledEnvironment, bundledModule } from '../support/bundled.ts';
import { uniqueName } from '../support/names.ts';
import { deleteSpaces, newSpace, type Space } from '../support/network.ts';
import { sh } from '../support/oracle.ts';
import { ownEtc } from '../support/own-etc.ts';

let host: Space;
let red: Space;
let net: network.Network;
const web = { name: 'web', subnets: ['10.20.0.0/16', 'fd00:20::/64'] };

beforeAll(() => {
  [host, red] = [newSpace('h'), newSpace('r')];
});
afterAll(deleteSpaces);
afterEach(async () => {
  await net.delete({ force: true });
});

describe('the resolv.conf of an endpoint', () => {
  const dns = { servers: ['10.20.0.1', 'fd00:20::1'], search: ['example.org', 'example.com'], options: ['ndots:2'] };
  const text = 'search example.org example.com\nnameserver 10.20.0.1\nnameserver fd00:20::1\noptions ndots:2\n';
  const fileOf = (space: Space): string => `/etc/netns/${space.name}/resolv.conf`;

  const fileOfFolder = (space: { name: string }): string => {
    mkdirSync(`/etc/netns/${space.name}`, { recursive: true });
    return `/etc/netns/${space.name}/resolv.conf`;
  };

  beforeAll(ownEtc);
  beforeEach(async () => {
    net = await network.create({ ...web, netns: host });
  });

  test('is what its dns says, is seen by programs in its namespace alone, and goes with it', async () => {
    expect([network.resolvConf(dns), network.resolvConf({})]).toEqual([text, '']);
    const before = readFileSync('/etc/resolv.conf', 'utf8');
    const endpoint = await net.attach({ netns: red, owner: 'a', dns, resolvConf: true });
    expect(endpoint).toMatchObject({ dns, resolvConf: fileOf(red) });
    expect((await net.inspect()).endpoints).toMatchObject([{ owner: 'a', resolvConf: fileOf(red) }]);
    expect((await red.exec('cat', ['/etc/resolv.conf'])).stdout).toMatch(
      new RegExp(
        `^# netloom/2 ${endpoint.hostLink} host=${host.id} netns=${red.id} index=${endpoint.index} boot=\\S+ [0-9a-f]{32}\\n${text}$`,
      ),
    );
    expect(readFileSync('/etc/resolv.conf', 'utf8')).toBe(before);
    expect(readdirSync(`/etc/netns/${red.name}`)).toEqual(['resolv.conf']);
    // one namespace, one file
    await expect(net.attach({ netns: red, owner: 'b', ifname: 'eth1', defaultRoute: false, dns, resolvConf: true })).rejects.toMatchObject({
      code: 'EEXIST',
    });
    expect((await net.inspect()).endpoints).toHaveLength(1);
    // nor is it any business of another host's
    const elsewhere = newSpace('h');
    await network.gc([], { netns: elsewhere });
    expect(existsSync(fileOf(red))).toBe(true);
    await endpoint.detach();
    expect(existsSync(`/etc/netns/${red.name}`)).toBe(false);
    // nothing is written unless it is asked for, nor by a plan
    await net.plan({ netns: red, owner: 'a', dns, resolvConf: true });
    await (await net.attach({ netns: red, owner: 'a', dns })).detach();
    expect(existsSync(`/etc/netns/${red.name}`)).toBe(false);
  });

  test('is left alone when it is somebody else’s, or was changed', async () => {
    mkdirSync(`/etc/netns/${red.name}`, { recursive: true });
    writeFileSync(fileOf(red), 'nameserver 192.0.2.1\n');
    const refusal = { code: 'EEXIST', errno: 17, message: expect.stringContaining(fileOf(red)) };
    await expect(net.attach({ netns: red, owner: 'a', dns, resolvConf: true })).rejects.toMatchObject(refusal);
    expect(readFileSync(fileOf(red), 'utf8')).toBe('nameserver 192.0.2.1\n');
    expect((await net.inspect()).endpoints).toEqual([]);
    rmSync(fileOf(red));
    const endpoint = await net.attach({ netns: red, owner: 'a', dns, resolvConf: true });
    const changed = `${readFileSync(fileOf(red), 'utf8')}nameserver 192.0.2.1\n`;
    writeFileSync(fileOf(red), changed);
    await endpoint.detach();
    expect(readFileSync(fileOf(red), 'utf8')).toBe(changed);
    expect(readdirSync(`/etc/netns/${red.name}`)).toEqual(['resolv.conf']);
    rmSync(`/etc/netns/${red.name}`, { recursive: true });
  });

  test('does not stay when its endpoint went with the namespace', async () => {
    for (const end of [
      (): Promise<unknown> => net.detach({ owner: 'a' }),
      () => network.gc([], { netns: host }),
      () => Promise.resolve(),
      // the same endpoint, and another one all the same
      () => net.attach({ netns: red, owner: 'a', defaultRoute: false }),
    ]) {
      const gone = newSpace('x');
      await net.attach({ netns: gone, owner: 'a', dns, resolvConf: true });
      const file = fileOf(gone);
      const { name } = gone;
      gone.deleteSync();
      gone.close();
      await expect.poll(() => net.inspect().then(({ endpoints }) => endpoints), { timeout: 30_000 }).toEqual([]);
      expect(existsSync(file)).toBe(true);
      await end();
      if (!existsSync(file)) continue;
      // nobody cleared away: who comes next under the same name has its own
      sh(`mv /etc/netns/${name} /etc/netns/${red.name}`);
      const endpoint = await net.attach({
        netns: red,
        owner: 'b',
        ifname: 'eth1',
        defaultRoute: false,
        dns: { servers: ['10.20.0.9'] },
        resolvConf: true,
      });
      expect(readFileSync(fileOf(red), 'utf8')).toMatch(/\nnameserver 10\.20\.0\.9\n$/);
      await endpoint.detach();
    }
    expect(readdirSync('/etc/netns').filter((name) => name === red.name)).toEqual([]);
  });

  test('is that of one host alone, though another has networks and owners of the same names', async () => {
    const elsewhere = newSpace('h');
    await using other = await network.create({ ...web, netns: elsewhere });
    const attachment = { owner: 'a', dns, resolvConf: true };
    const blue = newSpace('b');
    await other.attach({ ...attachment, netns: blue });
    const endpoint = await net.attach({ ...attachment, netns: red });
    const file = readFileSync(fileOf(red), 'utf8');
    // b's file would be in the place of that of a living endpoint
    await expect(other.attach({ ...attachment, netns: red, owner: 'b', ifname: 'eth1' })).rejects.toMatchObject({ code: 'EEXIST' });
    // of what is not there nothing is known but the names, which are the same
    await other.detach({ owner: 'a' });
    await other.detach({ owner: 'a' });
    await network.gc([], { netns: elsewhere });
    expect(readFileSync(fileOf(red), 'utf8')).toBe(file);
    expect(existsSync(fileOf(blue))).toBe(false);
    // the host goes, and its end of the link with it: nobody there can say that the file is of no use any more
    await endpoint.detach();
    await other.attach({ ...attachment, netns: red });
    await other.delete({ force: true });
    expect(existsSync(fileOf(red))).toBe(false);
    writeFileSync(fileOfFolder(red), file);
    await net.attach({ ...attachment, netns: red, owner: 'c' });
    expect(readFileSync(fileOf(red), 'utf8')).not.toBe(file);
  });

  test('is not written for a namespace that has lost its name to another', async () => {
    const name = uniqueName('t');
    using lost = netns.createSync(name);
    netns.deleteSync(name);
    using other = netns.createSync(name);
    await expect(net.attach({ netns: lost, owner: 'a', dns, resolvConf: true })).rejects.toMatchObject({ code: 'ESTALE', errno: 116 });
    expect([existsSync(`/etc/netns/${name}`), (await net.inspect()).endpoints]).toEqual([false, []]);
    other.deleteSync();
  });

  test('is of no use after the machine has been started anew, whatever numbers come again', async () => {
    const endpoint = await net.attach({ netns: red, owner: 'a', dns, resolvConf: true });
    const before = (file: string): string => file.replace(/ host=\S+(.*) boot=\S+ /, ' host=4:1$1 boot=of-before ');
    const file = before(readFileSync(fileOf(red), 'utf8'));
    writeFileSync(fileOf(red), file);
    await net.attach({ netns: red, owner: 'b', ifname: 'eth1', defaultRoute: false, dns, resolvConf: true });
    expect(readFileSync(fileOf(red), 'utf8')).not.toBe(file);
    await endpoint.detach();
    await net.detach({ owner: 'b', ifname: 'eth1' });
    expect(existsSync(`/etc/netns/${red.name}`)).toBe(false);
    writeFileSync(fileOfFolder(red), file);
    await network.gc([], { netns: host });
    expect(existsSync(`/etc/netns/${red.name}`)).toBe(false);
  });

  test('is not taken for nobody’s when it does not say of which host it is', async () => {
    const endpoint = await net.attach({ netns: red, owner: 'a', dns, resolvConf: true });
    const old = (file: string): string => file.replace(/^# netloom\/2 (\S+) .* (\S+)\n/, '# netloom/1 $1 $2\n');
    const file = old(readFileSync(fileOf(red), 'utf8'));
    writeFileSync(fileOf(red), file);
    const refusal = { code: 'EEXIST', message: expect.stringContaining('an earlier version of netloom') };
    await expect(net.attach({ netns: red, owner: 'b', ifname: 'eth1', defaultRoute: false, dns, resolvConf: true })).rejects.toMatchObject(
      refusal,
    );
    await endpoint.detach();
    expect(existsSync(`/etc/netns/${red.name}`)).toBe(false);
    writeFileSync(fileOfFolder(red), file);
    await net.detach(endpoint);
    await network.gc([], { netns: host });
    expect(existsSync(fileOf(red))).toBe(true);
    // its own it takes, and what is of no namespace
    await (await net.attach({ netns: red, owner: 'a', dns, resolvConf: true })).detach();
    expect(existsSync(`/etc/netns/${red.name}`)).toBe(false);
    writeFileSync(fileOfFolder({ name: 'nobody' }), file);
    await network.gc([], { netns: host });
    expect(readdirSync('/etc/netns')).not.toContain('nobody');
  });

  test('leaves nothing when its writer is killed half-way', async () => {
    const program = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { network } = await import(${JSON.stringify(bundledModule())});
      fs.linkSync = fs.renameSync = () => process.kill(process.pid, 'SIGKILL');
      syncBuiltinESMExports();
      const net = await network.open('web', { netns: ${JSON.stringify(host.name)} });
      await net.attach(JSON.parse(process.argv[1]));`;
    const found = (space: { name: string }): string[] => readdirSync('/etc/netns').filter((each) => each.includes(space.name));
    for (const isGone of [false, true]) {
      const space = newSpace('k');
      const attachment = { netns: space.name, owner: 'a', dns, resolvConf: true };
      const killed = spawnSync(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(attachment)], {
        env: bundledEnvironment,
        encoding: 'utf8',
      });
      expect(killed.signal, killed.stderr).toBe('SIGKILL');
      // nothing that programs in the namespace would see
      expect(found(space).sort()).toEqual([expect.stringMatching(/^\..*\.resolv\.conf\./), space.name]);
      expect(readdirSync(`/etc/netns/${space.name}`)).toEqual([]);
      if (isGone) {
        space.deleteSync();
        space.close();
        await expect.poll(() => sh(`ip -n ${host.name} -o link show type veth`), { timeout: 30_000 }).toBe('');
      }
      await network.gc([], { netns: host });
      expect(found(space), `${isGone}`).toEqual([]);
    }
  });

  test('is written by several processes at once, while others remove the folder', async () => {
    const files = bundledModule("export * from '../../src/network/dns/file.ts'; export { bootId } from '../../src/network/dns/header.ts';");
    const program = `
      import { statSync } from 'node:fs';
      const { bootId, removeResolvConf, writeResolvConf } = await import(${JSON.stringify(files)});
      process.umask(0o077);
      const [link] = process.argv.slice(1);
      const maker = { link, host: ${JSON.stringify(host.id)}, netns: ${JSON.stringify(red.id)}, index: 2, boot: bootId() };
      let written = 0;
      for (let round = 0; round < 250; round++) {
        if (writeResolvConf(${JSON.stringify(red.name)}, maker, 'nameserver 10.20.0.1\\n').length === 0) {
          written++;
          if ((statSync(${JSON.stringify(fileOf(red))}).mode & 0o777) !== 0o644) throw new Error('not for everybody');
        }
        removeResolvConf(${JSON.stringify(red.name)}, maker);
      }
      console.log(written);`;
    let running = 2;
    const ended = ['nla', 'nlb'].map(
      (link) =>
        new Promise<string>((resolve) => {
          const child = spawn(process.execPath, ['--input-type=module', '-e', program, link], { env: bundledEnvironment });
          let said = '';
          for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
          child.once('close', () => {
            running--;
            resolve(said.trim());
          });
        }),
    );
    // as somebody does who knows nothing of locks
    const folder = `/etc/netns/${red.name}`;
    const unlessOther = (call: () => void): void => {
      try {
        call();
      } catch (error) {
        expect(['EEXIST', 'ENOENT', 'ENOTEMPTY']).toContain((error as NodeJS.ErrnoException).code);
      }
    };
    while (running > 0) {
      for (let i = 0; i < 20; i++) {
        unlessOther(() => mkdirSync(folder));
        unlessOther(() => rmdirSync(folder));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const said = await Promise.all(ended);
    expect(said).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)]);
    expect(said.reduce((sum, written) => sum + Number(written), 0)).toBeGreaterThan(0);
    expect(existsSync(folder)).toBe(false);
  });
});
