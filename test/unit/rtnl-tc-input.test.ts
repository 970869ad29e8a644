/** Options of traffic control that are refused before anything is sent, with the name of what is wrong. */
import { describe, expect, test } from 'vitest';
import { actionKinds } from '../../src/rtnl/tc/action/action.ts';
import { classKinds, filterKinds, qdiscKinds } from '../../src/rtnl/tc/kinds.ts';
import { decodeOptions, encodeOptions, type KindTable } from '../../src/rtnl/tc/options.ts';

type Bad = readonly [kind: string, options: object, argument: string];

function refuses(table: KindTable, cases: readonly Bad[]): void {
  test.each(cases)('%s %o: %s', (kind, options, argument) => {
    expect(() => encodeOptions(table, kind, options)).toThrow(expect.objectContaining({ name: 'InputError', argument }));
  });
}

describe('qdiscs', () => {
  refuses(qdiscKinds, [
    ['cake', { diffserv: 'diffserv5' }, 'options.diffserv'],
    ['cake', { raw: false }, 'options.raw'],
    ['cake', { overhead: 2 ** 31 }, 'options.overhead'],
    ['cbs', { highCredit: 1, lowCredit: -1, idleSlope: 1 }, 'options.sendSlope'],
    ['choke', { limit: 20, min: 5, max: 30 }, 'options.max'],
    ['choke', {}, 'options.limit'],
    ['codel', { target: -1 }, 'options.target'],
    ['dualpi2', { ecnMask: 'ect' }, 'options.ecnMask'],
    ['etf', { clockId: 'CLOCK_TAI' }, 'options.clockId'],
    ['etf', { deadlineMode: 1 }, 'options.deadlineMode'],
    ['ets', { bands: 17 }, 'options.bands'],
    ['ets', { bands: 3, strict: 2, quanta: [1, 2] }, 'options.quanta'],
    ['ets', { bands: 3, priomap: [3] }, 'options.priomap[0]'],
    ['gred', {}, 'options.queues'],
    ['gred', { queues: 3, queue: { queue: 0 } }, 'options.queues'],
    ['gred', { queue: { queue: 16, limit: 9000, min: 1000, max: 3000, averagePacket: 500 } }, 'options.queue.queue'],
    ['hfsc', { default: 65_536 }, 'options.default'],
    ['mqprio', { trafficClasses: 17, map: [] }, 'options.trafficClasses'],
    ['mqprio', { trafficClasses: 2, map: [0, 2] }, 'options.map[1]'],
    ['mqprio', { trafficClasses: 2, map: [], queues: [{ count: 1, offset: 0 }] }, 'options.queues'],
    ['mqprio', { trafficClasses: 1, map: [], minRate: [1, 2] }, 'options.minRate'],
    ['mqprio', { trafficClasses: 2, map: [], maxRate: [1, -2] }, 'options.maxRate[1]'],
    ['mqprio', { trafficClasses: 1, map: [], preemption: ['P'] }, 'options.preemption[0]'],
    ['multiq', { bands: 4, queues: 4 }, 'options.queues'],
    ['netem', { seed: -1 }, 'options.seed'],
    ['netem', { seed: 2n ** 64n }, 'options.seed'],
    ['pie', { target: 2 ** 32 }, 'options.target'],
    ['plug', {}, 'options.limit'],
    ['plug', { action: 'go' }, 'options.action'],
    ['red', { limit: 60_000 }, 'options.averagePacket'],
    ['red', { limit: 60_000, averagePacket: 1000, burst: 2 }, 'options.burst'],
    ['red', { limit: 60_000, averagePacket: 1000, probability: 101 }, 'options.probability'],
    ['red', { limit: 60_000, averagePacket: 1000, min: 9000, max: 9000 }, 'options.max'],
    ['red', { limit: 60_000, averagePacket: 1000, ecn: 'yes' }, 'options.ecn'],
    ['red', { limit: 60_000, weightLog: 32, cellLog: 3 }, 'options.weightLog'],
    ['sfb', { increment: 101 }, 'options.increment'],
    ['sfb', { max: -1 }, 'options.max'],
    ['skbprio', { limit: 1.5 }, 'options.limit'],
    ['taprio', { trafficClasses: 1, map: [], entries: [] }, 'options.entries'],
    ['taprio', { trafficClasses: 1, map: [], entries: [{ gateMask: 1, interval: 0 }] }, 'options.entries[0].interval'],
    ['taprio', { trafficClasses: 1, map: [], baseTime: 2n ** 63n, entries: [{ gateMask: 1, interval: 1 }] }, 'options.baseTime'],
    ['taprio', { trafficClasses: 1, map: [], maxSdu: [1, 2], entries: [{ gateMask: 1, interval: 1 }] }, 'options.maxSdu'],
    ['taprio', { trafficClasses: 1, map: [], flags: ['offload'], entries: [{ gateMask: 1, interval: 1 }] }, 'options.flags'],
  ]);
});

describe('classes', () => {
  refuses(classKinds, [
    ['hfsc', { upperLimit: { rate: 1 } }, 'options.linkShare'],
    ['hfsc', { linkShare: { rate: -1 } }, 'options.linkShare.rate'],
    ['qfq', { weight: 'much' }, 'options.weight'],
  ]);
});

describe('filters', () => {
  refuses(filterKinds, [
    ['bpf', {}, 'options.ops'],
    ['bpf', { ops: [] }, 'options.ops'],
    ['bpf', { fd: 3, ops: [{ code: 6, jt: 0, jf: 0, k: 0 }] }, 'options.ops'],
    ['flow', { keys: ['color'] }, 'options.keys'],
    ['flower', { dport: 80 }, 'options.dport'],
    ['flower', { ipProto: 'tcp', dport: '80' }, 'options.dport'],
    ['flower', { ipProto: 'tcp', dport: '2000-1000' }, 'options.dport'],
    ['flower', { ipProto: 'tcp', tcpFlags: { value: 1 } }, 'options.tcpFlags.mask'],
    ['flower', { icmpType: 8 }, 'options.icmpType'],
    ['flower', { ctState: { tracked: 1 } }, 'options.ctState.tracked'],
    ['flower', { ethSrc: '02:00:00:00:00:01/8' }, 'options.ethSrcMask'],
    ['flower', { encSrc: '10.0.0.0/33' }, 'options.encSrc'],
    ['fw', { classId: '10' }, 'options.classId'],
    ['route', { classId: '1:5' }, 'options.to'],
    ['route', { to: 256 }, 'options.to'],
    ['route', { from: 1, fromIndex: 2 }, 'options.fromIndex'],
  ]);
});

describe('actions', () => {
  refuses(actionKinds, [
    ['ct', { force: true }, 'options.force'],
    ['ct', { commit: true, nat: { of: 'src', address: '10.0.0.1', lastAddress: 'fd00::1' } }, 'options.nat.lastAddress'],
    ['ct', { nat: { port: 80 } }, 'options.nat.of'],
    ['ct', { labels: new Uint8Array(3) }, 'options.labels'],
    ['ctinfo', {}, 'options.dscpMask'],
    ['csum', { update: ['ip'] }, 'options.update'],
    ['gact', { control: 'drop', random: { type: 'random', value: 0, control: 'pass' } }, 'options.random.value'],
    ['gact', { control: 'drop', index: -1 }, 'options.index'],
    ['gate', { entries: [] }, 'options.entries'],
    ['gate', { entries: [{ interval: 5 }] }, 'options.entries[0].open'],
    ['gate', { entries: [{ open: true, interval: 5, maxOctets: -2 }] }, 'options.entries[0].maxOctets'],
    ['ife', { action: 'encode', mark: 'use' }, 'options.mark'],
    ['ife', { action: 'encode', tcindex: 0x10000 }, 'options.tcindex'],
    ['ife', { action: 'decode', priority: 3 }, 'options.priority'],
    ['ife', { mark: 3 }, 'options.action'],
    ['mpls', { action: 'pop' }, 'options.protocol'],
    ['mpls', { action: 'push', label: 2 ** 20 }, 'options.label'],
    ['nat', { direction: 'ingress', from: 'fd00::/64', to: '10.0.0.1' }, 'options.from'],
    ['nat', { direction: 'up', from: '10.0.0.0/8', to: '10.0.0.1' }, 'options.direction'],
    ['pedit', { keys: [] }, 'options.keys'],
    ['pedit', { keys: [{ offset: 3, value: 1 }] }, 'options.keys[0].offset'],
    ['pedit', { keys: [{ offset: 4, mask: 0xff, value: 0x100 }] }, 'options.keys[0].value'],
    ['sample', { rate: 0, group: 1 }, 'options.rate'],
    ['simple', { data: 'x'.repeat(32) }, 'options.data'],
    ['skbedit', { markMask: 1 }, 'options.markMask'],
    ['skbedit', { queueMapping: 3, queueMappingMax: 2 }, 'options.queueMappingMax'],
    ['skbmod', {}, 'options'],
    ['tunnel_key', { action: 'set', src: '10.0.0.1' }, 'options.dst'],
    ['tunnel_key', { action: 'set', src: '10.0.0.1', dst: 'fd00::1' }, 'options.dst'],
    ['vlan', { action: 'push' }, 'options.id'],
    ['vlan', { action: 'pop', id: 5 }, 'options.id'],
  ]);
});

test('what flower has no member for is kept: a mask that is none of a network, and bits without a name', () => {
  const attribute = (type: number, ...data: number[]): number[] => [
    4 + data.length,
    0,
    type,
    0,
    ...data,
    ...Array<number>(-data.length & 3).fill(0),
  ];
  const wire = Uint8Array.from([
    ...attribute(10, 10, 0, 0, 1),
    ...attribute(11, 255, 0, 255, 0),
    ...attribute(91, 65, 0),
    ...attribute(92, 67, 0),
  ]);
  const options = decodeOptions(filterKinds, 'flower', wire) as { src?: string; unknown: { type: number; data: Uint8Array }[] };
  expect(options.src).toBeUndefined();
  expect(options.unknown.map(({ type }) => type)).toEqual([10, 11, 91, 92]);
  expect(Uint8Array.from(encodeOptions(filterKinds, 'flower', options)!)).toEqual(wire);
});
