/** Rules read back: what the kernel has of them becomes the statements that make them. */
import { describe, expect, test } from 'vitest';
import { unless } from '../../src/nft/delinearize/unless.ts';
import {
  accept,
  arp,
  change,
  concat,
  counter,
  ct,
  drop,
  type Expression,
  ether,
  explain,
  expr,
  type Family,
  type FilledSet,
  icmp,
  icmpv6,
  ip,
  ip6,
  limit,
  linearize,
  map,
  meta,
  range,
  readStatements,
  rule,
  type Statement,
  tcp,
  udp,
  vxlan,
} from '../../src/nft/index.ts';
import { headers } from '../../src/nft/protocol/headers.ts';
import { newRule } from '../../src/nft/rule.ts';
import { loadedByIptables } from '../fixtures/nft/iptables.ts';
import { ruleCases } from '../fixtures/nft-rules/index.ts';
import { constants } from '../support/nft-bytecode.ts';
import { listed } from '../support/nft-listed.ts';
import { type Kind, kinds, plain, text } from '../support/nft-plain.ts';

/** Rules of which more than the spelling comes back otherwise, as with nft(8): by file and line of its suite. */
const otherwise: Readonly<Record<string, Readonly<Record<string, readonly Statement[]>>>> = {
  'what another statement brings along by itself is left out': {
    'inet/ether.t:11': rule(tcp.dport.in(22), ether.saddr.in('00:0f:54:0c:11:04'), accept()),
    'inet/icmp.t:14': rule(icmp.type.in('echo-request')),
    'ip/icmp.t:43': rule(icmp.id.not(range(33, 45))),
    'ip/icmp.t:46': rule(icmp.id.not(22, 34, 333)),
    'ip/icmp.t:50': rule(icmp.sequence.in(range(33, 45))),
    'ip6/icmpv6.t:70': rule(icmpv6.id.in(1)),
    'ip6/meta.t:13': rule(udp.dport.in(67)),
    'ip6/meta.t:6': rule(icmpv6.type.in('nd-router-advert')),
  },
  'neighbors are compared at once, and come in the order of the packet': {
    'arp/arp.t:58': rule(arp.saddrIp.in('192.168.1.1'), arp.daddrEther.in('fe:ed:00:c0:ff:ee')),
  },
  'and bits of a header by their number are the field that they are': {
    'arp/arp.t:60': rule(
      meta.iifname.in('invalid'),
      arp.htype.in(1),
      arp.ptype.in('ip'),
      arp.hlen.in(6),
      arp.plen.in(4),
      arp.daddrIp.in('192.168.143.16'),
      arp.daddrEther.set('11:22:33:44:55:66'),
    ),
  },
  'a constant is turned around in place of what is compared with it': {
    'any/ct.t:41': rule(ct.mark.in(0x32)),
    'any/meta.t:63': rule(meta.mark.in(2)),
  },
};

const expectedBy = new Map(Object.values(otherwise).flatMap((rules) => Object.entries(rules)));
const placeOf = (id: string): string => id.split(':').slice(0, 2).join(':');

describe('rules in the typed language', () => {
  test('come back as the statements that were written', () => {
    const needed: Record<string, number> = { none: 0 };
    const met = new Set<string>();
    for (const { family, id, rule: written } of ruleCases) {
      const { rule: kernels, sets } = listed(family, written);
      const read = readStatements(kernels, sets);
      const expected = expectedBy.get(placeOf(id));
      if (expected !== undefined) {
        met.add(placeOf(id));
        expect(read, id).toEqual(expected);
        continue;
      }
      if (text(read) === text(written)) {
        needed['none']!++;
        continue;
      }
      expect(plain(family, read), id).toBe(plain(family, written));
      const steps = (Object.keys(kinds) as Kind[]).filter((kind) => plain(family, read, kind) !== plain(family, written, kind));
      for (const kind of steps) needed[kind] = (needed[kind] ?? 0) + 1;
    }
    expect([...met].sort()).toEqual([...expectedBy.keys()].sort());
    // of 444, as they were written: letter by letter but for the order of members
    expect(needed).toEqual({ none: 389, namesAsNumbers: 28, inOrder: 12, withoutDefaults: 7 });
  });

  test('values come by their names, and sets in order', () => {
    const written = rule(
      meta.l4proto.in(17, 6),
      meta.iifgroup.not(0),
      meta.priority.in(0x10_0020),
      ct.status('dnat', 'snat'),
      ip.saddr.in('10.9.0.0/16', '10.1.0.0/16', range('10.2.0.1', '10.2.0.9')),
    );
    const { rule: kernels, sets } = listed('ip', written);
    expect(readStatements(kernels, sets)).toEqual(
      rule(
        meta.l4proto.in('tcp', 'udp'),
        meta.iifgroup.not('default'),
        meta.priority.in('10:20'),
        ct.status('snat', 'dnat'),
        ip.saddr.in('10.1.0.0/16', range('10.2.0.1', '10.2.0.9'), '10.9.0.0/16'),
      ),
    );
  });

  test('and packets within tunnels are looked into as before', () => {
    const written = rule(udp.dport.in(4789), vxlan.vni.in(7), vxlan.ip.saddr.in('10.0.0.0/8'), vxlan.tcp.dport.in(80), accept());
    const { rule: kernels, sets } = listed('inet', written);
    expect(readStatements(kernels, sets)).toEqual(written);
  });
});

const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all);
const loadMark: Expression = expr('meta', { key: 'mark', dreg: 1 });

/** What no statement says, and where it stands among those that do. */
const opaque: readonly (readonly [string, readonly Expression[], readonly Statement[]])[] = [
  [
    'an expression that netloom has no schema for',
    [expr('counter', { bytes: 0, packets: 0 }), { kind: 'other', name: 'frob', data: [] } as unknown as Expression],
    [counter(), { kernel: { expressions: [{ kind: 'other', name: 'frob', data: [] } as unknown as Expression] } }],
  ],
  [
    'what a tunnel device noted',
    [expr('tunnel', { key: 'id', dreg: 1 }), expr('cmp', { sreg: 1, op: 'eq', data: bytes(7, 0, 0, 0) })],
    [{ kernel: { expressions: [expr('tunnel', { key: 'id', dreg: 1 }), expr('cmp', { sreg: 1, op: 'eq', data: bytes(7, 0, 0, 0) })] } }],
  ],
  [
    'a register that another statement has loaded',
    [loadMark, expr('cmp', { sreg: 1, op: 'eq', data: bytes(1, 0, 0, 0) }), expr('meta', { key: 'priority', sreg: 1 }), expr('notrack')],
    [...rule(meta.mark.in(1)), { kernel: { expressions: [expr('meta', { key: 'priority', sreg: 1 })] } }, { notrack: null }],
  ],
  [
    'a verdict that nft has no word for',
    [expr('immediate', { dreg: 0, data: { code: 'stolen' } })],
    [{ kernel: { expressions: [expr('immediate', { dreg: 0, data: { code: 'stolen' } })] } }],
  ],
  [
    'two registers, one with the other',
    [loadMark, expr('meta', { key: 'skuid', dreg: 2 }), expr('bitwise', { sreg: 1, sreg2: 2, dreg: 1, len: 4, op: 'and' })],
    [
      {
        kernel: {
          expressions: [
            loadMark,
            expr('meta', { key: 'skuid', dreg: 2 }),
            expr('bitwise', { sreg: 1, sreg2: 2, dreg: 1, len: 4, op: 'and' }),
          ],
        },
      },
    ],
  ],
];

describe('what no statement says', () => {
  test.each(opaque)('%s', (_, expressions, statements) => {
    expect(readStatements({ family: 'inet', expressions })).toEqual(statements);
    expect(linearize('inet', statements).expressions).toEqual(expressions);
  });

  const held = (elements: FilledSet['elements']): FilledSet => ({
    family: 'ip',
    table: 't',
    name: '__set3',
    type: 'inet_service',
    flags: ['anonymous', 'constant'],
    ...(elements === undefined ? {} : { elements }),
  });
  const { expressions } = listed('ip', rule(tcp.dport.in(80, 443), drop())).rule;
  const named = expressions.map((each) => (each.kind === 'lookup' ? expr('lookup', { ...each.data, set: '__set3' }) : each));
  const table = { family: 'ip', table: 't', expressions: named } as const;

  test('a set that the rule brought along, without what it holds', () => {
    const kernel = named.slice(2, 4);
    for (const sets of [[], [held(undefined)], [{ ...held([{ key: 80 }]), table: 'u' }]])
      expect(readStatements(table, sets)).toEqual([...rule(meta.l4proto.in('tcp')), { kernel: { expressions: kernel } }, drop()]);
  });

  test('but not a set of one value: that is looked up, and stays a set', () => {
    const statements = readStatements(table, [held([{ key: 80 }])]);
    expect(statements).toMatchObject([{ match: { right: { set: [{ elem: { val: 80 } }] } } }, { drop: null }]);
    expect(linearize('ip', statements).sets).toMatchObject([{ elements: [{ key: bytes(0, 80) }] }]);
  });

  test('a set with more in it than the tree can hold, which goes on with the rule', () => {
    // the tree has one of each kind
    const twice = [expr('counter', { bytes: 1, packets: 2 }), expr('counter', { bytes: 3, packets: 4 })];
    const set = held([{ key: 80, expressions: twice }, { key: 443 }]);
    const statements = readStatements(table, [set]);
    expect(statements.map((statement) => Object.keys(statement)[0])).toEqual(['match', 'kernel', 'drop']);
    const again = linearize('ip', statements);
    expect(explain(again.expressions)).toEqual(explain(named).map((line) => line.replace('__set3', '__set%d')));
    expect(again.sets).toMatchObject([{ keyLength: 2, elements: [{ key: bytes(0, 80), expressions: twice }, { key: bytes(1, 187) }] }]);
    // it is added with the set and its elements
    const { requests } = change.rules.add({ family: 'ip', table: 't', chain: 'c', statements });
    expect(requests.map(({ operation }) => operation.name)).toEqual(['NFT_MSG_NEWSET', 'NFT_MSG_NEWSETELEM', 'NFT_MSG_NEWRULE']);
  });
});

/** A field of a header, compared with bytes. */
const compared = (base: 'link' | 'network' | 'transport', offset: number, ...data: number[]): Expression[] => [
  expr('payload', { dreg: 1, base, offset, len: data.length }),
  expr('cmp', { sreg: 1, op: 'eq', data: bytes(...data) }),
];
const named = (key: 'iifname' | 'oifname', op: 'eq' | 'neq', text: string): Expression[] => [
  expr('meta', { key, dreg: 1 }),
  expr('cmp', { sreg: 1, op, data: Uint8Array.from(Buffer.from(text)) }),
];
const merging = (merge: boolean, { match }: Statement & { match: object }): Statement => ({ match: { ...match, merge } }) as Statement;

/** Rules that nft would have made otherwise, as iptables, ebtables, arptables and older versions of nft make them. */
const others: readonly (readonly [string, Family, readonly Expression[], readonly Statement[]])[] = [
  [
    'neighbors that are compared one by one',
    'ip',
    [
      expr('meta', { key: 'l4proto', dreg: 1 }),
      expr('cmp', { sreg: 1, op: 'eq', data: bytes(6) }),
      ...compared('transport', 0, 0, 80),
      ...compared('transport', 2, 0, 81),
      ...compared('transport', 4, 0, 0, 0, 1),
    ],
    [...rule(tcp.sport.in(80)), merging(false, tcp.dport.in(81)), ...rule(tcp.sequence.in(1))],
  ],
  [
    'addresses that are compared at once',
    'ip',
    [...compared('network', 12, 10, 0, 0, 1, 10, 0, 0, 2)],
    [...rule(ip.saddr.in('10.0.0.1')), merging(true, ip.daddr.in('10.0.0.2'))],
  ],
  [
    'the whole of a header at once, and then the next by itself',
    'bridge',
    [...compared('link', 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2), ...compared('link', 12, 8, 0), ...compared('network', 12, 10, 0, 0, 1)],
    [
      ...rule(ether.daddr.in('02:00:00:00:00:01'), ether.saddr.in('02:00:00:00:00:02')),
      merging(false, ether.type.in('ip')),
      ...rule(ip.saddr.in('10.0.0.1')),
    ],
  ],
  [
    'the last of several before the first',
    'arp',
    [...compared('network', 6, 0, 1), ...compared('network', 5, 4), ...compared('network', 2, 8, 0), ...compared('network', 4, 6)],
    [...rule(arp.operation.in('request')), merging(false, arp.plen.in(4)), ...rule(arp.ptype.in('ip')), merging(false, arp.hlen.in(6))],
  ],
  ['a name with one zero', 'ip', named('oifname', 'neq', 'br0\0'), [{ match: { ...meta.oifname.not('br0').match, bytes: 4 } }]],
  ['a name with some', 'ip', named('iifname', 'eq', 'eth0\0\0\0'), [{ match: { ...meta.iifname.in('eth0').match, bytes: 7 } }]],
];

describe('what other programs wrote', () => {
  test.each(others)('%s', (_, family, expressions, statements) => {
    expect(linearize(family, statements).expressions).toEqual(expressions);
    expect(readStatements({ family, expressions })).toEqual(statements);
  });

  test('iptables, ip6tables, arptables and ebtables', () => {
    const read = loadedByIptables.map(({ command, family, message }) => {
      const { expressions = [] } = newRule.body.parse(Buffer.from(message, 'hex'));
      const statements = readStatements({ family, expressions });
      const again = linearize(family, statements).expressions;
      expect(explain(again), command).toEqual(explain(expressions));
      expect(constants(again), command).toEqual(constants(expressions));
      return statements;
    });
    const tcpPorts = rule(tcp.sport.in(53), tcp.dport.in(80));
    const ethernet = { match: { ...ether.daddr.in('02:00:00:00:00:02').match, merge: false } };
    expect(read).toEqual([
      [...rule(meta.l4proto.in('tcp'), ip.saddr.in('192.0.2.1'), ip.daddr.in('192.0.2.2')), ...tcpPorts, ...rule(counter(), accept())],
      [
        { match: { ...meta.oifname.not('br0').match, bytes: 4 } },
        ...rule(ip.saddr.in('10.0.0.0/8'), counter()),
        { xt: { type: 'target', name: 'MASQUERADE', rev: 0, info: Uint8Array.of(1, ...new Uint8Array(23)) } },
      ],
      [
        ...rule(meta.iifname.in('veth*')),
        { match: { ...meta.oifname.in('eth0').match, bytes: 5 } },
        ...rule(ip.daddr.in('192.0.2.0/25'), counter(), drop()),
      ],
      rule(meta.l4proto.in('udp'), ip6.saddr.in('fe80::1'), ip6.daddr.in('fe80::2'), udp.sport.in(1), udp.dport.in(67), counter(), drop()),
      [
        { match: { ...meta.iifname.in('eth0').match, bytes: 5 } },
        ...rule(arp.htype.in(1), arp.hlen.in(6)),
        merging(false, arp.plen.in(4)),
        ...rule(arp.operation.in('request')),
        merging(false, arp.saddrEther.in('02:00:00:00:00:01')),
        ...rule(arp.saddrIp.in('192.0.2.1'), arp.daddrIp.in('192.0.2.2'), counter(), drop()),
      ],
      [
        { match: { ...meta.iifname.in('eth0').match, bytes: 5 } },
        ...rule(ether.saddr.in('02:00:00:00:00:01')),
        ethernet,
        merging(false, ether.type.in('ip')),
        ...rule(counter(), drop()),
      ],
    ]);
  });

  const refused: readonly (readonly [string, Statement['match' & keyof Statement] | object, string])[] = [
    ['merge', { ...meta.mark.in(1).match, merge: false }, 'is for a field of whole bytes that is equal to a value'],
    ['merge', { ...ip.saddr.in('10.0.0.0/8').match, merge: false }, 'is for a field of whole bytes'],
    ['merge', { ...ip.saddr.not('10.0.0.1').match, merge: true }, 'is for a field of whole bytes'],
    ['merge', { ...ip.saddr.in('10.0.0.1', '10.0.0.2').match, merge: true }, 'is for a field of whole bytes'],
    ['merge', { ...ip.saddr.in('10.0.0.1').match, merge: true }, 'the match before it is of no neighbor in the header'],
    ['merge', { ...ip.saddr.in('10.0.0.1').match, merge: 1 }, 'expected true or false, got 1'],
    ['merge', { ...meta.oifname.in('br0').match, bytes: 4, merge: false }, 'is for a field of whole bytes'],
    ['bytes', { ...meta.oifname.in('br0').match, bytes: 3 }, 'expected an integer from 4 to 16, got 3'],
    ['bytes', { ...meta.oifname.in('br0').match, bytes: 17 }, 'expected an integer from 4 to 16, got 17'],
    ['bytes', { ...meta.oifname.in('br*').match, bytes: 4 }, 'is for a name'],
    ['bytes', { ...meta.oifname.in('br0', 'br1').match, bytes: 4 }, 'is for a name'],
    ['bytes', { ...ip.saddr.in('10.0.0.1').match, bytes: 4 }, 'is for a name'],
  ];
  test.each(refused)('%s that says nothing is refused: %j', (member, match, message) => {
    const made = (): unknown => linearize('ip', [{ match } as Statement]);
    expect(made).toThrow(message);
    expect(made).toThrow(expect.objectContaining({ argument: expect.stringMatching(new RegExp(`\\[0\\]\\.match.*${member}$`)) }));
  });

  const random = numbers(20_261_005);
  const families: Readonly<Record<string, Family>> = { arp: 'arp', ether: 'bridge', vlan: 'bridge', ip6: 'ip6', icmpv6: 'ip6' };
  // what of these has such fields depends on the type of the message
  const protocols = Object.keys(headers).filter((name) => name !== 'icmp' && name !== 'icmpv6');
  test.each(protocols)('fields of %s, compared with any of their neighbors or none', (protocol) => {
    const family = families[protocol] ?? 'ip';
    const fields = Object.entries(headers[protocol as 'ip'].fields)
      .filter(([, [bit, bits]]) => bit % 8 === 0 && bits % 8 === 0)
      .sort(([, [a]], [, [b]]) => a - b);
    for (let round = 0; round < 8; round++) {
      const statements: Statement[] = [];
      for (const [field, [, bits]] of fields) {
        const left = { payload: { protocol, field } };
        const right = new Uint8Array(bits / 8).fill(1 + (random.next().value % 99));
        const match = { left, op: '==', right, merge: random.next().value % 2 === 0 } as const;
        const merged = match.merge && unless(() => linearize(family, [...statements, { match }])) !== undefined;
        statements.push({ match: { ...match, merge: merged } });
      }
      const { expressions } = linearize(family, statements);
      const read = readStatements({ family, expressions });
      expect(read.map((statement) => Object.keys(statement)[0])).not.toContain('kernel');
      expect(linearize(family, read).expressions).toEqual(expressions);
    }
  });

  test('no more than a register is compared at once', () => {
    const both = rule(ip6.saddr.in('fe80::1'), ip6.daddr.in('fe80::2'));
    const [first, second] = both as (Statement & { match: object })[];
    expect(() => linearize('ip6', [first!, merging(true, second!)])).toThrow('at most 16 bytes are compared at once, not 32');
  });
});

describe('elements of a rule of its own', () => {
  const val = (right: unknown): Statement => ({ match: { ...tcp.dport.in(1).match, right: { set: right } } }) as Statement;

  test.each<[string, readonly Statement[]]>([
    ['counted and commented', [val([{ elem: { val: 80, counter: null, comment: 'web' } }, 443])]],
    ['a single one', [val([{ elem: { val: 80, limit: { rate: 5, per: 'second' } } }])]],
    ['several of them at once', [val([{ elem: { val: 80, 'ct count': { val: 3, inv: true }, counter: { packets: 1, bytes: 60 } } }])]],
    ['for whatever else comes', [val([{ elem: { val: '*', quota: { val: 2, val_unit: 'kbytes' }, last: null } }])]],
    [
      'intervals',
      [val([80, { elem: { val: { range: [81, 90] }, counter: null } }, { elem: { val: { range: [60_000, 65_535] }, comment: 'all' } }])],
    ],
    [
      'of a verdict map',
      rule(
        tcp.dport.vmap([
          [80, accept()],
          ['*', drop()],
        ]),
      ),
    ],
    [
      'of a map of intervals',
      rule(
        meta.mark.set(
          map(ip.saddr, [
            ['10.0.0.0/8', 1],
            ['*', 2],
          ]),
        ),
      ),
    ],
    [
      'of a map of concatenations',
      rule(
        concat(ip.saddr, tcp.dport).vmap([
          [['10.0.0.1', 80], accept()],
          ['*', drop()],
        ]),
      ),
    ],
    [
      'of a map of objects',
      rule(
        counter(
          map(tcp.dport, [
            [80, 'web'],
            ['*', 'rest'],
          ]),
        ),
      ),
    ],
  ])('%s', (_, written) => {
    const { rule: kernels, sets } = listed('ip', written);
    expect(readStatements(kernels, sets)).toEqual(written);
  });

  test.each<[string, () => unknown, string]>([
    [
      'a key twice, with different things',
      () => val([{ elem: { val: 80, counter: null } }, 80]),
      'one key is listed twice, with different things',
    ],
    [
      'a key of a map twice',
      () =>
        rule(
          tcp.dport.vmap([
            [80, accept()],
            [80, drop()],
          ]),
        ),
      'one key is listed twice, with different things',
    ],
    [
      'two verdicts for whatever else comes',
      () =>
        rule(
          tcp.dport.vmap([
            ['*', accept()],
            ['*', drop()],
          ]),
        ),
      'one key is listed twice',
    ],
    [
      'intervals that overlap, one of them counted',
      () => val([{ elem: { val: { range: [1, 9] }, counter: null } }, { range: [5, 10] }]),
      'overlap',
    ],
    ['a lifetime', () => val([{ elem: { val: 80, timeout: 5 } }]), 'elements of a set without a name stay'],
    ['what is no member', () => val([{ elem: { val: 80, meter: 5 } }]), 'elem.meter: is no member of an element'],
    ['a comment that is too long', () => val([{ elem: { val: 80, comment: 'x'.repeat(129) } }]), 'elem.comment: is 129 bytes long'],
    [
      'what an element that a rule adds comes with',
      () => ({ set: { op: 'add', set: '@s', elem: { elem: { val: ip.saddr.expr, comment: 'x' } } } }),
      'elem.comment: is no member',
    ],
  ])('%s: refused', (_, make, message) => {
    expect(() => linearize('ip', [make()].flat() as Statement[])).toThrow(message);
  });

  test('what is listed twice as the same is there once', () => {
    const twice = rule(
      tcp.dport.vmap([
        [80, accept()],
        [80, accept()],
        ['*', drop()],
        ['*', drop()],
      ]),
    );
    expect(linearize('ip', twice).sets[0]!.elements).toHaveLength(2);
  });
});

test('a range that nft 1.1 has in one expression is the one that nft 1.0 has in two', () => {
  const [protocol, compared, load] = linearize('ip', rule(tcp.dport.in(range(80, 90)))).expressions;
  const one = expr('range', { sreg: 1, op: 'eq', fromData: bytes(0, 80), toData: bytes(0, 90) });
  expect(readStatements({ family: 'ip', expressions: [protocol!, compared!, load!, one] })).toEqual(rule(tcp.dport.in(range(80, 90))));
});

test('what the kernel adds of its own is not told', () => {
  const [limited] = linearize('ip', rule(limit(10, 'second'))).expressions;
  const expressions: Expression[] = [
    limited!,
    expr('log', { level: 4 }),
    expr('quota', { bytes: 2048, consumed: 0, flags: ['depleted'] }),
    expr('masq', { flags: [] }),
  ];
  expect(readStatements({ family: 'ip', expressions })).toEqual([
    limit(10, 'second'),
    { log: null },
    { quota: { val: 2, val_unit: 'kbytes' } },
    { masquerade: null },
  ]);
});

test('a rule that was listed with statements is made again from these', () => {
  const { rule: kernels, sets } = listed('ip', rule(tcp.dport.in(80, 443), accept()));
  const statements = readStatements(kernels, sets);
  const { requests } = change.rules.add({ ...kernels, statements });
  expect(requests.map(({ operation }) => operation.name)).toEqual(['NFT_MSG_NEWSET', 'NFT_MSG_NEWSETELEM', 'NFT_MSG_NEWRULE']);
  const { handle: _, ...unlisted } = kernels;
  expect(() => change.rules.add({ ...unlisted, statements } as never)).toThrow('expressions: give this or `statements`, not both');
});

/** Numbers that are the same every time: the sequence of Lehmer with the modulus 2^31 - 1. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 0x7fffffff;
    yield state;
  }
}

test('whatever the expressions, the statements make them again', () => {
  const random = numbers(20_240_911);
  const below = (limit: number): number => random.next().value % limit;
  let kept = 0;
  for (let round = 0; round < 150; round++) {
    const pick = (): { family: Family; expressions: Expression[]; sets: readonly FilledSet[] } => {
      const { family, rule: written } = ruleCases[below(ruleCases.length)]!;
      const { rule: kernels, sets } = listed(family, written);
      return { family, expressions: kernels.expressions, sets };
    };
    const { family, expressions: first, sets } = pick();
    // expressions of another rule among them, some left out, some twice, some in another place
    const mixed = [...first];
    const other = pick().expressions.filter(({ kind }) => kind !== 'lookup' && kind !== 'objref');
    for (let change = 0; change < 3; change++) {
      const at = below(mixed.length + 1);
      const how = below(4);
      if (how === 0) mixed.splice(at, 1);
      else if (how === 1) mixed.splice(at, 0, ...other);
      else if (how === 2 && mixed.length > 0) mixed.splice(at, 0, mixed[below(mixed.length)]!);
      else if (mixed.length > 0) mixed.push(...mixed.splice(below(mixed.length), 1));
    }
    const statements = readStatements({ family, expressions: mixed }, sets);
    if (statements.some((statement) => 'kernel' in statement)) kept++;
    const again = linearize(family, statements).expressions;
    const lines = (of: readonly Expression[]): string[] => explain(of).map((line) => line.replace(/__(set|map|objmap)(?:\d+|%d)/, '__$1'));
    expect({ round, lines: lines(again), constants: constants(again) }).toEqual({
      round,
      lines: lines(mixed),
      constants: constants(mixed),
    });
  }
  expect(kept).toBeGreaterThan(10);
  expect(kept).toBeLessThan(145);
});
