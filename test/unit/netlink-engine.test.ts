/** Both drivers over a kernel made of a callback: who gets which answer, whatever order and shape it comes in. */
import { describe, expect, test } from 'vitest';
import { attr, attributes } from '../../src/netlink/attributes.ts';
import {
  ClosedError,
  DumpInterruptedError,
  MalformedMessageError,
  NetlinkError,
  OutcomeUnknownError,
  PermissionError,
  TimeoutError,
  UnsupportedError,
} from '../../src/netlink/errors.ts';
import { asyncMethods, Host } from '../../src/netlink/host.ts';
import { SyncHost } from '../../src/netlink/host-sync.ts';
import { message, NLM_F_ACK, NLM_F_DUMP_INTR, NLM_F_MULTI } from '../../src/netlink/message.ts';
import type { Expectation, Operation, Request } from '../../src/netlink/operation.ts';
import { ask, askAll, askEach, type Outcome, once, type Program, type TransactionStep } from '../../src/netlink/program.ts';
import { u32 } from '../../src/netlink/scalar.ts';
import { fields, struct } from '../../src/netlink/struct.ts';
import { string } from '../../src/netlink/text.ts';
import { type FakeKernel, type FakeRequest, FakeTransport, fakeAck, fakeDone, fakeMessage } from '../../src/netlink/transport/fake.ts';

/** Its JavaScript engine keeps no frames of the functions that await. */
const onBun = process.versions['bun'] !== undefined;
const lacksAsyncStacks = onBun ? ' [lacking: stacks through await]' : '';

const header = struct('thing_header', () => ({ index: fields.u32 }));
const thing = message(
  'THING',
  header,
  attributes('THING', () => ({ name: attr('THING_NAME', 1, string(15)), size: attr('THING_SIZE', 2, u32) })),
);
type Thing = ReturnType<typeof thing.parse>;
const operation: Operation<Partial<Thing>, Thing> = {
  name: 'THING_DO',
  protocol: 0,
  type: 100,
  body: thing,
  reply: thing,
  needs: () => 'CONFIG_THING',
};

function request<E extends Expectation>(expects: E, value: Partial<Thing> = {}, flags = 0): Request<Thing, E> {
  return { operation, flags, value, expects, subject: `thing ${value.index ?? ''}` };
}

const body = (value: Partial<Thing>): Buffer => thing.bytes(value);
/** Answers as rtnetlink does: in order, errors always, acks where asked. */
const obedient: FakeKernel = (requests) => requests.filter((r) => (r.flags & NLM_F_ACK) !== 0).map((r) => fakeAck(r));

function hosts(kernel: FakeKernel): { host: Host; sync: SyncHost; transports: FakeTransport[] } {
  const transports: FakeTransport[] = [];
  const openTransport = (): FakeTransport => {
    const transport = new FakeTransport(kernel);
    transports.push(transport);
    return transport;
  };
  return { host: new Host({ openTransport, keepOpen: true }), sync: new SyncHost({ openTransport, keepOpen: true }), transports };
}

/** Runs a program with both drivers and makes sure that they agree. */
async function both<T>(kernel: FakeKernel, program: () => Program<T>): Promise<T> {
  const { host, sync } = hosts(kernel);
  const settle = async (run: () => T | Promise<T>): Promise<{ value: T } | { error: Error }> => {
    try {
      return { value: await run() };
    } catch (error) {
      return { error: error as Error };
    }
  };
  const a = await settle(() => host.run(program(), {}));
  const b = await settle(() => sync.run(program(), {}));
  if ('error' in a) {
    expect('error' in b && b.error.message).toBe(a.error.message);
    throw a.error;
  }
  expect(b).toEqual(a);
  return a.value;
}

describe('answers', () => {
  test('a reply is decoded', async () => {
    const value = await both(
      (requests) => requests.map((r) => fakeMessage(r.sequence, 101, body({ index: 7, name: 'x' }))),
      () => ask(request('reply')),
    );
    expect(value).toEqual({ index: 7, name: 'x' });
  });

  test('an ack is undefined', async () => {
    expect(await both(obedient, () => ask(request('ack')))).toBeUndefined();
  });

  test('a dump is gathered over datagrams until NLMSG_DONE', async () => {
    const kernel: FakeKernel = ([r]) => [
      Buffer.concat([
        fakeMessage(r!.sequence, 101, body({ index: 1 }), NLM_F_MULTI),
        fakeMessage(r!.sequence, 101, body({ index: 2 }), NLM_F_MULTI),
      ]),
      Buffer.concat([fakeMessage(r!.sequence, 101, body({ index: 3 }), NLM_F_MULTI), fakeDone(r!)]),
    ];
    expect(await both(kernel, () => ask(request('dump')))).toEqual([{ index: 1 }, { index: 2 }, { index: 3 }]);
  });

  test('the errno in NLMSG_DONE fails the dump', async () => {
    await expect(
      both(
        ([r]) => [fakeDone(r!, 22)],
        () => ask(request('dump')),
      ),
    ).rejects.toMatchObject({ code: 'EINVAL', errno: 22, syscall: 'THING_DO' });
  });

  test('only the last of many asks for an ack, and those before it that were not refused have succeeded', async () => {
    const { host, transports } = hosts((requests) => [fakeAck(requests[1]!, 17), fakeAck(requests[3]!)]);
    const outcomes = await host.run(
      askEach([request('ack', { index: 1 }), request('ack', { index: 2 }), request('ack', { index: 3 }), request('ack', { index: 4 })]),
      {},
    );
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true, true]);
    expect(transports[0]!.sent[0]!.map((r) => (r.flags & NLM_F_ACK) !== 0)).toEqual([false, false, false, true]);
  });

  test('answers to nobody and messages of other kinds are dropped', async () => {
    const kernel: FakeKernel = ([r]) => [
      fakeMessage(r!.sequence + 999, 101, body({ index: 9 })),
      fakeMessage(0, 101, body({ index: 8 })),
      fakeMessage(r!.sequence, 101, body({ index: 7 })),
    ];
    expect(await both(kernel, () => ask(request('reply')))).toEqual({ index: 7 });
  });

  test('an answer that cannot be read fails its own request only', async () => {
    const kernel: FakeKernel = (requests) => [
      fakeMessage(requests[0]!.sequence, 101, Buffer.alloc(2)),
      fakeMessage(requests[1]!.sequence, 101, body({ index: 5 })),
    ];
    const outcomes = await both(kernel, () => askEach([request('reply'), request('reply')] as const));
    expect(outcomes[0]).toMatchObject({ ok: false, error: expect.any(MalformedMessageError) as Error });
    expect(outcomes[1]).toEqual({ ok: true, value: { index: 5 } });
  });
});

describe('refusals', () => {
  const refuse =
    (errno: number, extack?: { message?: string; offset?: number }): FakeKernel =>
    (requests) =>
      requests.map((r) => fakeAck(r, errno, extack));

  test("carry code, the kernel's words and the path of the attribute", async () => {
    // header 16, struct 4, name attribute of 8 bytes: the size attribute starts at 28
    const error: NetlinkError = await both(refuse(22, { message: 'Too big a thing', offset: 28 }), () =>
      ask(request('ack', { index: 3, name: 'abc', size: 9 })),
    ).catch((e) => e);
    expect(error).toBeInstanceOf(NetlinkError);
    expect(error.message).toBe('THING_DO thing 3: EINVAL: Too big a thing  (at size)');
    expect(error).toMatchObject({ code: 'EINVAL', errno: 22, syscall: 'THING_DO', attribute: 'size' });
  });

  test('EPERM says which capability is missing', async () => {
    await expect(both(refuse(1), () => ask(request('ack')))).rejects.toThrow(/needs CAP_NET_ADMIN/);
    await expect(both(refuse(1), () => ask(request('ack')))).rejects.toBeInstanceOf(PermissionError);
  });

  test('EPERM of which the kernel says more, and EACCES, are not for want of a capability', async () => {
    for (const [errno, extack] of [
      [1, { message: 'Device can not be enslaved while up' }],
      [1, { offset: 28 }],
      [13, {}],
    ] as const) {
      const error: NetlinkError = await both(refuse(errno, extack), () => ask(request('ack', { index: 3, name: 'abc', size: 9 }))).catch(
        (e) => e,
      );
      expect(error).toBeInstanceOf(NetlinkError);
      expect(error).not.toBeInstanceOf(PermissionError);
      expect(error.message).not.toContain('CAP_');
    }
  });

  test('EOPNOTSUPP says what the kernel lacks', async () => {
    const error: Error = await both(refuse(95), () => ask(request('ack'))).catch((e) => e);
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.message).toMatch(/CONFIG_THING/);
  });

  test.skipIf(onBun)(`the stack leads to the caller${lacksAsyncStacks}`, async () => {
    const { host } = hosts(refuse(17));
    async function callerOfTheLibrary(): Promise<void> {
      await host.run(ask(request('ack')), {});
    }
    const error: Error = await callerOfTheLibrary().then(
      () => new Error('none'),
      (e) => e,
    );
    expect(error.stack).toMatch(/callerOfTheLibrary/);
  });
});

describe('transactions', () => {
  function* transaction(...requests: Request[]): Program<unknown[]> {
    const step: TransactionStep = { op: 'transaction', requests };
    return (yield step) as unknown[];
  }
  const batch = (): Program<unknown[]> =>
    transaction(request('none', { index: 0 }), request('ack', { index: 1 }), request('ack', { index: 2 }), request('none', { index: 9 }));

  test('one ack, on the last request before the closing bracket, ends them all', async () => {
    const { host, transports } = hosts((requests) => [fakeAck(requests[2]!)]);
    expect(await host.run(batch(), {})).toEqual([undefined, undefined, undefined, undefined]);
    expect(transports[0]!.sent[0]!.map((r) => (r.flags & NLM_F_ACK) !== 0)).toEqual([false, false, true, false]);
  });

  test('a refused member fails all of it and is named', async () => {
    await expect(both((requests) => [fakeAck(requests[1]!, 2), fakeAck(requests[2]!)], batch)).rejects.toThrow('THING_DO thing 1: ENOENT');
  });

  test('a refused opening bracket is the end of all', async () => {
    await expect(both((requests) => [fakeAck(requests[0]!, 85)], batch)).rejects.toMatchObject({ code: 'ERESTART' });
  });

  test('nothing else travels in its datagram', async () => {
    const { host, transports } = hosts((requests) => [fakeAck(requests.findLast((r) => (r.flags & NLM_F_ACK) !== 0)!)]);
    await Promise.all([
      host.run(ask(request('ack', { index: 5 })), {}),
      host.run(batch(), {}),
      host.run(ask(request('ack', { index: 6 })), {}),
    ]);
    expect(transports[0]!.sent.map((datagram) => datagram.length)).toEqual([1, 4, 1]);
  });
});

describe('pipelining', () => {
  test('requests of one tick leave in one datagram, in order, and each gets its own answer', async () => {
    const { host, transports } = hosts((requests) => requests.map((r) => fakeMessage(r.sequence, 101, r.body)));
    const values = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        await null; // programs that start in a continuation of the same tick come along
        return await host.run(ask(request('reply', { index: i })), {});
      }),
    );
    expect(values.map((value) => value.index)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(transports[0]!.sent.length).toBe(1);
  });

  test('more than a datagram takes are split', async () => {
    const { host, transports } = hosts(obedient);
    await Promise.all(Array.from({ length: 300 }, (_, i) => host.run(ask(request('ack', { index: i })), {})));
    // any of them may be refused: 212,992 bytes of receive buffer have room for 166 refusals
    expect(transports[0]!.sent.map((datagram) => datagram.length)).toEqual([166, 134]);
    await host.run(askAll(Array.from({ length: 300 }, (_, i) => request('ack', { index: i }))), {});
    expect(transports[0]!.sent.flat().length).toBe(600);
  });

  test('what the kernel takes no lock for is sent in place; with anything else beside it, it is not', async () => {
    const { host, transports } = hosts((requests) => requests.map((r) => fakeMessage(r.sequence, 101, body({ index: 7 }))));
    const lockless: Operation<Partial<Thing>, Thing> = { ...operation, lockless: true };
    // the fake sends off the thread by a setImmediate
    const early = async (requests: readonly Request<Thing, 'reply'>[]): Promise<number> => {
      const before = transports.reduce((sum, { sent }) => sum + sent.length, 0);
      const asking = host.run(askEach(requests), {});
      await new Promise((resolve) => process.nextTick(() => queueMicrotask(() => process.nextTick(resolve))));
      const sent = transports.reduce((sum, { sent: datagrams }) => sum + datagrams.length, 0) - before;
      expect((await asking).map((outcome) => outcome.ok)).toEqual(requests.map(() => true));
      return sent;
    };
    expect(await early([{ ...request('reply'), operation: lockless }])).toBe(1);
    expect(
      await early([
        { ...request('reply'), operation: lockless },
        { ...request('reply'), operation: lockless },
      ]),
    ).toBe(1);
    expect(await early([{ ...request('reply'), operation: lockless }, request('reply')])).toBe(0);
    host.close();
  });

  test('one dump at a time; requests pass between', async () => {
    let dumps = 0;
    const { host } = hosts((requests) =>
      requests.flatMap((r) => {
        if ((r.flags & 0x300) !== 0x300) return [fakeAck(r)];
        dumps++;
        return [fakeMessage(r.sequence, 101, body({ index: dumps }), NLM_F_MULTI), fakeDone(r)];
      }),
    );
    const [a, b, c] = await Promise.all([
      host.run(ask(request('dump')), {}),
      host.run(ask(request('dump')), {}),
      host.run(ask(request('ack')), {}),
    ]);
    expect([a, b, c]).toEqual([[{ index: 1 }], [{ index: 2 }], undefined]);
  });
});

describe('interrupted dumps', () => {
  const churn =
    (times: number): FakeKernel =>
    ([r]) => {
      times--;
      return [fakeMessage(r!.sequence, 101, body({ index: 1 }), NLM_F_MULTI | (times >= 0 ? NLM_F_DUMP_INTR : 0)), fakeDone(r!)];
    };

  test('are made again', async () => {
    const { host, transports } = hosts(churn(3));
    expect(await host.run(ask(request('dump')), {})).toEqual([{ index: 1 }]);
    expect(transports[0]!.sent.length).toBe(4);
  });

  test('but not for ever', async () => {
    await expect(both(churn(1000), () => ask(request('dump')))).rejects.toBeInstanceOf(DumpInterruptedError);
  });
});

describe('losses', () => {
  test('an overrun makes the outcome unknown, and the socket usable again', async () => {
    let first = true;
    const kernel: FakeKernel = (requests) => {
      if (!first) return obedient(requests);
      first = false;
      return [{ receiveErrno: 105 }];
    };
    const { host } = hosts(kernel);
    await expect(host.run(ask(request('ack')), {})).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(await host.run(ask(request('ack')), {})).toBeUndefined();
    first = true;
    const { sync } = hosts(kernel);
    expect(() => sync.run(ask(request('ack')), {})).toThrow(OutcomeUnknownError);
    expect(sync.run(ask(request('ack')), {})).toBeUndefined();
  });

  test('no answer in time is a TimeoutError, and a late answer is dropped', async () => {
    let late: FakeRequest | undefined;
    const { host, transports } = hosts((requests) => {
      if (late !== undefined) return obedient(requests);
      late = requests[0]!;
      return [];
    });
    // long enough that it is sent before
    await expect(host.run(ask(request('ack')), { timeout: 300 })).rejects.toBeInstanceOf(TimeoutError);
    transports[0]!.deliver(fakeAck(late!, 17));
    expect(await host.run(ask(request('ack')), {})).toBeUndefined();
    const { sync } = hosts(() => []);
    expect(() => sync.run(ask(request('ack')), { timeout: 5 })).toThrow(TimeoutError);
  });

  test('an answer that came in time is none, although the event loop was held up until after', async () => {
    let asked: FakeRequest | undefined;
    const { host, transports } = hosts(([r]) => {
      asked = r;
      return [];
    });
    const start = performance.now();
    const pending = host.run(ask(request('ack')), { timeout: 1000 });
    // by then the send has returned and the socket is watched
    await new Promise((resolve) => setTimeout(resolve, 20));
    setImmediate(() => {
      transports[0]!.deliver(fakeAck(asked!));
      // the answer is in the socket, and the timer is due before anybody looks there
      while (performance.now() < start + 1050);
    });
    expect(await pending).toBeUndefined();
  });

  test('an answer that comes after the send is waited for', async () => {
    const { host, transports } = hosts((requests) => {
      setTimeout(() => transports[0]!.deliver(fakeAck(requests[0]!)), 5);
      return [];
    });
    expect(await host.run(ask(request('ack')), {})).toBeUndefined();
  });
});

describe('abort and close', () => {
  test('an aborted call that was not sent is not sent', async () => {
    const { host, transports } = hosts(obedient);
    const controller = new AbortController();
    const pending = host.run(ask(request('ack', { index: 1 })), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    await expect(host.run(ask(request('ack')), { signal: controller.signal })).rejects.toThrow('enough');
    await host.run(ask(request('ack', { index: 2 })), {});
    expect(transports[0]!.sent.length).toBe(1);
    const { sync } = hosts(obedient);
    expect(() => sync.run(ask(request('ack')), { signal: controller.signal })).toThrow('enough');
  });

  test('an aborted call that was sent rejects at once; its answer is dropped', async () => {
    const { host, transports } = hosts(() => []);
    const controller = new AbortController();
    const pending = host.run(ask(request('ack')), { signal: controller.signal });
    await expect.poll(() => transports[0]?.sent.length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    transports[0]!.deliver(fakeAck(transports[0]!.sent[0]![0]!));
  });

  test('what waited for the room of aborted calls is sent', async () => {
    let silent = true;
    const { host, transports } = hosts((requests) => (silent ? [] : obedient(requests)));
    const controller = new AbortController();
    // as many replies as the receive buffer has room for
    const calls = Array.from({ length: Math.floor(212_992 / 8192) }, (_, index) =>
      host.run(ask(request('reply', { index })), { signal: controller.signal }),
    );
    await expect.poll(() => transports[0]?.sent.flat().length).toBe(calls.length);
    const waiting = host.run(ask(request('ack', { index: 99 })), {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(transports[0]!.sent.flat().length).toBe(calls.length);
    silent = false;
    controller.abort(new Error('enough'));
    expect((await Promise.allSettled(calls)).every(({ status }) => status === 'rejected')).toBe(true);
    expect(await waiting).toBeUndefined();
  });

  test('close rejects what is pending, closes the socket, and refuses what follows', async () => {
    const { host, sync, transports } = hosts(() => []);
    const pending = host.run(ask(request('ack')), {});
    await expect.poll(() => transports[0]?.sent.length).toBe(1);
    host.close();
    host.close();
    await expect(pending).rejects.toBeInstanceOf(ClosedError);
    await expect(host.run(ask(request('ack')), {})).rejects.toBeInstanceOf(ClosedError);
    expect(transports[0]!.closed).toBe(true);
    sync.close();
    expect(() => sync.run(ask(request('ack')), {})).toThrow(ClosedError);
  });

  test('sockets that are not to be kept close at the end of the tick', async () => {
    const transports: FakeTransport[] = [];
    const host = new Host({
      openTransport: () => {
        transports.push(new FakeTransport(obedient));
        return transports[transports.length - 1]!;
      },
    });
    await host.run(ask(request('ack')), {});
    await host.run(ask(request('ack')), {});
    await expect.poll(() => transports.map((transport) => transport.closed)).toEqual([true]);
  });
});

test.each([
  [{ signal: 'x' }, 'signal'],
  [{ signal: null }, 'signal'],
  [{ timeout: 'soon' }, 'timeout'],
  [{ timeout: null }, 'timeout'],
  [{ timeout: 0 }, 'timeout'],
  [{ timeout: -1 }, 'timeout'],
  [{ timeout: Number.NaN }, 'timeout'],
  [{ timeout: 2 ** 31 }, 'timeout'],
])('call options are checked: %o', async (options, argument) => {
  const { host, sync, transports } = hosts(obedient);
  await expect(host.run(ask(request('ack')), options as never)).rejects.toMatchObject({ name: 'InputError', argument });
  expect(() => sync.run(ask(request('ack')), options as never)).toThrow(new RegExp(`^${argument}: `));
  expect(transports).toEqual([]);
});

test('bad input is refused before anything is sent', async () => {
  const { host, sync, transports } = hosts(obedient);
  await expect(host.run(ask(request('ack', { name: 'a'.repeat(99) })), {})).rejects.toThrow(/^name: /);
  expect(() => sync.run(ask(request('ack', { size: -1 })), {})).toThrow(/^size: /);
  expect(transports.flatMap((transport) => transport.sent)).toEqual([]);
});

test('bad input among what is asked in one tick leaves the others as they are', async () => {
  const seen: number[] = [];
  const { host, transports } = hosts((requests) => {
    seen.push(...requests.map((r) => r.body.readUInt32LE(0)));
    return obedient(requests);
  });
  const bad = { index: 9, name: 'a'.repeat(99) };
  const outcomes = await Promise.allSettled(
    [bad, { index: 1 }, bad, { index: 2, name: 'x' }, bad].map((value) => host.run(once<undefined>(request('ack', value)), {})),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled', 'rejected']);
  expect(seen).toEqual([1, 2]);
  expect(transports[0]!.sent.length).toBe(1);
});

test('a program of one question is a generator to whoever runs it', () => {
  const asked = request('ack', { index: 1 });
  const program = once<string>(asked);
  expect(program.next()).toMatchObject({ done: false, value: { op: 'request', request: asked } });
  expect(program.next('answer')).toMatchObject({ done: true, value: 'answer' });
  expect(program.next()).toMatchObject({ done: true, value: undefined });
  const stopped = once<string>(asked);
  expect(stopped.return('early')).toEqual({ done: true, value: 'early' });
  expect(stopped.next()).toMatchObject({ done: true, value: undefined });
  const failed = once<string>(asked);
  failed.next();
  expect(() => failed.throw(new Error('refused'))).toThrow('refused');
  expect(failed.next()).toMatchObject({ done: true, value: undefined });
});

test('the error of what may fail is made when it is looked at, once', async () => {
  const { host, sync } = hosts((requests) => requests.map((r) => fakeAck(r, 17)));
  let asked = 0;
  const rename = (path: string): string => path;
  const may = { ...request('ack', { index: 0 }), mayFail: true, rename };
  Object.defineProperty(may, 'subject', { get: () => `thing ${++asked}` });
  const program = (): Program<Outcome<undefined>[]> => askEach([may]);
  for (const [outcome] of [await host.run(program(), {}), sync.run(program(), {})]) {
    const before = asked;
    expect(outcome!.ok).toBe(false);
    expect(asked).toBe(before);
    const { error } = outcome as Extract<Outcome<undefined>, { ok: false }>;
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
    expect((outcome as { error: Error }).error).toBe(error);
    expect(asked).toBe(before + 1);
  }
});

describe.skipIf(onBun)(`the stack of an error leads to the caller's line${lacksAsyncStacks}`, () => {
  const kernel: FakeKernel = (requests) => requests.map((r) => (r.body.readUInt32LE(0) === 0 ? fakeAck(r, 17) : fakeAck(r)));
  const refused = (): Program<undefined> => ask(request('ack', { index: 0 }));

  /** Fails at its second request. */
  function* secondFails(): Program<void> {
    yield* ask(request('ack', { index: 1 }));
    yield* refused();
  }
  /** Answers a refusal with another request, which is refused too. */
  function* answersRefusal(): Program<void> {
    try {
      yield* refused();
    } catch {
      yield* ask(request('ack', { index: 1 }));
      yield* refused();
    }
  }
  /** Goes on with a step of another sort. */
  function* mixed(): Program<void> {
    yield* ask(request('ack', { index: 1 }));
    yield* askAll([request('ack', { index: 1 }), request('ack', { index: 0 })]);
  }
  /** Objects to an answer. */
  function* objects(): Program<void> {
    yield* ask(request('ack', { index: 1 }));
    throw new UnsupportedError({ syscall: 'THING_DO', subject: '', errno: 95 });
  }

  test.each([
    ['refused', refused],
    ['at the second request', secondFails],
    ['after an answer to a refusal', answersRefusal],
    ['one of several', mixed],
    ['thrown by the program', objects],
  ])('%s', async (_, program) => {
    const { host } = hosts(kernel);
    const methods = asyncMethods({ program }, () => host);
    async function inner(): Promise<void> {
      await methods.program();
    }
    async function outer(): Promise<void> {
      await Promise.all([inner(), inner()]);
    }
    const error: Error = await outer().then(
      () => new Error('none'),
      (e) => e,
    );
    expect(error.stack).toMatch(/inner[\s\S]*outer/);
  });
});
