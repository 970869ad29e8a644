/** XDP programs of links: attached, replaced and taken away, with ip(8) as witness. */
import { closeSync } from 'node:fs';
import { netns, rtnl } from 'netloom';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bpfPrograms, loadProgram, programId } from '../support/bpf.ts';
import { needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { answers, ip, ipText, type Json } from '../support/oracle.ts';

needs(bpfPrograms('xdp')).describe('XDP', () => {
  const name = uniqueName('xd');
  const other = uniqueName('xp');
  let space: netns.Netns;
  let peer: netns.Netns;
  let rt: rtnl.RtnlClient;
  const fds: number[] = [];
  const load = (): number => {
    const fd = loadProgram('xdp');
    expect(fd).toBeGreaterThan(0);
    fds.push(fd);
    return fd;
  };
  const shown = (link = 'v0'): Json => ip(['link', 'show', link], { netns: name })[0].xdp;

  beforeEach(async () => {
    space = await netns.create(name);
    rt = await rtnl.open({ netns: name });
    peer = await netns.create(other);
    ipText(['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', other], { netns: name });
  });
  afterEach(async () => {
    for (const fd of fds.splice(0)) closeSync(fd);
    rt.close();
    for (const namespace of [space, peer]) {
      await namespace.delete();
      namespace.close();
    }
  });
  const failure = async (promise: Promise<unknown>): Promise<unknown> => {
    try {
      await promise;
    } catch (error) {
      return error;
    }
    throw new Error('did not fail');
  };

  test.each([
    ['skb_mode', 'skb', 2, 'skbProgramId'],
    ['drv_mode', 'drv', 1, 'driverProgramId'],
  ] as const)('in %s', async (flag, attached, mode, member) => {
    const fd = load();
    const id = programId(fd);
    await rt.links.update('v0', { xdp: { fd, flags: [flag] } });
    expect(shown()).toMatchObject({ mode, prog: { id } });
    const link = await rt.links.get('v0');
    expect(link.xdp).toMatchObject({ attached, programId: id, [member]: id });
    expect((await rt.links.list()).find((each) => each.name === 'v0')?.xdp).toEqual(link.xdp);
    // it lets everything pass
    await rt.links.update('v0', { up: true });
    await rt.addresses.create('v0', '10.0.0.1/24');
    for (const command of ['link set v1 up', 'address add 10.0.0.2/24 dev v1']) ipText(command.split(' '), { netns: other });
    expect(answers('10.0.0.1', { netns: other })).toBe(true);

    // one is there already; another takes its place only of the one that is said
    const second = load();
    expect(await failure(rt.links.update('v0', { xdp: { fd: second, flags: [flag, 'update_if_noexist'] } }))).toMatchObject({
      code: 'EBUSY',
    });
    expect(await failure(rt.links.update('v0', { xdp: { fd: second, flags: [flag, 'replace'], expectedFd: second } }))).toMatchObject({
      code: 'EEXIST',
    });
    expect(shown()).toMatchObject({ prog: { id } });
    await rt.links.update('v0', { xdp: { fd: second, flags: [flag, 'replace'], expectedFd: fd } });
    expect(shown()).toMatchObject({ mode, prog: { id: programId(second) } });

    await rt.links.update('v0', { xdp: { fd: -1, flags: [flag] } });
    expect(shown()).toBeUndefined();
    expect((await rt.links.get('v0')).xdp).toBeUndefined();
  });

  test('bad input, and what the kernel refuses', async () => {
    expect(await failure(rt.links.update('v0', { xdp: { fd: 1.5 } }))).toMatchObject({ name: 'InputError', argument: 'xdp.fd' });
    // @ts-expect-error: no such mode
    expect(await failure(rt.links.update('v0', { xdp: { fd: -1, flags: ['fast'] } }))).toMatchObject({ name: 'InputError' });
    // @ts-expect-error: no such member
    expect(await failure(rt.links.update('v0', { xdp: { program: 1 } }))).toMatchObject({ name: 'InputError' });
    expect(await failure(rt.links.update('v0', { xdp: { fd: 999, flags: ['skb_mode'] } }))).toMatchObject({ code: 'EBADF' });
    expect(await failure(rt.links.update('v0', { xdp: { fd: load(), flags: ['skb_mode', 'drv_mode'] } }))).toMatchObject({
      code: 'EINVAL',
    });
    expect(shown()).toBeUndefined();
  });

  test('a link that is created again from a listing has none: it was attached by a descriptor', async () => {
    await rt.links.update('v0', { xdp: { fd: load(), flags: ['skb_mode'] } });
    const listed = await rt.links.get('v0');
    await rt.links.delete('v0');
    expect((await rt.links.create(listed)).xdp).toBeUndefined();
  });
});
