/** How builders undo what they did before something failed, and what they make of odd answers: programs driven by hand, without a kernel. */
import { describe, expect, test } from 'vitest';
import { removeBandwidthLimit } from '../../src/builders/bandwidth.ts';
import { createBridge } from '../../src/builders/bridge.ts';
import { findPeer } from '../../src/builders/peer.ts';
import { createVethPair } from '../../src/builders/veth-pair.ts';
import { InputError, NetlinkError, OutcomeUnknownError, TimeoutError } from '../../src/netlink/errors.ts';
import { heeded } from '../../src/netlink/host.ts';
import type { Request } from '../../src/netlink/operation.ts';
import { type Program, readSysctl, type Step } from '../../src/netlink/program.ts';
import { timeoutOf } from '../../src/netlink/request-socket.ts';
import { linkPrograms as links } from '../../src/rtnl/index.ts';
import { settled, undoing } from '../../src/rtnl/undo.ts';

const step = (name: string): Step => ({ op: 'sysctl', name });
function* steps(...names: string[]): Program<string> {
  let last = '';
  for (const name of names) last = yield* readSysctl(name);
  return last;
}

/** Runs a program with an answer for each of its steps; an Error is thrown into it. @returns the steps it took and how it ended */
function drive<T>(program: Program<T>, answers: unknown[]): { taken: Step[]; value?: T; error?: unknown } {
  const taken: Step[] = [];
  try {
    let next = program.next();
    while (!next.done) {
      taken.push(next.value);
      const answer = answers[taken.length - 1];
      next = answer instanceof Error ? program.throw(answer) : program.next(answer);
    }
    return { taken, value: next.value };
  } catch (error) {
    return { taken, error };
  }
}

const refused = (errno: number) => new NetlinkError({ syscall: 'RTM_DELLINK', subject: 'link "a"', errno });

describe('undoing', () => {
  test('undoes nothing when all went well', () => {
    expect(
      drive(
        undoing(steps('a', 'b'), () => steps('undo')),
        ['1', '2'],
      ),
    ).toEqual({ taken: [step('a'), step('b')], value: '2' });
  });

  test('undoes what was done, and throws what went wrong', () => {
    const wrong = new Error('wrong');
    expect(
      drive(
        undoing(steps('a', 'b', 'c'), () => steps('undo')),
        ['1', wrong],
      ),
    ).toEqual({ taken: [step('a'), step('b'), step('undo')], error: wrong });
  });

  test.each([
    ['ENODEV', 19],
    ['ENOENT', 2],
  ])('does not mind that it is gone already: %s', (_code, errno) => {
    const wrong = new Error('wrong');
    expect(
      drive(
        undoing(steps('a'), () => steps('undo')),
        [wrong, refused(errno)],
      ).error,
    ).toBe(wrong);
  });

  test('hides neither error when it cannot undo', () => {
    const [wrong, stuck] = [new Error('wrong'), refused(16)];
    const { error } = drive(
      undoing(steps('a'), () => steps('undo')),
      [wrong, stuck],
    );
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ errors: [wrong, stuck], cause: wrong });
    expect((error as Error).message).toBe(`wrong; and what was done before could not be undone: ${stuck.message}`);
  });
});

describe('settled', () => {
  const request = { op: 'request', request: {} } as Step;
  function* program(): Program<string> {
    yield request;
    yield { ...request, patience: 'always' } as Step;
    yield { op: 'requests', requests: [] } as Step;
    try {
      yield step('a');
    } catch (error) {
      return (error as Error).message;
    }
    return 'done';
  }

  test('waits for the outcome of what does not say how long it waits', () => {
    const { taken, value } = drive(settled(program()), []);
    expect(taken.map((each) => (each as { patience?: string }).patience)).toEqual(['outcome', 'always', 'outcome', undefined]);
    expect(value).toBe('done');
  });

  test('lets a program handle its errors', () => {
    expect(drive(settled(program()), [1, 2, 3, new Error('caught')]).value).toBe('caught');
  });
});

test('settled: once something was changed, a program comes to its end', () => {
  const asking = (expects: string, patience?: string) =>
    ({ op: 'request', request: { expects }, ...(patience === undefined ? {} : { patience }) }) as unknown as Step;
  function* program(): Program<void> {
    for (const expects of ['reply', 'ack', 'reply', 'ack']) yield asking(expects);
  }
  expect(drive(settled(program()), [1, 2, 3, 4]).taken).toEqual([
    asking('reply', 'outcome'),
    asking('ack', 'outcome'),
    asking('reply', 'always'),
    asking('ack', 'always'),
  ]);
});

test.each([
  ['not answered in time', new TimeoutError('a', 1), 'always'],
  ['answered, and the answer lost', new OutcomeUnknownError('a'), 'always'],
  ['refused', refused(17), 'outcome'],
])('settled: what was %s', (_what, error, patience) => {
  const asking = { op: 'request', request: { expects: 'ack' } } as unknown as Step;
  function* program(): Program<void> {
    try {
      yield asking;
    } catch {
      yield asking;
    }
  }
  expect(drive(settled(program()), [error, 1]).taken).toEqual([
    { ...asking, patience: 'outcome' },
    { ...asking, patience },
  ]);
});

test('what undoes is not cut short by the little time of its call', () => {
  expect([timeoutOf(5, 'always'), timeoutOf(60_000, 'always'), timeoutOf(undefined, 'always')]).toEqual([30_000, 60_000, 30_000]);
  expect([timeoutOf(5, 'outcome'), timeoutOf(5, undefined), timeoutOf(undefined, undefined)]).toEqual([5, 5, 30_000]);
  const signal = AbortSignal.abort();
  expect([heeded({ timeout: 5, signal }, 'always'), heeded({ timeout: 5, signal }, 'outcome'), heeded({}, 'always')]).toEqual([
    { timeout: 30_000 },
    { timeout: 5, signal },
    {},
  ]);
});

test.each(['section', 'sysctl', 'dump'])('settled: once something was changed, a step of the sort %s is taken in any case', (op) => {
  const plain = { op, name: 'net.x', request: {} } as unknown as Step;
  const changing = { op: 'transaction', patience: 'outcome', requests: [{ expects: 'ack' }] } as unknown as Step;
  function* program(): Program<void> {
    for (const step of [plain, changing, plain, changing]) yield step;
  }
  expect(drive(settled(program()), [1, 2, 3, 4]).taken).toEqual([
    plain,
    changing,
    { ...plain, patience: 'always' },
    { ...changing, patience: 'always' },
  ]);
});

describe('a link that takes two messages', () => {
  const aborted = new Error('changed my mind');
  const made = { index: 7, name: 'a', link: 8, flags: 0, type: 1 };
  /** The steps as message, what is awaited, and how long. */
  const shape = (taken: Step[]): unknown[] =>
    taken.map((each) => {
      const { op, patience, request, requests } = each as { op: string; patience?: string; request?: Request; requests?: Request[] };
      return [op, (requests ?? [request!]).map(({ operation }) => operation.name).join('+'), patience];
    });

  test.each<[string, Parameters<typeof links.create>[0], unknown[], object]>([
    ['alias', { kind: 'bridge', name: 'a', alias: 'x' }, [[], aborted], { name: 'a' }],
    ['altNames', { kind: 'bridge', index: 7, altNames: ['x'] }, [[], aborted], { index: 7 }],
    ['the alias of its peer', { kind: 'veth', name: 'a', peer: { alias: 'x' } }, [[], made, aborted], { name: 'a' }],
    ['alias, without a name', { kind: 'ifb', alias: 'x' }, [[made], aborted], { index: 7 }],
    ['alias, and is not read', { kind: 'ifb', name: 'a', alias: 'x' }, [[], [{ ok: true }], aborted], { name: 'a' }],
  ])('is deleted when the call is given up before the second: %s', (_what, spec, answers, value) => {
    const { taken, error } = drive(links.create(spec), answers);
    expect(error).toBe(aborted);
    const steps = shape(taken) as string[][];
    expect(steps[0]).toEqual(['request', 'RTM_NEWLINK', 'outcome']);
    expect(steps.at(-1)).toEqual(['request', 'RTM_DELLINK', 'always']);
    expect((taken.at(-1) as { request: Request }).request.value).toEqual(value);
  });

  test('one that takes a single message learns what became of it', () => {
    const alone = { index: 7, name: 'a', flags: 0, type: 1 };
    expect(shape(drive(links.create({ kind: 'bridge', name: 'a' }), [[{ ok: true }, { ok: true, value: alone }]]).taken)).toEqual([
      ['requests', 'RTM_NEWLINK+RTM_GETLINK', 'outcome'],
    ]);
  });
});

describe('taking limits of bandwidth away', () => {
  const handle = { link: 'a', index: 7, ifb: 'nb0' };

  test('refuses options that it does not know', () => {
    const { taken, error } = drive(removeBandwidthLimit(handle, { netn: 'red' } as never), []);
    expect(taken).toEqual([]);
    expect(error).toMatchObject({ name: 'InputError', argument: 'netn' });
  });

  test('does not take the link for gone when it cannot be read', () => {
    const busy = refused(105);
    const { taken, error } = drive(removeBandwidthLimit(handle, {}), [[{ ok: false, error: busy }]]);
    expect(taken).toHaveLength(1);
    expect(error).toBe(busy);
  });
});

test('findPeer: a namespace without an id is not that of a peer whose namespace is going', () => {
  const link = { index: 7, name: 'a', flags: 0, type: 1, link: 3, linkNetnsid: -1, info: { kind: 'veth' } };
  const { taken, value } = drive(findPeer('a', { candidates: ['red'] }), [link, { fd: 9, describe: 'red' }, { nsid: -1 }, link]);
  expect(value).toBeUndefined();
  expect(taken.map(({ op }) => op)).toEqual(['request']);
});

describe('bad input takes no step', () => {
  const end = { name: 'a', peer: { name: 'b' } };
  test.each([
    ['name', { ...end, name: '' }],
    ['peer', { name: 'a' }],
    ['peer.name', { name: 'a', peer: { name: 'x'.repeat(16) } }],
    ['peer.mtu', { name: 'a', peer: { name: 'b', mtu: '1' } }],
    ['mtuu', { ...end, mtuu: 1 }],
    ['address', { ...end, address: '02:00' }],
    ['peer.index', { name: 'a', peer: { name: 'b', index: 5 } }],
    ['peer.master', { name: 'a', peer: { name: 'b', master: '' } }],
  ])('createVethPair: %s', (argument, options) => {
    const { taken, error } = drive(createVethPair(options as never), []);
    expect(taken).toEqual([]);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ argument });
  });

  test.each([
    ['name', {}],
    ['addresses', { name: 'a', addresses: '10.0.0.1/24' }],
    ['addresses[1]', { name: 'a', addresses: ['10.0.0.1/24', '10.0.0'] }],
    ['kind', { name: 'a', kind: 'veth' }],
    ['address', { name: 'a', address: '02:00' }],
  ])('createBridge: %s', (argument, options) => {
    const { taken, error } = drive(createBridge(options as never), []);
    expect(taken).toEqual([]);
    expect(error).toMatchObject({ name: 'InputError', argument });
  });
});
