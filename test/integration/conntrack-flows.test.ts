/** Flow entries on the real kernel, with conntrack(8) as the witness in both directions. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConntrackClient, type Flow, type FlowInput, open, openSync, type Tuple } from '../../src/conntrack/index.ts';
import { NetlinkError, NotFoundError } from '../../src/netlink/errors.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import { type ConntrackEntry, conntrackList } from '../support/conntrack.ts';
import { nftLoad, tool } from '../support/oracle.ts';

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

const udp = (dport: number, more: object = {}): Tuple =>
  ({ protocol: 'udp', src: '10.0.0.1', dst: '192.0.2.1', sport: 4000, dport, ...more }) as Tuple;

/** A tuple as conntrack(8) prints it. */
function printed(tuple: Tuple, zone: 'zone-orig' | 'zone-reply'): Record<string, unknown> {
  const { protocol: _protocol, zone: own, ...rest } = tuple;
  const named = Object.entries(rest).map(([key, value]) => [key.replace('Key', 'key'), value]);
  return { ...Object.fromEntries(named), ...(own === undefined ? {} : { [zone]: own }) };
}

/** The id of none. */
const other = ({ id = 0 }: Flow): number => (id % 2 === 0 ? id + 1 : id - 1);

const numbers = { icmp: 1, tcp: 6, udp: 17, dccp: 33, gre: 47, esp: 50, icmpv6: 58, sctp: 132, udplite: 136 } as Readonly<
  Record<string, number>
>;

/** Holds what netloom lists against what conntrack(8) lists, member by member. */
function compare(flow: Flow, entry: ConntrackEntry): void {
  expect(entry.family).toBe(flow.family === 'inet' ? 'ipv4' : 'ipv6');
  expect(entry.protocol).toBe(typeof flow.original.protocol === 'number' ? flow.original.protocol : numbers[flow.original.protocol]);
  const { packets, bytes, ...original } = entry.original;
  const { packets: packetsBack, bytes: bytesBack, ...reply } = entry.reply;
  expect(original).toEqual(printed(flow.original, 'zone-orig'));
  expect(reply).toEqual(printed(flow.reply, 'zone-reply'));
  if (packets !== undefined)
    expect(flow.counters).toEqual({ original: { packets, bytes }, reply: { packets: packetsBack, bytes: bytesBack } });
  expect(entry.flags.includes('ASSURED')).toBe(flow.status.includes('assured'));
  expect(entry.flags.includes('UNREPLIED')).toBe(!flow.status.includes('seen-reply'));
  expect(entry.rest['id']).toBe(flow.id);
  expect(entry.rest['mark']).toBe(flow.mark);
  expect(entry.rest['zone']).toBe(flow.zone);
  expect(entry.rest['helper']).toBe(flow.helper);
  // a second may pass between the two listings
  if (entry.timeout !== undefined) expect(Math.abs(entry.timeout - flow.timeout!)).toBeLessThan(100);
  const state = flow.tcp?.state ?? flow.sctp?.state ?? flow.dccp?.state;
  if (state !== undefined) expect(entry.state?.toLowerCase()).toBe(state);
}

/** Everything that there is, in both views. */
async function compareAll(count: number): Promise<Flow[]> {
  const flows = await ct.flows.list();
  const entries = conntrackList(where);
  expect(flows.length).toBe(count);
  expect(entries.length).toBe(count);
  for (const flow of flows) {
    const entry = entries.find(({ rest }) => rest['id'] === flow.id);
    if (entry === undefined) throw new Error(`conntrack(8) has no entry ${flow.id}`);
    compare(flow, entry);
  }
  return flows;
}

const timeout = 600;
const shapes: FlowInput[] = [
  { original: udp(53), timeout },
  { original: udp(54), timeout, mark: 0xdeadbeef, status: ['assured', 'seen-reply'] },
  { original: udp(55), timeout, zone: 5 },
  { original: udp(56, { zone: 7 }), timeout },
  { original: udp(57), reply: { protocol: 'udp', src: '192.0.2.1', dst: '10.0.0.1', sport: 57, dport: 4000, zone: 8 }, timeout },
  { original: udp(58), timeout, nat: { src: { address: '203.0.113.1', port: 5000 }, dst: { address: '10.9.9.9', port: 99 } } },
  { original: { protocol: 'udp', src: 'fd00::1', dst: 'fd00::2', sport: 1, dport: 2 }, timeout },
  {
    original: { protocol: 'tcp', src: '10.0.0.1', dst: '192.0.2.1', sport: 1, dport: 22 },
    timeout,
    tcp: { state: 'established' },
    status: ['assured', 'seen-reply'],
  },
  {
    original: { protocol: 'tcp', src: 'fd00::1', dst: 'fd00::2', sport: 1, dport: 22 },
    timeout,
    tcp: { state: 'time_wait' },
    nat: { dst: { address: 'fd00::9' } },
  },
  {
    original: { protocol: 'sctp', src: '10.0.0.1', dst: '192.0.2.1', sport: 1, dport: 2 },
    timeout,
    sctp: { state: 'cookie_wait', vtagOriginal: 5, vtagReply: 6 },
  },
  { original: { protocol: 'gre', src: '10.0.0.1', dst: '192.0.2.1', srcKey: 1, dstKey: 2 }, timeout },
  { original: { protocol: 'icmp', src: '10.0.0.1', dst: '192.0.2.1', type: 8, code: 0, id: 77 }, timeout },
  { original: { protocol: 'icmpv6', src: 'fd00::1', dst: 'fd00::2', type: 128, code: 0, id: 78 }, timeout },
  { original: { protocol: 'esp', src: '10.0.0.1', dst: '192.0.2.1' }, timeout },
  { original: { protocol: 99, src: 'fd00::1', dst: 'fd00::2' }, timeout },
];

describe('flows', () => {
  test('that netloom makes are what conntrack(8) lists', async () => {
    for (const shape of shapes) {
      const flow = await ct.flows.create(shape);
      expect(flow.original).toEqual(shape.original);
      if (shape.reply !== undefined) expect(flow.reply).toEqual(shape.reply);
      if (shape.tcp !== undefined) expect(flow.tcp).toMatchObject(shape.tcp);
      if (shape.sctp !== undefined) expect(flow.sctp).toEqual(shape.sctp);
    }
    const flows = await compareAll(shapes.length);
    const translated = flows.find(({ original }) => 'dport' in original && original.dport === 58);
    expect(translated?.reply).toEqual({ protocol: 'udp', src: '10.9.9.9', dst: '203.0.113.1', sport: 99, dport: 5000 });
    expect(translated?.status).toEqual(expect.arrayContaining(['src-nat', 'dst-nat']));
    // the other two ways of looking
    const streamed: unknown[] = [];
    for await (const flow of ct.flows.stream()) streamed.push(flow.id);
    expect(streamed.sort()).toEqual(flows.map(({ id }) => id).sort());
    using sync = openSync({ netns: { fd } });
    expect(
      sync.flows
        .list()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(flows.map(({ id }) => id).sort());
  });

  test('that conntrack(8) makes are what netloom lists', async () => {
    const insert = (options: string): void => void tool(['conntrack', '-I', ...options.split(' ')], where);
    insert('-p udp -s 10.0.0.1 -d 10.0.0.2 --sport 1 --dport 2 -t 500 -u ASSURED,SEEN_REPLY');
    insert('-p udp -s 10.0.0.1 -d 10.0.0.2 --sport 3 --dport 4 -t 500 -w 9 -m 5');
    insert('-p udp -s 10.0.0.1 -d 10.0.0.2 --sport 5 --dport 6 -t 500 --orig-zone 3');
    insert('-p udp -s 10.0.0.1 -d 10.0.0.2 --sport 7 --dport 8 -t 500 --reply-zone 4');
    insert('-p udp -s 10.0.0.1 -d 10.0.0.2 --sport 9 --dport 10 -t 500 --src-nat 192.0.2.7 --dst-nat 192.0.2.8');
    insert('-p tcp -s fd00::1 -d fd00::2 --sport 1 --dport 2 -t 500 --state SYN_SENT');
    insert('-p sctp -s 10.0.0.1 -d 10.0.0.2 --sport 1 --dport 2 -t 500 --state ESTABLISHED --orig-vtag 5 --reply-vtag 6');
    insert('-p gre -s 10.0.0.1 -d 10.0.0.2 --srckey 1 --dstkey 2 -t 500');
    insert('-p icmp -s 10.0.0.1 -d 10.0.0.2 --icmp-type 8 --icmp-code 0 --icmp-id 5 -t 500');
    const flows = await compareAll(9);
    // conntrack(8) 1.4.7 sends the tags in host order; those of packets are in network order
    expect(flows.find(({ sctp }) => sctp !== undefined)?.sctp).toEqual({ state: 'established', vtagOriginal: 5 << 24, vtagReply: 6 << 24 });
  });

  test('that were listed are made again', async () => {
    for (const shape of shapes) await ct.flows.create(shape);
    const listed = await ct.flows.list();
    await ct.flows.flush();
    expect(await ct.flows.list()).toEqual([]);
    for (const flow of listed) {
      const {
        id: _id,
        use: _use,
        timeout: _timeout,
        timestamp: _timestamp,
        synproxy: _synproxy,
        ...same
      } = await ct.flows.create(flow as FlowInput);
      expect(flow).toMatchObject(same);
    }
    await compareAll(listed.length);
  });

  test('are found by one tuple or the other', async () => {
    const made = await ct.flows.create({ original: udp(53), timeout, zone: 5, nat: { dst: { address: '10.9.9.9' } } });
    const { timeout: _, use: _use, ...rest } = made;
    expect(await ct.flows.get({ original: udp(53), zone: 5 })).toMatchObject(rest);
    expect(await ct.flows.get({ reply: made.reply, zone: 5 })).toMatchObject(rest);
    expect(await ct.flows.get(made)).toMatchObject(rest);
    const missing = await ct.flows.get({ original: udp(53) }).catch((error) => error);
    expect(missing).toBeInstanceOf(NetlinkError);
    expect(missing.message).toBe('IPCTNL_MSG_CT_GET udp 10.0.0.1:4000 -> 192.0.2.1:53: ENOENT: No such file or directory');
    await expect(ct.flows.get({ ...made, id: other(made) })).rejects.toBeInstanceOf(NotFoundError);
    await expect(ct.flows.create({ original: udp(53), timeout, zone: 5 })).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test('change as they are told to, and no more', async () => {
    const flow = await ct.flows.create({ original: udp(53), timeout, mark: 0xff });
    expect(await ct.flows.update(flow, { mark: 0xab00, markMask: 0xff00 })).toMatchObject({ mark: 0xabff, status: ['confirmed'] });
    const changed = await ct.flows.update({ reply: flow.reply }, { status: ['assured', 'seen-reply', 'fixed-timeout'], timeout: 4000 });
    expect(changed.status).toEqual(['seen-reply', 'assured', 'confirmed', 'fixed-timeout']);
    expect(changed.timeout).toBeGreaterThan(3000);
    // those that are set stay set
    expect((await ct.flows.update(flow, { status: ['helper'] })).status).toEqual([
      'seen-reply',
      'assured',
      'confirmed',
      'fixed-timeout',
      'helper',
    ]);
    await compareAll(1);
    await expect(ct.flows.update({ original: udp(54) }, { mark: 5 })).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(ct.flows.update({ ...flow, id: other(flow) }, { mark: 5 })).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await ct.flows.get(flow)).mark).toBe(0xabff);
  });

  test('have labels once a rule sets one', async () => {
    nftLoad('table ip t {\n chain c {\n type filter hook prerouting priority raw;\n meta mark 77 ct label set 5\n }\n}\n', where);
    const flow = await ct.flows.create({ original: udp(53), timeout, labels: [0, 63, 64, 127] });
    expect(flow.labels).toEqual([0, 63, 64, 127]);
    expect((await ct.flows.update(flow, { labels: [1], labelsMask: [0, 1] })).labels).toEqual([1, 63, 64, 127]);
    expect((await ct.flows.update(flow, { labels: [9] })).labels).toEqual([9]);
    expect(await ct.flows.list({ labels: [9] })).toHaveLength(1);
    expect(await ct.flows.list({ labels: [10] })).toEqual([]);
  });

  test('are deleted, and no others', async () => {
    const [first, second] = [
      await ct.flows.create({ original: udp(53), timeout }),
      await ct.flows.create({ original: udp(53), timeout, zone: 5 }),
    ];
    await ct.flows.delete(second);
    expect(await compareAll(1)).toMatchObject([{ id: first.id }]);
    await expect(ct.flows.delete(second)).rejects.toMatchObject({ code: 'ENOENT' });
    await ct.flows.ensureAbsent(second);
    // one that has come in its place is another
    await expect(ct.flows.delete({ ...first, id: other(first) })).rejects.toMatchObject({ code: 'ENOENT' });
    await ct.flows.delete({ reply: first.reply });
    await compareAll(0);
  });

  test('are counted', async () => {
    for (const shape of shapes) await ct.flows.create(shape);
    const { entries, maxEntries, cpus } = await ct.flows.statistics();
    expect(entries).toBe(shapes.length);
    expect(entries).toBe(Number(tool(['conntrack', '-C'], where)));
    expect(maxEntries).toBeGreaterThan(entries);
    const counts = (line: string): Record<string, number> =>
      Object.fromEntries(
        [...line.matchAll(/(\w+)=(\d+)/g)].map(([, name, value]) => [
          name!.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
          Number(value),
        ]),
      );
    const printedCounts = tool(['conntrack', '-S'], where).trim().split('\n').map(counts);
    expect(cpus.map(({ chainTooLong, ...rest }) => ({ ...rest, chaintoolong: chainTooLong }))).toMatchObject(printedCounts);
    expect(cpus.reduce((sum, { insert = 0 }) => sum + insert, 0)).toBe(shapes.length);
  });
});

describe('filters', () => {
  beforeEach(async () => {
    for (const shape of shapes) await ct.flows.create(shape);
  });

  const cases: [filter: Parameters<ConntrackClient['flows']['list']>[0], options: string, count: number][] = [
    [{ family: 'inet' }, '-f ipv4', 11],
    [{ family: 'inet6' }, '-f ipv6', 4],
    [{ protocol: 'udp' }, '-p udp', 7],
    [{ protocol: 'udp', family: 'inet' }, '-p udp -f ipv4', 6],
    [{ original: { src: '10.0.0.1', protocol: 'udp', dport: 54 } }, '-s 10.0.0.1 -p udp --dport 54', 1],
    [{ original: { src: '10.0.0.0/24', dst: '192.0.2.1' } }, '-s 10.0.0.0/24 -d 192.0.2.1', 11],
    [{ reply: { src: '10.9.9.9' } }, '-r 10.9.9.9', 1],
    [{ original: { src: 'fd00::1', dst: 'fd00::2' } }, '-f ipv6 -s fd00::1 -d fd00::2', 4],
    [{ protocol: 'udp', original: { dst: 'fd00::2', dport: 2 } }, '-f ipv6 -d fd00::2 -p udp --dport 2', 1],
    [{ reply: { src: 'fd00::9' } }, '-f ipv6 -r fd00::9', 1],
    [{ original: { src: 'fd00::3' } }, '-f ipv6 -s fd00::3', 0],
    [{ protocol: 'udp', reply: { dst: '203.0.113.1', dport: 5000 } }, '-q 203.0.113.1 -p udp --reply-port-dst 5000', 1],
    [{ mark: 0xdeadbeef }, '-m 0xdeadbeef', 1],
    [{ mark: 0xbe00, markMask: 0xff00 }, '-m 0xbe00/0xff00', 1],
    [{ zone: 5 }, '-w 5', 1],
    [{ original: { zone: 7 } }, '--orig-zone 7', 1],
    [{ reply: { zone: 8 } }, '--reply-zone 8', 1],
    [{ status: ['assured'] }, '-u ASSURED', 2],
  ];
  test.each(cases)('%j', async (filter, options, count) => {
    const ids = (await ct.flows.list(filter)).map(({ id }) => id!);
    expect(ids).toHaveLength(count);
    const theirs = tool(['conntrack', '-L', '-o', 'extended,id', ...options.split(' ')], where);
    const theirIds = [...theirs.matchAll(/ id=(\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids.sort()).toEqual(theirIds.sort());
  });

  test('what the kernel cannot compare is compared here', async () => {
    expect(await ct.flows.list({ withoutStatus: ['confirmed'] })).toEqual([]);
    expect(await ct.flows.list({ status: ['dst-nat'], withoutStatus: ['src-nat'] })).toHaveLength(1);
    expect(await ct.flows.list({ protocol: 'sctp', original: { dport: 3 } })).toEqual([]);
    expect(await ct.flows.list({ protocol: 'gre', original: { srcKey: 1 } })).toHaveLength(1);
    expect(await ct.flows.list({ protocol: 'icmp', original: { id: 77 } })).toHaveLength(1);
    expect(await ct.flows.list({ protocol: 'icmp', original: { type: 3 } })).toEqual([]);
    expect(await ct.flows.list({ zone: 0 })).toHaveLength(shapes.length - 3);
  });

  test('delete what they mean, and no more', async () => {
    expect(await ct.flows.deleteMatching({ protocol: 'udp', original: { dst: '192.0.2.0/24' } })).toBe(6);
    const left = await compareAll(shapes.length - 6);
    expect(left.filter(({ original }) => original.protocol === 'udp')).toHaveLength(1);
    expect(await ct.flows.deleteMatching({ zone: 5 })).toBe(0);
    expect(await ct.flows.deleteMatching({ family: 'inet6' })).toBe(4);
    await compareAll(shapes.length - 10);
    await ct.flows.flush();
    await compareAll(0);
  });

  test('dumps that have no entries', async () => {
    expect(await ct.flows.dying()).toEqual([]);
    expect(await ct.flows.unconfirmed()).toEqual([]);
  });
});
