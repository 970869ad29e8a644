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
    ['codel', { target: -1 }, 'options.target'],
    ['ets', { bands: 17 }, 'options.bands'],
    ['ets', { bands: 3, strict: 2, quanta: [1, 2] }, 'options.quanta'],
    ['ets', { bands: 3, priomap: [3] }, 'options.priomap[0]'],
    ['hfsc', { default: 65_536 }, 'options.default'],
    ['netem', { seed: -1 }, 'options.seed'],
    ['netem', { seed: 2n ** 64n }, 'options.seed'],
    ['pie', { target: 2 ** 32 }, 'options.target'],
    ['plug', {}, 'options.limit'],
    ['plug', { action: 'go' }, 'options.action'],
    ['skbprio', { limit: 1.5 }, 'options.limit'],
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
