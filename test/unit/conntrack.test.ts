/** Conntrack without a kernel: what callers say as messages, what they may not say, and the other way round. */
import { describe, expect, test } from 'vitest';
import { expectationFromWire, expectationToWire } from '../../src/conntrack/expectation/expectation.ts';
import { planFilter } from '../../src/conntrack/flow/filter.ts';
import { flowFromWire } from '../../src/conntrack/flow/flow.ts';
import { flowMessage } from '../../src/conntrack/flow/message.ts';
import { changesToWire, type FlowInput, flowKey, flowToWire } from '../../src/conntrack/flow/spec.ts';
import { deleteStale, type FlowFilter, openSync, type Tuple } from '../../src/conntrack/index.ts';
import { timeoutsToWire } from '../../src/conntrack/timeout/policy.ts';
import { describe as describeMessage } from '../../src/netlink/describe.ts';
import { InputError } from '../../src/netlink/errors.ts';
import { FakeTransport, fakeAck, fakeMessage } from '../../src/netlink/transport/fake.ts';

const udp: Tuple = { protocol: 'udp', src: '10.0.0.1', dst: '192.0.2.1', sport: 4000, dport: 53 };
const udpBack: Tuple = { protocol: 'udp', src: '192.0.2.1', dst: '10.0.0.1', sport: 53, dport: 4000 };
const tcp: Tuple = { protocol: 'tcp', src: 'fd00::1', dst: 'fd00::2', sport: 1, dport: 2 };

/** What is thrown, as the name of the argument and the reason. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'nothing';
}

// what callers without a compiler may say
const anything = (value: object): never => value as never;

describe('bad input is refused before anything is sent', () => {
  const tuples: [name: string, tuple: object, message: string][] = [
    ['no tuple', [], 'original: expected a tuple, got an array'],
    ['another family', { ...udp, dst: 'fd00::1' }, 'original.dst: is of another family than src: "10.0.0.1"'],
    ['no address', { ...udp, src: '10.0.0' }, 'original.src: "10.0.0" is not an IP address'],
    ['no protocol', { ...udp, protocol: undefined }, 'original.protocol: undefined is none of icmp'],
    ['an unknown protocol', { ...udp, protocol: 'quic' }, 'original.protocol: "quic" is none of icmp'],
    [
      'a protocol out of range',
      { src: '10.0.0.1', dst: '10.0.0.2', protocol: 256 },
      'original.protocol: expected an integer from 0 to 255, got 256',
    ],
    ['ports of icmp', { ...udp, protocol: 'icmp' }, 'original.sport: tuples of icmp have no such member'],
    ['ports of gre', { ...udp, protocol: 'gre' }, 'original.sport: tuples of gre have no such member'],
    ['ports of esp', { ...udp, protocol: 'esp' }, 'original.sport: tuples of esp have no such member'],
    ['a port missing', { ...udp, sport: undefined }, 'original.sport: expected a number, got undefined'],
    ['a port out of range', { ...udp, dport: 65536 }, 'original.dport: expected an integer from 0 to 65535, got 65536'],
    [
      'icmp of IPv6',
      { protocol: 'icmp', src: 'fd00::1', dst: 'fd00::2', type: 8, code: 0, id: 1 },
      'original.protocol: icmp does not go with addresses of inet6',
    ],
    [
      'an icmp message that is not answered',
      { protocol: 'icmp', src: '10.0.0.1', dst: '10.0.0.2', type: 3, code: 0, id: 1 },
      'original.type: messages of icmp of type 3',
    ],
    ['a misspelt member', { ...udp, sprot: 5 }, 'original.sprot: tuples of udp have no such member'],
    ['a zone out of range', { ...udp, zone: 65536 }, 'original.zone: expected an integer from 0 to 65535, got 65536'],
  ];
  test.each(tuples)('a tuple: %s', (_, original, message) => {
    expect(refusal(() => flowToWire(anything({ original, timeout: 5 })))).toContain(message);
  });

  const flows: [name: string, flow: object, message: string][] = [
    ['no timeout', { original: udp }, 'timeout: is needed'],
    ['a timeout out of range', { original: udp, timeout: -1 }, 'timeout: expected an integer'],
    ['a misspelt member', { original: udp, timeout: 5, marks: 5 }, 'marks: is no option of this call'],
    ['another family', { original: udp, timeout: 5, family: 'inet6' }, 'family: "inet6" is not that of the addresses, inet'],
    [
      'replies of another family',
      { original: udp, timeout: 5, reply: { ...tcp, protocol: 'udp' } },
      'reply: is of another family than original',
    ],
    [
      'replies of another protocol',
      { original: udp, timeout: 5, reply: { ...udpBack, protocol: 'tcp' } },
      'reply.protocol: is another than that of original',
    ],
    ['replies and nat', { original: udp, timeout: 5, reply: udpBack, nat: { src: { port: 5 } } }, 'nat: goes not with reply'],
    ['nat to nothing', { original: udp, timeout: 5, nat: { src: {} } }, 'nat.src: expected an address or a port'],
    [
      'nat to another family',
      { original: udp, timeout: 5, nat: { dst: { address: 'fd00::1' } } },
      'nat.dst.address: "fd00::1" is not of the family of the flow, inet',
    ],
    [
      'nat to a range that ends before it starts',
      { original: udp, timeout: 5, nat: { dst: { address: '10.0.0.2-10.0.0.1' } } },
      'nat.dst.address: "10.0.0.2-10.0.0.1" ends before it starts',
    ],
    [
      'nat to bad ports',
      { original: udp, timeout: 5, nat: { dst: { port: '5-70000' } } },
      'nat.dst.port: expected an integer from 0 to 65535, got 70000',
    ],
    ['two zones', { original: { ...udp, zone: 5 }, timeout: 5, zone: 6 }, 'zone: holds for both directions'],
    [
      'a zone for each direction',
      { original: { ...udp, zone: 5 }, reply: { ...udpBack, zone: 6 }, timeout: 5 },
      'reply.zone: goes not with one of original',
    ],
    ['tcp state of udp', { original: udp, timeout: 5, tcp: { state: 'established' } }, 'tcp: goes not with a flow of udp'],
    ['an unknown tcp state', { original: tcp, timeout: 5, tcp: { state: 'open' } }, 'tcp.state: "open" is none of none, syn_sent'],
    [
      'a window scale that would be ignored',
      { original: tcp, timeout: 5, tcp: { original: { windowScale: 7 } } },
      'tcp.original.windowScale: goes with window-scale among the flags',
    ],
    [
      'the window scale of one end',
      { original: tcp, timeout: 5, tcp: { original: { windowScale: 7, flags: ['window-scale'] } } },
      'tcp.reply.windowScale: goes with that of the other end',
    ],
    [
      'flags of tcp that are no list',
      { original: tcp, timeout: 5, tcp: { original: { windowScale: 7, flags: 1 } } },
      'tcp.original.flags: expected a list of names, got 1',
    ],
    ['an unknown status', { original: udp, timeout: 5, status: ['assured', 'sure'] }, 'status: "sure" is none of expected'],
    ['a label out of range', { original: udp, timeout: 5, labels: [128] }, 'labels: expected an integer from 0 to 127, got 128'],
    [
      'a helper with too long a name',
      { original: udp, timeout: 5, helper: 'a-helper-of-old-x' },
      'helper: "a-helper-of-old-x" is 17 bytes long; at most 15 fit',
    ],
    ['a master of another family', { original: udp, timeout: 5, master: tcp }, 'master: is of another family'],
  ];
  test.each(flows)('a flow: %s', (_, flow, message) => {
    expect(refusal(() => flowToWire(anything(flow)))).toContain(message);
  });

  const filters: [name: string, filter: object, message: string][] = [
    ['a misspelt member', { protocols: 'udp' }, 'protocols: is no option of this call'],
    ['ports without a protocol', { original: { sport: 5 } }, 'original.sport: goes with a protocol'],
    ['ports of icmp', { protocol: 'icmp', reply: { dport: 5 } }, 'reply.dport: tuples of icmp have no such member'],
    ['two families', { family: 'inet6', original: { src: '10.0.0.0/8' } }, 'original: has addresses of inet, and the rest is of inet6'],
    ['two families in one tuple', { original: { src: '10.0.0.0/8', dst: 'fd00::1' } }, 'original.dst: is of another family than src'],
    ['two protocols', { original: { protocol: 'udp' }, reply: { protocol: 'tcp' } }, 'reply.protocol: is another than that of original'],
    [
      'a protocol beside another',
      { protocol: 'tcp', original: { protocol: 'udp' }, reply: { protocol: 'udp' } },
      'original.protocol: is another than protocol, tcp',
    ],
    ['a mask alone', { markMask: 5 }, 'markMask: goes with mark'],
    ['a mark beyond its mask', { mark: 6, markMask: 5 }, 'mark: 6 has bits that markMask has not'],
    ['a status set and not set', { status: ['assured'], withoutStatus: ['assured'] }, 'withoutStatus: assured is in status as well'],
    ['no family', { family: 'ip' }, 'family: "ip" is none of inet, inet6'],
  ];
  test.each(filters)('a filter: %s', (_, filter, message) => {
    expect(refusal(() => planFilter(anything(filter)))).toContain(message);
  });

  test('changes', () => {
    expect(refusal(() => changesToWire({ original: udp }, { markMask: 5 }))).toBe('markMask: goes with mark');
    expect(refusal(() => changesToWire({ original: udp }, { mark: 6, markMask: 5 }))).toBe('mark: 6 has bits that markMask has not');
    expect(refusal(() => changesToWire({ original: udp }, { labelsMask: [5] }))).toBe('labelsMask: goes with labels');
    expect(refusal(() => changesToWire({ original: udp }, { labels: [1, 7], labelsMask: [1] }))).toBe(
      'labels: has 7, which labelsMask has not',
    );
    expect(refusal(() => changesToWire({ original: udp }, anything({ labels: 1, labelsMask: 1 })))).toContain('labels: expected a list');
    expect(refusal(() => changesToWire({ original: udp }, { labels: [1], labelsMask: [1, 7] }))).toBe('nothing');
    expect(refusal(() => changesToWire({ original: udp }, { status: ['dying'] }))).toBe('status: dying cannot be set from here');
    expect(refusal(() => changesToWire({ original: udp }, anything({ zone: 5 })))).toMatch(
      /^zone: is no option of this call; it has timeout, mark,/,
    );
    expect(refusal(() => flowKey({}))).toBe('original: is needed, or reply');
  });

  test('a stale port', () => {
    const port = (value: object): string => refusal(() => deleteStale(anything(value)).next());
    expect(port({})).toContain('port: expected a number, got undefined');
    expect(port({ port: 0 })).toContain('port: expected an integer from 1 to 65535, got 0');
    expect(port({ port: 53, protocol: 'icmp' })).toContain('protocol: "icmp" is none of tcp, udp');
    expect(port({ port: 53, address: 'localhost' })).toContain('address: "localhost" is not an IP address');
  });

  test('what timeouts are for', () => {
    expect(refusal(() => timeoutsToWire(anything(undefined as never), {}))).toBe('key: expected a family and a protocol, got undefined');
    expect(refusal(() => timeoutsToWire(anything({ family: 'inet' }), {}))).toContain('protocol: undefined is none of icmp');
    expect(refusal(() => timeoutsToWire(anything({ family: 'inet', protocol: 256 }), {}))).toContain('protocol: expected an integer');
    // TCP by its number has the states of TCP
    expect(timeoutsToWire({ family: 'inet', protocol: 6 }, { close: 4 })).toEqual({
      l3proto: 'inet',
      l4proto: 'tcp',
      policy: { close: 4 },
    });
  });

  test('a filter that means every flow deletes none', () => {
    let asked = 0;
    using ct = openSync({
      transport: () =>
        new FakeTransport((requests) => {
          asked += requests.length;
          return requests.map((request) => fakeAck(request));
        }),
    } as never);
    expect(refusal(() => ct.flows.deleteMatching({}))).toBe('filter: means every flow; flush() deletes them all');
    expect(asked).toBe(0);
  });
});

describe('messages', () => {
  test('replies go the other way round by default', () => {
    const { wire } = flowToWire({ original: udp, timeout: 5 });
    expect(flowFromWire(flowMessage.parse(flowMessage.bytes(wire)))).toEqual({
      family: 'inet',
      original: udp,
      reply: udpBack,
      status: [],
      timeout: 5,
    });
  });

  test('replies that go elsewhere are a translation', () => {
    const reply: Tuple = { ...udpBack, src: '10.9.9.9', dst: '203.0.113.1', dport: 5000 };
    const { wire } = flowToWire({ original: udp, reply, timeout: 5 });
    expect(wire.natSrc).toEqual({ v4Min: '203.0.113.1', proto: { min: 5000 } });
    expect(wire.natDst).toEqual({ v4Min: '10.9.9.9', proto: { min: 53 } });
    expect(flowFromWire(flowMessage.parse(flowMessage.bytes(wire))).reply).toEqual(udpBack);
  });

  test('one address is one however it is spelt', () => {
    const { wire } = flowToWire({
      original: tcp,
      reply: { protocol: 'tcp', src: 'fd00:0::2', dst: 'fd00::0:1', sport: 2, dport: 1 },
      timeout: 5,
    });
    expect([wire.natSrc, wire.natDst]).toEqual([undefined, undefined]);
  });

  const all: FlowInput = {
    original: tcp,
    timeout: 5,
    zone: 7,
    mark: 0xffffffff,
    labels: [0, 64, 127],
    helper: 'ftp',
    status: ['assured', 'seen-reply', 'src-nat'],
    tcp: {
      state: 'established',
      original: { windowScale: 7, flags: ['window-scale', 'be-liberal'] },
      reply: { windowScale: 9, flags: ['window-scale'] },
    },
    seqAdjust: { original: { position: 5, before: -3, after: 4 } },
    synproxy: { isn: 1, its: 2, tsoff: 3 },
    master: { protocol: 'tcp', src: 'fd00::1', dst: 'fd00::2', sport: 3, dport: 21 },
  };

  test('what a flow is made with is what it says', () => {
    const { wire } = flowToWire(all);
    const flow = flowFromWire(flowMessage.parse(flowMessage.bytes(wire)));
    const { original, timeout, zone, mark, labels, helper, tcp: info, seqAdjust, synproxy, master } = all;
    expect(flow).toEqual({
      family: 'inet6',
      original,
      reply: { protocol: 'tcp', src: 'fd00::2', dst: 'fd00::1', sport: 2, dport: 1 },
      // what is translated is for the kernel to say, and what is made is confirmed
      status: ['seen-reply', 'assured', 'confirmed'],
      timeout,
      zone,
      mark,
      labels,
      helper,
      tcp: info,
      seqAdjust,
      synproxy,
      master,
    });
  });

  test('what was read is accepted', () => {
    const read = flowFromWire(flowMessage.parse(flowMessage.bytes(flowToWire(all).wire)));
    expect(flowFromWire(flowMessage.parse(flowMessage.bytes(flowToWire({ timeout: 5, ...read }).wire)))).toEqual(read);
  });

  test('attributes that nobody has declared survive', () => {
    const { wire } = flowToWire({ original: udp, timeout: 5 });
    const unknown = [{ type: 99, data: Uint8Array.of(1, 2, 3, 4) }];
    const flow = flowFromWire(flowMessage.parse(flowMessage.bytes({ ...wire, unknown })));
    expect(flow.unknown).toEqual(unknown);
    expect(flowToWire({ timeout: 5, ...flow }).wire.unknown).toEqual(unknown);
  });
});

describe('filters', () => {
  const wire = {
    version: 0,
    resId: 0,
    ...flowToWire({ original: udp, timeout: 5, mark: 0x15, labels: [3, 4] }).wire,
    status: ['assured'] as const,
  } as never;
  const meant = (filter: FlowFilter): boolean => planFilter(filter).keep(wire);

  test('are applied here, whatever the kernel made of them', () => {
    expect(meant({})).toBe(true);
    expect([meant({ family: 'inet' }), meant({ family: 'inet6' })]).toEqual([true, false]);
    expect([meant({ protocol: 'udp' }), meant({ protocol: 'tcp' })]).toEqual([true, false]);
    expect([meant({ original: { src: '10.0.0.0/31' } }), meant({ original: { src: '10.0.0.2/31' } })]).toEqual([true, false]);
    expect([meant({ original: { src: '0.0.0.0/0' } }), meant({ original: { src: '::/0' } })]).toEqual([true, false]);
    expect([meant({ protocol: 'udp', reply: { sport: 53 } }), meant({ protocol: 'udp', reply: { sport: 54 } })]).toEqual([true, false]);
    expect([meant({ zone: 0 }), meant({ zone: 1 })]).toEqual([true, false]);
    expect([meant({ mark: 0x15 }), meant({ mark: 0x10, markMask: 0xf0 }), meant({ mark: 0x20, markMask: 0xf0 })]).toEqual([
      true,
      true,
      false,
    ]);
    expect([meant({ status: ['assured'] }), meant({ withoutStatus: ['assured'] }), meant({ status: ['src-nat'] })]).toEqual([
      true,
      false,
      false,
    ]);
    expect([meant({ labels: [3] }), meant({ labels: [3, 5] }), meant({ helper: 'ftp' })]).toEqual([true, false, false]);
  });

  test('ask the kernel for what it can compare', () => {
    const { request } = planFilter({
      protocol: 'udp',
      original: { src: '10.0.0.1', dst: '10.0.0.0/8', dport: 53 },
      mark: 5,
      status: ['assured'],
      zone: 7,
    });
    expect(request).toEqual({
      family: 2,
      original: { ip: { v4Src: '10.0.0.1' }, proto: { number: 'udp', dstPort: 53 } },
      filter: { original: ['src', 'protocol', 'dstPort'] },
      mark: 5,
      markMask: 0xffffffff,
      status: ['assured'],
      statusMask: ['assured'],
      zone: 7,
    });
    // it compares tuples of a known family alone; those of replies, and addresses of IPv6, wrongly
    expect(planFilter({ protocol: 'udp' }).request).toEqual({});
    expect(planFilter({ reply: { src: '10.0.0.1' } }).request).toEqual({ family: 2 });
    expect(planFilter({ original: { src: 'fd00::1' } }).request).toEqual({ family: 10 });
  });
});

test('the timeout of a flow is not that of the call', () => {
  const { wire } = flowToWire({ original: udp, timeout: 1 });
  let timeout: number | undefined;
  using ct = openSync({
    transport: () =>
      new FakeTransport((requests) =>
        requests.map((request) => {
          if (request.type === 0x101) return fakeMessage(request.sequence, 0x100, flowMessage.bytes(wire));
          timeout = flowMessage.parse(request.body).timeout;
          return fakeAck(request);
        }),
      ),
  } as never);
  expect(ct.flows.create({ original: udp, timeout: 1 }).timeout).toBe(1);
  expect(timeout).toBe(1);
  // nor is that of one that is read or deleted
  const flow = { ...ct.flows.get({ original: udp }), timeout: 0xffffffff };
  expect(ct.flows.get(flow).original).toEqual(udp);
  ct.flows.delete(flow);
  ct.flows.ensureAbsent(flow);
  // seconds up to what 32 bits hold, where milliseconds of a call end at 31 bits
  expect(ct.flows.create({ original: udp, timeout: 0xffffffff }).original).toEqual(udp);
});

test('messages are described by the names of the kernel', () => {
  const { wire } = flowToWire({ original: udp, timeout: 5, zone: 7, status: ['assured'] });
  const text = describeMessage(fakeMessage(7, 0x100, flowMessage.bytes(wire)), { protocol: 'netfilter' });
  expect(text).toMatch(/^IPCTNL_MSG_CT_NEW /);
  for (const line of [
    'nfgenmsg: family=ip',
    'CTA_TUPLE_ORIG',
    'CTA_IP_V4_SRC: 10.0.0.1',
    'CTA_PROTO_NUM: udp',
    'CTA_PROTO_DST_PORT: 53',
    'CTA_ZONE: 7',
    'CTA_STATUS: assured|confirmed',
  ])
    expect(text).toContain(line);
});

describe('the mask of an expectation', () => {
  const echo: Tuple = { protocol: 'icmp', src: '10.0.0.1', dst: '192.0.2.1', type: 8, code: 0, id: 7 };
  const echo6: Tuple = { protocol: 'icmpv6', src: 'fd00::1', dst: 'fd00::2', type: 128, code: 0, id: 7 };

  test.each([
    ['icmp', echo, udp, 'icmpId', 'icmpType'],
    ['icmpv6', echo6, tcp, 'icmpv6Id', 'icmpv6Type'],
  ] as const)('of %s has bits of the identifier, and the type that the kernel wants', (_, tuple, master, id, type) => {
    const any = expectationToWire({ tuple, master }).wire;
    expect(any.mask?.proto).toMatchObject({ [id]: 0, [type]: tuple.type });
    const { wire } = expectationToWire({ tuple, master, mask: { id: 0xffff } });
    expect(wire.mask?.proto).toMatchObject({ [id]: 0xffff, [type]: tuple.type });
    // the kernel tells the mask with all bits of type and code
    const told = { ...wire, mask: { ...wire.mask, proto: { ...wire.mask!.proto, [type]: 0xff } } } as never;
    expect(expectationFromWire(told).mask).toEqual({ src: expect.any(String), id: 0xffff });
  });

  test('has an identifier for ICMP alone, and ports for what has ports', () => {
    expect(refusal(() => expectationToWire({ tuple: udp, master: udp, mask: { id: 1 } }))).toMatch(
      /^mask\.id: tuples of udp have no identifier/,
    );
    expect(refusal(() => expectationToWire({ tuple: echo, master: udp, mask: { sport: 1 } }))).toMatch(
      /^mask\.sport: tuples of icmp have no ports/,
    );
    expect(refusal(() => expectationToWire({ tuple: echo, master: udp, mask: { id: 65536 } }))).toMatch(/^mask\.id: expected an integer/);
  });
});
