/** Statistics of links, judged by `ip -s` and `ip stats`. */
import { netns, rtnl } from 'netloom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runBatch } from '../support/batch.ts';
import { uniqueName } from '../support/names.ts';
import { ip, type Json, tool } from '../support/oracle.ts';

const name = uniqueName('st');
const where = { netns: name };
let ns: netns.Netns;
let rt: rtnl.RtnlClientSync;

beforeAll(() => {
  ns = netns.createSync(name);
  rt = rtnl.openSync({ netns: ns });
  runBatch(
    [
      'ip link set lo up',
      'ip link add br0 up type bridge mcast_stats_enabled 1',
      'ip link add v0 up master br0 type veth peer name v1',
      'ip link set v1 up',
      'ip link set br0 type bridge stp_state 1',
    ],
    where,
  );
  tool(['ping', '-c', '3', '-i', '0.05', '-q', '127.0.0.1'], where);
});

afterAll(() => {
  rt.close();
  ns.delete();
});

const ipJson = (...words: string[]): Json[] => ip(words, where);

test('the counters of a link are those of ip -s', () => {
  const [{ stats64 }] = ipJson('-s', 'link', 'show', 'lo');
  expect(stats64.rx.packets).toBeGreaterThan(0);
  const { dev, devIndex, link } = rt.stats.get('lo', { groups: ['link'] });
  expect({ dev, devIndex }).toEqual({ dev: 'lo', devIndex: 1 });
  expect(link).toMatchObject({
    rxPackets: stats64.rx.packets,
    rxBytes: stats64.rx.bytes,
    txPackets: stats64.tx.packets,
    txBytes: stats64.tx.bytes,
  });
});

test('all groups of all links, in one dump or as a stream', () => {
  const all = rt.stats.list();
  expect(all.map(({ dev }) => dev).sort()).toEqual(['br0', 'lo', 'v0', 'v1']);
  expect([...rt.stats.stream()].map(({ dev }) => dev)).toEqual(all.map(({ dev }) => dev));
  expect(all.every((stats) => stats.unknown === undefined)).toBe(true);
  const port = all.find(({ dev }) => dev === 'v0');
  expect(port?.portXstats?.bridge?.stp).toMatchObject({ rxBpdu: 0, transitionsToForwarding: expect.any(Number) });
});

test('what a bridge counts is what ip stats shows', async () => {
  const words = ['stats', 'show', 'dev', 'v0', 'group', 'xstats_slave', 'subgroup', 'bridge', 'suite', 'stp'];
  const shown = (): Record<string, number> => ipJson(...words)[0].stp;
  // a spanning tree sends its messages every two seconds; between two of them nothing changes
  await expect.poll(() => shown()['tx_bpdu'], { timeout: 15_000, interval: 100 }).toBeGreaterThan(0);
  for (;;) {
    const before = shown();
    const { portXstats } = rt.stats.get('v0', { groups: ['portXstats'] });
    if (JSON.stringify(shown()) !== JSON.stringify(before)) continue;
    expect(portXstats?.bridge?.stp).toEqual({
      rxBpdu: before['rx_bpdu'],
      txBpdu: before['tx_bpdu'],
      rxTcn: before['rx_tcn'],
      txTcn: before['tx_tcn'],
      transitionsToBlocking: before['transition_blk'],
      transitionsToForwarding: before['transition_fwd'],
    });
    break;
  }
});

test('bad input names what is wrong', () => {
  expect(() => rt.stats.get('lo', { groups: ['everything' as never] })).toThrow(expect.objectContaining({ argument: 'groups[0]' }));
  expect(() => rt.stats.get('lo', { groups: [] })).toThrow(expect.objectContaining({ argument: 'groups' }));
  expect(() => rt.stats.get('nosuch')).toThrow(expect.objectContaining({ name: 'NotFoundError', argument: 'link' }));
  expect(() => rt.stats.set('lo', { l3: 1 as never })).toThrow(expect.objectContaining({ argument: 'l3' }));
});

test('hardware is asked to count, as ip stats shows', () => {
  const requested = (): unknown => ipJson('stats', 'show', 'dev', 'v1', 'group', 'offload', 'subgroup', 'hw_stats_info')[0].info.l3_stats;
  const own = (): unknown => rt.stats.get('v1', { groups: ['offload'] }).offload?.hardware?.l3;
  expect(own()).toMatchObject({ request: false });
  rt.stats.set('v1', { l3: true });
  // no driver of a veth has such counters
  expect(own()).toEqual({ request: true, used: false });
  expect(requested()).toEqual({ request: true, used: false });
  rt.stats.set('v1', { l3: false });
  expect(requested()).toMatchObject({ request: false });
});
