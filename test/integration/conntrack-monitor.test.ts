/** Monitors of conntrack and expectations on the real kernel, with conntrack(8) listening beside, or changing things. */
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ConntrackClient,
  type ConntrackEvent,
  type ConntrackKind,
  type ConntrackMonitor,
  type Flow,
  open,
  type Tuple,
} from '../../src/conntrack/index.ts';
import { ClosedError, InputError } from '../../src/netlink/errors.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import { tool } from '../support/oracle.ts';

let fd = -1;
let where: { netns: string };
let ct: ConntrackClient;

beforeEach(async () => {
  fd = createNamespace();
  where = { netns: `/proc/${process.pid}/fd/${fd}` };
  ct = await open({ netns: { fd } });
});
afterEach(() => {
  ct.close();
  closeFd(fd);
});

const udp = (sport: number): Tuple => ({ protocol: 'udp', src: '10.0.0.1', dst: '192.0.2.1', sport, dport: 53 });
const timeout = 600;

/** The next event; what does not come ends the test by its own limit. */
async function next<K extends ConntrackKind>(monitor: ConntrackMonitor<K>): Promise<ConntrackEvent<K>> {
  const { value, done } = await monitor.next();
  if (done === true || value === undefined) throw new Error('the monitor has ended');
  return value as ConntrackEvent<K>;
}

/** `new udp 4000`, with the port that it comes from. */
function brief(event: ConntrackEvent): string {
  if (event.kind !== 'flow') return event.kind;
  const { original } = event.action === 'delete' ? event.old : event.new;
  return `${event.action} ${'sport' in original ? original.sport : original.protocol}`;
}

describe('a monitor of flows', () => {
  test('tells what conntrack(8) tells', async () => {
    const child = spawn('nsenter', [`--net=${where.netns}`, 'conntrack', '-E', '-o', 'id', '-b', '4194304'], {
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    });
    try {
      let output = '';
      child.stdout.on('data', (data) => {
        output += data;
      });
      // it listens when it tells of something
      await expect
        .poll(async () => {
          await ct.flows.create({ original: udp(1), timeout });
          await ct.flows.flush();
          return output;
        })
        .toContain('NEW');
      const monitor = ct.monitor(['flow']);
      const flow = await ct.flows.create({ original: udp(4000), timeout });
      await ct.flows.update(flow, { mark: 5 });
      await ct.flows.update(flow, { status: ['assured'] });
      tool(['conntrack', '-D', '-p', 'udp', '--orig-port-src', '4000'], where);
      const told: string[] = [];
      for await (const event of monitor) {
        if (event.kind !== 'flow') throw new Error(event.kind);
        const { id } = event.action === 'delete' ? event.old : event.new;
        told.push(`${event.action} ${id}`);
        if (event.action === 'delete') break;
      }
      expect(told).toEqual(['new', 'change', 'change', 'delete'].map((action) => `${action} ${flow.id}`));
      const names: Readonly<Record<string, string>> = { NEW: 'new', UPDATE: 'change', DESTROY: 'delete' };
      const theirs = (): string[] =>
        [...output.matchAll(/\[(\w+)\].*sport=4000 .* id=(\d+)/g)].map(([, action, id]) => `${names[action!]} ${id}`);
      await expect.poll(theirs).toEqual(told);
    } finally {
      child.kill();
    }
  });

  test('tells of some actions alone', async () => {
    const monitor = ct.monitor(['flow'], { actions: ['delete'] });
    const flow = await ct.flows.create({ original: udp(1), timeout });
    await ct.flows.update(flow, { mark: 5 });
    await ct.flows.delete(flow);
    expect(brief(await next(monitor))).toBe('delete 1');
  });

  test('begins with those that exist', async () => {
    await ct.flows.create({ original: udp(1), timeout });
    await ct.flows.create({ original: udp(2), timeout });
    const monitor = ct.monitor(['flow'], { initial: true });
    const first = [brief(await next(monitor)), brief(await next(monitor))];
    expect(first.sort()).toEqual(['new 1', 'new 2']);
    expect(await next(monitor)).toEqual({ kind: 'synced', reason: 'initial' });
    await ct.flows.create({ original: udp(3), timeout });
    expect(brief(await next(monitor))).toBe('new 3');
  });

  test('keeps a picture: changes are whole, and ends know what there was', async () => {
    tool(['sysctl', '-w', 'net.netfilter.nf_conntrack_acct=1'], where);
    const monitor = ct.monitor(['flow'], { initial: true, resync: true });
    expect(await next(monitor)).toEqual({ kind: 'synced', reason: 'initial' });
    const flow = await ct.flows.create({ original: udp(1), timeout, mark: 7 });
    expect(brief(await next(monitor))).toBe('new 1');
    await ct.flows.update(flow, { status: ['assured'] });
    const change = await next(monitor);
    expect(change).toMatchObject({
      action: 'change',
      old: { mark: 7, status: ['confirmed'] },
      new: { mark: 7, status: ['assured', 'confirmed'] },
    });
    await ct.flows.delete(flow);
    const counters: Flow['counters'] = { original: { packets: 0, bytes: 0 }, reply: { packets: 0, bytes: 0 } };
    expect(await next(monitor)).toMatchObject({ action: 'delete', old: { mark: 7, id: flow.id!, counters } });
  });

  test('says what it has lost, and makes it good', async () => {
    const monitor = ct.monitor(['flow'], { initial: true, resync: true, receiveBuffer: 4096 });
    expect(await next(monitor)).toEqual({ kind: 'synced', reason: 'initial' });
    const flows = Array.from({ length: 300 }, (_, i) => ({ original: udp(i + 1), timeout }));
    await Promise.all(flows.map((flow) => ct.flows.create(flow)));
    const seen = new Set<string>();
    let overruns = 0;
    // an overrun is followed by what has changed meanwhile; more may come
    while (seen.size < flows.length) {
      const event = await next(monitor);
      if (event.kind === 'overrun') overruns++;
      if (event.kind === 'flow' && event.action !== 'delete') seen.add(brief(event));
    }
    expect(overruns).toBeGreaterThan(0);
  });

  test('is refused with bad input, and ends with its signal and its client', async () => {
    const monitor = ct.monitor as (kinds: unknown, options?: unknown) => ConntrackMonitor;
    expect(() => monitor([])).toThrow(InputError);
    expect(() => monitor(['flows'])).toThrow('kinds[0]: "flows" is none of flow, expectation');
    expect(() => monitor(['flow'], { actions: ['update'] })).toThrow('actions[0]: "update" is none of new, change, delete');
    expect(() => monitor(['flow'], { actions: ['delete'], resync: true })).toThrow('resync: needs all actions');
    expect(() => monitor(['flow'], { allNamespaces: true })).toThrow('allNamespaces: is no option of this call');
    const abort = new AbortController();
    const aborted = ct.monitor(['flow'], { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(aborted.next()).rejects.toThrow('enough');
    const ended = ct.monitor(['flow']);
    ct.close();
    expect((await ended.next()).done).toBe(true);
    expect(() => ct.monitor(['flow'])).toThrow(ClosedError);
  });
});

describe('expectations', () => {
  const master: Tuple = { protocol: 'tcp', src: '10.0.0.1', dst: '10.0.0.2', sport: 1000, dport: 21 };
  const expected = (dport: number): Tuple => ({ protocol: 'tcp', src: '10.0.0.2', dst: '10.0.0.1', sport: 0, dport });

  beforeEach(async () => {
    await ct.flows.create({ original: master, timeout, tcp: { state: 'established' }, helper: 'ftp' });
  });

  test('are made, told, found, listed as conntrack(8) does, and deleted', async () => {
    // what began before anybody listened is not told of, and neither is what it lets be expected
    await ct.flows.flush();
    const monitor = ct.monitor(['expectation']);
    await ct.flows.create({ original: master, timeout, helper: 'ftp' });
    const made = await ct.expectations.create({
      tuple: expected(5555),
      master,
      helper: 'ftp',
      flags: ['permanent'],
      class: 0,
      nat: { direction: 'reply', address: '10.1.1.1', port: 99 },
      fn: 'nat-follow-master',
    });
    expect(made).toMatchObject({
      family: 'inet',
      tuple: expected(5555),
      mask: { src: '255.255.255.255', sport: 0 },
      master,
      helper: 'ftp',
      flags: ['permanent'],
      class: 0,
      nat: { direction: 'reply', address: '10.1.1.1', port: 99 },
      fn: 'nat-follow-master',
    });
    const line = tool(['conntrack', '-L', 'expect'], where);
    expect(line).toContain(
      'proto=6 src=10.0.0.2 dst=10.0.0.1 sport=0 dport=5555 mask-src=255.255.255.255 mask-dst=255.255.255.255 sport=0 dport=65535',
    );
    expect(line).toContain('master-src=10.0.0.1 master-dst=10.0.0.2 sport=1000 dport=21');
    expect(line).toMatch(/PERMANENT.*class=0 helper=ftp/);
    // any source port meets it
    const found = await ct.expectations.get({ tuple: { ...expected(5555), sport: 77 } as Tuple });
    expect(found.id).toBe(made.id);
    expect(await ct.expectations.list({ master, helper: 'ftp' })).toHaveLength(1);
    expect(await ct.expectations.list({ master: { ...master, sport: 1 } as Tuple })).toEqual([]);
    expect(await ct.expectations.list({ family: 'inet6' })).toEqual([]);
    await expect(ct.expectations.delete({ ...made, id: made.id! > 5 ? made.id! - 1 : 6 })).rejects.toMatchObject({ code: 'ENOENT' });
    await ct.expectations.delete(made);
    await ct.expectations.ensureAbsent(made);
    expect(await ct.expectations.list()).toEqual([]);
    expect(await next(monitor)).toMatchObject({ kind: 'expectation', action: 'new', new: { id: made.id!, tuple: expected(5555) } });
    expect(await next(monitor)).toMatchObject({ kind: 'expectation', action: 'delete', old: { id: made.id! } });
    const { cpus } = await ct.expectations.statistics();
    expect(cpus.reduce((sum, { create = 0 }) => sum + create, 0)).toBe(1);
    expect(cpus.reduce((sum, each) => sum + (each.delete ?? 0), 0)).toBe(1);
  });

  test('that conntrack(8) made are read, and it deletes those of netloom', async () => {
    const parts = [
      'conntrack -I expect -p tcp --orig-src 10.0.0.1 --orig-dst 10.0.0.2 --orig-port-src 1000 --orig-port-dst 21 -t 200',
      '--tuple-src 10.0.0.2 --tuple-dst 10.0.0.1 --tuple-port-src 10 --tuple-port-dst 5557',
      '--mask-src 255.255.255.0 --mask-dst 255.255.255.255 --mask-port-src 0 --mask-port-dst 65535',
    ];
    tool(parts.join(' ').split(' '), where);
    const line = tool(['conntrack', '-L', 'expect'], where);
    const [theirs, ...more] = await ct.expectations.list();
    expect(more).toEqual([]);
    // version 1.4.7 takes a port for the protocol, and lists it so too
    const protocol = Number(/proto=(\d+)/.exec(line)?.[1]);
    expect(theirs).toMatchObject({
      family: 'inet',
      tuple: { protocol: protocol === 6 ? 'tcp' : protocol, src: '10.0.0.2', dst: '10.0.0.1' },
      mask: { src: '255.255.255.0' },
      master,
      helper: 'ftp',
    });
    await ct.expectations.delete(theirs!);
    expect(tool(['conntrack', '-L', 'expect'], where)).not.toContain('proto=');
    await ct.expectations.create({ tuple: expected(5558), master });
    tool(['conntrack', '-F', 'expect'], where);
    expect(await ct.expectations.list()).toEqual([]);
  });

  test('that were listed are made again, and go all at once', async () => {
    const made = await ct.expectations.create({ tuple: expected(5556), mask: { src: '255.255.255.0' }, master });
    await ct.expectations.delete(made);
    const again = await ct.expectations.create(made);
    const { id: _id, timeout: _timeout, ...same } = again;
    expect(made).toMatchObject(same);
    expect(await ct.expectations.deleteMatching({ helper: 'ftp' })).toBe(1);
    await ct.expectations.create(made);
    await ct.expectations.flush();
    expect(await ct.expectations.list()).toEqual([]);
  });

  test('need a master with a helper', async () => {
    const plain: Tuple = { ...master, sport: 1001 } as Tuple;
    await expect(ct.expectations.create({ tuple: expected(1), master: plain })).rejects.toMatchObject({ code: 'ENOENT' });
    await ct.flows.create({ original: plain, timeout });
    await expect(ct.expectations.create({ tuple: expected(1), master: plain })).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
    await expect(
      ct.expectations.create({ tuple: expected(1), master: { ...master, src: 'fd00::1', dst: 'fd00::2' } as Tuple }),
    ).rejects.toThrow('master: is of another family than tuple');
  });
});
