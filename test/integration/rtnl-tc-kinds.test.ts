/**
 * Kinds of qdiscs, classes, filters and actions, each way: what tc(8) makes is read by netloom, what netloom makes is shown by `tc -d -j` as what tc made is, and what
 * a list returns makes the same again. Few kernels have them all: those of scripts/kernels have.
 */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { openSync, type QdiscSpec, type TrafficClassSpec, type TrafficFilterSpec } from '../../src/rtnl/index.ts';
import { type Feature, firstUsers, needs } from '../support/kernel.ts';
import { deleteSpaces, newSpace } from '../support/network.ts';
import { type Json, sh } from '../support/oracle.ts';
import { actions, filters, qdiscs, type TcCase } from '../support/tc-kinds.ts';

// all of it is made once, and with few processes: under an emulated processor each takes a third of a second
const space = newSpace('h');
const where = { netns: space.name };
afterAll(deleteSpaces);

/** The lines of a script for a program that takes many. @returns what it writes; what it complains of as well */
const script = (program: string, lines: readonly string[]): string =>
  sh(`${program} -batch - 2>&1 <<'END' || true\n${lines.join('\n')}\nEND\n`, where);

/** What tc was refused, by the number of its command. */
function refusals(output: string): Map<number, string> {
  const found = new Map<number, string>();
  let said = '';
  for (const line of output.split('\n')) {
    const at = /^Command failed -:(\d+)/.exec(line);
    if (at === null) said += `${line} `;
    else {
      found.set(Number(at[1]) - 1, said.trim());
      said = '';
    }
  }
  return found;
}

/** Links that tc makes things on, and those at the other ends, for netloom: one for each qdisc, and one for all filters. */
const theirs = (i: number | 'f'): string => `a${i}`;
const ours = (i: number | 'f'): string => `b${i}`;
const firstPriority = 10;
const handle = '7:';
const classHandle = '7:1';

const ofActions = actions.map(
  ({ command, spec }): TcCase<object> => ({
    command: `protocol all matchall action ${command}`,
    spec: { kind: 'matchall', protocol: 'all', options: { actions: [spec] } },
  }),
);
const allFilters: readonly TcCase<object>[] = [...filters, ...ofActions];

const output = script('ip', [
  'link add v9 type veth peer name w9',
  ...[...qdiscs.keys(), 'f' as const].map((i) => `link add ${theirs(i)} numtxqueues 4 type veth peer name ${ours(i)} numtxqueues 4`),
]);
if (output !== '') throw new Error(output);

/** Commands of tc, and what each is for. */
const commands: [command: string, of: TcCase<unknown>][] = [
  ...qdiscs.map((of, i): [string, TcCase<unknown>] => [`qdisc add dev ${theirs(i)} root handle ${handle} ${of.command}`, of]),
  ...qdiscs.flatMap(({ spec, class: of }, i): [string, TcCase<unknown>][] =>
    of === undefined
      ? []
      : [
          [
            `class ${of.change === true ? 'change' : 'add'} dev ${theirs(i)} parent ${handle} classid ${classHandle} ${spec.kind} ${of.command}`,
            of,
          ],
        ],
  ),
  ...[theirs('f'), ours('f')].map((dev): [string, TcCase<unknown>] => [`qdisc add dev ${dev} clsact`, { command: 'clsact', spec: {} }]),
  ...allFilters.map((of, i): [string, TcCase<unknown>] => [
    `filter add dev ${theirs('f')} ingress prio ${firstPriority + i} ${of.command}`,
    of,
  ]),
];
const refused = new Map<TcCase<unknown>, string>();
for (const [at, why] of refusals(
  script(
    'tc -force',
    commands.map(([command]) => command),
  ),
))
  refused.set(commands[at]![1], why);

for (const { class: of, ...qdisc } of qdiscs) {
  const why = refused.get(qdiscs.find(({ command }) => command === qdisc.command)!);
  if (of !== undefined && why !== undefined) refused.set(of, why);
}

/** Whether the kernel knows a kind, by what it said to tc: nothing else that tc is refused is taken for that. */
const known = (of: TcCase<unknown>, what: string, ...others: Feature[]) =>
  needs(...others, ...(of.needs ?? []), {
    feature: `${what} ${(of.spec as { kind: string }).kind}`,
    missing: () => /qdisc kind is unknown|TC classifier not found|Failed to load TC action module/.test(refused.get(of) ?? ''),
  });

/** An object as tc shows it: JSON, or what was meant to be. */
interface Shown {
  readonly dev: string;
  readonly handle: string;
  readonly priority: number;
  readonly rest: Json;
}

/** The objects of what tc writes. Some kinds write text in the midst of JSON (hfsc, flow, simple, …): those stay text. */
function objects(written: string, begin: string): Shown[] {
  const parts = written
    .trim()
    .replace(/^\[/, '')
    .replace(/\]$/, '')
    .split(new RegExp(`,(?=\\{"${begin}":")`));
  return parts.filter((part) => part !== '').map(object);
}

function object(part: string): Shown {
  const said = (name: string): string => new RegExp(`"${name}":"?([\\w:]+)`).exec(part)?.[1] ?? '';
  const from = { dev: said('dev'), handle: said('handle'), priority: Number(said('pref')) };
  try {
    const { dev: _, pref: __, ...rest } = JSON.parse(part) as Json;
    return { ...from, rest: withoutNumbers(rest) };
  } catch {
    return { ...from, rest: part.replace(/"dev":"\w+",|"pref":\d+,|"?index"?:? ?\d+/g, '') };
  }
}

/** What tc shows, and netloom lists, of one end. */
function looked(end: typeof theirs): { shown: Json[]; classes: string[]; filters: Map<number, Json[]>; listed: ReturnType<typeof list> } {
  const filters = new Map<number, Json[]>();
  for (const { priority, rest } of objects(script('tc -d -j', [`filter show dev ${end('f')} ingress`]), 'protocol'))
    filters.set(priority, [...(filters.get(priority) ?? []), rest]);
  const shown: Json[] = [];
  for (const { dev, handle: its, rest } of objects(script('tc -d -j', ['qdisc show']), 'kind'))
    if (its === handle) shown[[...qdiscs.keys()].findIndex((i) => end(i) === dev)] = rest;
  // not as JSON, before iproute2 6.13
  const withClasses = [...qdiscs.keys()].filter((i) => qdiscs[i]!.class !== undefined && !refused.has(qdiscs[i]!.class));
  const ofClasses = script(
    'tc -d',
    withClasses.map((i) => `class show dev ${end(i)}`),
  ).split(/^(?=class )/m);
  const classes: string[] = [];
  for (const text of ofClasses.filter((one) => one.includes(` ${classHandle} `))) classes[withClasses.shift()!] = text;
  return { shown, classes, filters, listed: list(end) };
}

/** Actions have numbers, which go up. */
function withoutNumbers(value: Json): Json {
  return JSON.parse(JSON.stringify(value), (key, member) => (key === 'index' ? undefined : member));
}

function list(end: typeof theirs): { qdiscs: Json[]; classes: Json[]; filters: Map<number, Json[]> } {
  const rt = openSync(where);
  try {
    const found = rt.qdiscs.list().filter((qdisc) => qdisc.handle === handle);
    const filters = new Map<number, Json[]>();
    for (const filter of rt.trafficFilters.list({ dev: end('f'), parent: 'ingress' }))
      filters.set(filter.priority, [...(filters.get(filter.priority) ?? []), filter]);
    return {
      qdiscs: [...qdiscs.keys()].map((i) => found.find(({ dev }) => dev === end(i))),
      classes: [...qdiscs.keys()].map((i) =>
        qdiscs[i]!.class === undefined ? undefined : rt.trafficClasses.list({ dev: end(i) }).find((one) => one.handle === classHandle),
      ),
      filters,
    };
  } finally {
    rt.close();
  }
}

/** Makes everything at netloom's end. @returns why something was refused */
function make(
  qdiscOf: (i: number) => object | undefined,
  classOf: (i: number) => object | undefined,
  filtersOf: (i: number) => readonly object[],
): Map<TcCase<unknown>, unknown> {
  const rt = openSync(where);
  const failures = new Map<TcCase<unknown>, unknown>();
  const attempt = (of: TcCase<unknown>, run: () => void): void => {
    try {
      if (!refused.has(of)) run();
    } catch (error) {
      failures.set(of, error);
    }
  };
  try {
    for (const [i, of] of qdiscs.entries()) {
      attempt(of, () => rt.qdiscs.create({ ...qdiscOf(i), dev: ours(i) } as QdiscSpec));
      const { class: its } = of;
      if (its !== undefined)
        attempt(its, () =>
          rt.trafficClasses[its.change === true ? 'update' : 'create']({ ...classOf(i), dev: ours(i) } as TrafficClassSpec),
        );
    }
    for (const [i, of] of allFilters.entries())
      attempt(of, () => {
        for (const filter of filtersOf(i)) rt.trafficFilters.create({ ...filter, dev: ours('f') } as TrafficFilterSpec);
      });
    return failures;
  } finally {
    rt.close();
  }
}

const made = looked(theirs);
const failed = make(
  (i) => ({ handle, ...qdiscs[i]!.spec }),
  (i) => ({ parent: handle, handle: classHandle, ...qdiscs[i]!.class!.spec }),
  (i) => [{ parent: 'ingress', priority: firstPriority + i, ...allFilters[i]!.spec }],
);
const same = looked(ours);

const left = refusals(
  script('tc -force', [
    ...[...qdiscs.keys()].flatMap((i) => (same.listed.qdiscs[i] === undefined ? [] : [`qdisc del dev ${ours(i)} root`])),
    `filter del dev ${ours('f')} ingress`,
  ]),
);
const failedAgain = make(
  (i) => made.listed.qdiscs[i],
  (i) => made.listed.classes[i],
  (i) => made.listed.filters.get(firstPriority + i) ?? [],
);
const again = looked(ours);

/** What is only told, and the link that is another's. */
const told = ['dev', 'devIndex', 'stats', 'xstats', 'age', 'lastUsed', 'firstUsed', 'expires'];
const plain = (listed: Json): Json =>
  JSON.parse(
    JSON.stringify(listed ?? null, (key, value) =>
      told.includes(key) || chosen.includes(key) ? undefined : typeof value === 'bigint' ? `${value}n` : value,
    ),
  );
/** What the kernel chooses where it is not said. */
const chosen = ['index', 'seed'];
const unchosen = (shown: Json): Json =>
  JSON.parse(JSON.stringify(shown ?? null, (key, value) => (chosen.includes(key) ? undefined : value)));

/** As `toEqual`, which takes long to find that all is well. */
function equal(value: unknown, wanted: unknown, what: string): void {
  if (!isDeepStrictEqual(value, wanted)) expect(value, what).toEqual(wanted);
}

function prove(
  what: string,
  of: TcCase<{ options?: unknown }>,
  shown: (at: typeof made) => Json,
  listed: (at: typeof made) => Json,
  options: (listed: Json) => Json,
): void {
  known(of, what).test(of.command, () => {
    equal(refused.get(of), undefined, 'refused to tc');
    if (shown(made) === undefined) expect.fail('tc made nothing');
    expect(options(listed(made)), 'made by tc, read').toMatchObject(of.reads ?? of.spec.options ?? {});
    if (failed.has(of)) throw failed.get(of);
    equal(unchosen(shown(same)), unchosen(shown(made)), 'made by netloom');
    equal(plain(listed(same)), plain(listed(made)), 'made by netloom, read');
    if (failedAgain.has(of)) throw failedAgain.get(of);
    equal(shown(again), shown(made), 'made of what was read');
  });
}

describe('qdiscs', () => {
  for (const [i, of] of qdiscs.entries())
    prove(
      'qdisc',
      of as TcCase<{ options?: unknown }>,
      ({ shown }) => shown[i],
      ({ listed }) => listed.qdiscs[i],
      ({ options }) => options ?? {},
    );
});

describe('classes', () => {
  for (const [i, { class: of }] of qdiscs.entries())
    if (of !== undefined)
      prove(
        'class',
        of as TcCase<{ options?: unknown }>,
        ({ classes }) => classes[i],
        ({ listed }) => listed.classes[i],
        ({ options }) => options ?? {},
      );
});

describe('filters', () => {
  for (const [i, of] of filters.entries())
    prove(
      'filter',
      of as TcCase<{ options?: unknown }>,
      ({ filters: shown }) => shown.get(firstPriority + i),
      ({ listed }) => listed.filters.get(firstPriority + i),
      (listed) => listed.at(-1).options,
    );
});

describe('actions', () => {
  for (const [at, of] of actions.entries()) {
    const i = filters.length + at;
    if (refused.has(allFilters[i]!)) refused.set(of, refused.get(allFilters[i]!)!);
    for (const failures of [failed, failedAgain]) if (failures.has(allFilters[i]!)) failures.set(of, failures.get(allFilters[i]!));
    prove(
      'action',
      of as TcCase<{ options?: unknown }>,
      ({ filters: shown }) => shown.get(firstPriority + i),
      ({ listed }) => listed.filters.get(firstPriority + i),
      (listed) => listed.at(-1).options.actions[0].options,
    );
  }
});

describe('actions by themselves', () => {
  const kinds = new Map(actions.map((of) => [of.spec.kind, of]));
  for (const [kind, of] of kinds)
    known(of, 'action', firstUsers).test(`of the kind ${kind} are shared by a filter`, () => {
      using rt = openSync(where);
      const { index } = rt.trafficActions.create({ ...of.spec, index: 70 });
      if (index !== 70) expect.fail(`it has the number ${index}`);
      const at = { dev: ours('f'), parent: 'egress', kind: 'u32', priority: 1 + [...kinds.keys()].indexOf(kind) } as const;
      rt.trafficFilters.create({ ...at, options: { selector: { matches: [{ value: 0, mask: 0 }] }, actions: [{ kind, bind: 70 }] } });
      const [filter] = rt.trafficFilters
        .list({ dev: at.dev, parent: 'egress' })
        .filter(({ priority }) => priority === at.priority) as Json[];
      const { index: number, bindings, options } = filter.options.actions[0];
      equal([number, bindings], [70, 1], 'the action of the filter');
      expect(options).toMatchObject(of.reads ?? (of.spec.options as object));
    });
});

test('what netloom made is deleted by tc', () => {
  expect([...left.values()]).toEqual([]);
});

describe('counters', () => {
  const counters = ['bytes', 'packets', 'drops', 'overlimits', 'requeues', 'backlog'] as const;

  test('are what tc shows: of a qdisc, of a class, and of the action of a filter', () => {
    const dev = { netns: space.name };
    sh(
      [
        'for f in /proc/sys/net/ipv6/conf/v9 /proc/sys/net/ipv6/conf/w9; do echo 1 > $f/disable_ipv6; done',
        'ip address add 10.7.0.1/24 dev v9; ip link set v9 up; ip link set w9 up',
        'ip neighbor add 10.7.0.2 lladdr 02:00:00:00:00:02 dev v9',
        `tc qdisc add dev v9 root handle ${handle} htb default 1; tc class add dev v9 parent ${handle} classid ${classHandle} htb rate 8gbit`,
        `tc filter add dev v9 parent ${handle} protocol ip u32 match u32 0 0 action mirred egress mirror dev ${theirs(0)}`,
        "bash -c 'for i in 1 2 3; do echo hello > /dev/udp/10.7.0.2/9; done'",
      ].join('\n'),
      dev,
    );
    const [[qdisc], [, , filter]] = script('tc -s -j', ['qdisc show dev v9 root', `filter show dev v9 parent ${handle}`])
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json[]) as [Json[], Json[]];
    const ofClass = /Sent (\d+) bytes (\d+) pkt \(dropped (\d+), overlimits (\d+) requeues (\d+)\)/.exec(
      sh('tc -s class show dev v9', dev),
    )!;
    const rt = openSync(dev);
    const told = (stats: Json): number[] => counters.map((name) => stats[name]);
    expect(qdisc.packets).toBe(3);
    expect(told(rt.qdiscs.get({ dev: 'v9' }).stats)).toEqual(told(qdisc));
    expect(told(rt.trafficClasses.get({ dev: 'v9', handle: classHandle }).stats).slice(0, 5)).toEqual(ofClass.slice(1).map(Number));
    const [action] = (rt.trafficFilters.list({ dev: 'v9', parent: handle })[0] as Json).options.actions;
    expect(told(action.stats)).toEqual(told(filter.options.actions[0].stats));
    expect(action.stats.packets).toBe(3);
    rt.close();
  });

  /** As the leaves of a class that is as good as shut each: what waits in them, and what they dropped, stays as it is. */
  const leaves: readonly [command: string, counted: (own: Json) => object][] = [
    ['red limit 3000 min 500 max 1000 avpkt 100 burst 10 bandwidth 10mbit', snake],
    ['choke limit 20 min 5 max 15 burst 12 bandwidth 10mbit', snake],
    ['sfb rehash 600000 db 60000 limit 30 max 5 target 3 increment 0.1 decrement 0.01', ({ maxprob: _, avgprob: __, ...rest }) => rest],
    ['codel limit 10', ({ dropping: _, ceMark: __, ...rest }) => snake(rest)],
    [
      'fq_codel limit 10 flows 64 drop_batch 1',
      ({ memoryUsage: memory_used, ceMark: _, dropOvermemory: __, ...rest }) => ({ ...snake(rest), memory_used }),
    ],
    [
      'fq limit 20 flow_limit 7',
      (own) => ({
        flows: own.flows,
        inactive: own.inactiveFlows,
        gc: own.gcFlows,
        flows_plimit: own.flowsPlimit,
        throttled: own.throttled,
      }),
    ],
    ['pie limit 10', (own) => ({ pkts_in: own.packetsIn, overlimit: own.overlimit, maxq: own.maxq, ecn_mark: own.ecnMark })],
    [
      'fq_pie limit 10',
      ({ packetsIn: pkts_in, memoryUsage: memory_used, dropped: _, ...rest }) => ({ ...snake(rest), pkts_in, memory_used }),
    ],
    [
      'hhf limit 10',
      (own) => ({ drop_overlimit: own.dropOverlimit, hh_overlimit: own.hhOverlimit, tot_hh: own.hhTotCount, cur_hh: own.hhCurCount }),
    ],
    [
      'cake bandwidth 1gbit memlimit 100k diffserv4 overhead 10',
      ({ tins, ...own }) => ({
        ...{ memory_used: own.memoryUsed, memory_limit: own.memoryLimit, capacity_estimate: own.capacityEstimate },
        ...{ min_network_size: own.minNetlen, max_network_size: own.maxNetlen, avg_hdr_offset: own.avgNetoff },
        ...{ min_adj_size: own.minAdjlen, max_adj_size: own.maxAdjlen },
        tins: tins.map((tin: Json) => ({
          ...{ threshold_rate: tin.thresholdRate, sent_bytes: tin.sentBytes, backlog_bytes: tin.backlogBytes, target_us: tin.target },
          ...{ interval_us: tin.interval, peak_delay_us: tin.peakDelay, avg_delay_us: tin.avgDelay, base_delay_us: tin.baseDelay },
          ...{
            sent_packets: tin.sentPackets,
            drops: tin.droppedPackets,
            ecn_mark: tin.ecnMarkedPackets,
            ack_drops: tin.acksDroppedPackets,
          },
          ...snake({ wayIndirectHits: tin.wayIndirectHits, wayMisses: tin.wayMisses, wayCollisions: tin.wayCollisions }),
          ...snake({ sparseFlows: tin.sparseFlows, bulkFlows: tin.bulkFlows, unresponsiveFlows: tin.unresponsiveFlows }),
          ...{ max_pkt_len: tin.maxSkblen, flow_quantum: tin.flowQuantum },
        })),
      }),
    ],
  ];
  const packets = 40;
  const made = script('ip', ['link add v8 type veth peer name w8']);
  if (made !== '') throw new Error(made);
  const setUp = [
    'qdisc add dev v8 root handle 1: htb',
    ...leaves.flatMap(([command], i) => [
      `class add dev v8 parent 1: classid 1:1${i} htb rate 8bit burst 1k`,
      `filter add dev v8 parent 1: protocol ip prio 1 u32 match ip dst 10.6.0.${i + 2} classid 1:1${i}`,
      `qdisc add dev v8 parent 1:1${i} handle 1${i}: ${command}`,
    ]),
  ];
  const without = refusals(script('tc -force', setUp));
  sh(
    [
      'for f in /proc/sys/net/ipv6/conf/v8 /proc/sys/net/ipv6/conf/w8; do echo 1 > $f/disable_ipv6; done',
      'ip address add 10.6.0.1/24 dev v8; ip link set v8 up; ip link set w8 up',
      `ip -batch - <<'END'\n${leaves.map((_, i) => `neighbor add 10.6.0.${i + 2} lladdr 02:00:00:00:00:02 dev v8`).join('\n')}\nEND`,
      `bash -c 'for to in ${leaves.map((_, i) => i + 2).join(' ')}; do exec 3> /dev/udp/10.6.0.$to/9; for i in $(seq ${packets}); do echo 0123456789012345678901234567890123456789012345678901234567890123456789 >&3; done; done'`,
    ].join('\n'),
    where,
  );
  const [shownLeaves] = script('tc -s -j', ['qdisc show dev v8'])
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json[]);
  const readLeaves = ((): Json[] => {
    using rt = openSync(where);
    return rt.qdiscs.list({ dev: 'v8' });
  })();
  for (const [i, [command, counted]] of leaves.entries()) {
    const why = without.get(3 * i + 3);
    const kind = command.split(' ')[0]!;
    needs({ feature: `qdisc ${kind}`, missing: () => /qdisc kind is unknown/.test(why ?? '') }).test(`of ${kind} are what tc shows`, () => {
      expect(why).toBeUndefined();
      const shown = shownLeaves!.find(({ handle: its }) => its === `1${i}:`);
      const read = readLeaves.find(({ handle: its }) => its === `1${i}:`);
      expect(shown).toMatchObject(counted(read.xstats));
      // what came is what left, what waits and what was dropped: it was in the queue, and something of it was counted
      expect(read.stats.packets + read.stats.queueLength + read.stats.drops).toBeGreaterThanOrEqual(packets);
    });
  }

  test('of classes of htb are what tc shows', () => {
    const text = sh('tc -s class show dev v8 classid 1:10', where);
    const [, ...numbers] = /lended: (\d+) borrowed: (\d+) giants: (\d+)\s+tokens: (-?\d+) ctokens: (-?\d+)/.exec(text)!;
    using rt = openSync(where);
    const { xstats } = rt.trafficClasses.get({ dev: 'v8', handle: '1:10' }) as Json;
    expect([xstats.lends, xstats.borrows, xstats.giants, xstats.tokens, xstats.ctokens]).toEqual(numbers.map(Number));
    expect(xstats.lends).toBeGreaterThan(0);
  });
});

/** By the names of tc(8). */
function snake(own: Json): object {
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}
