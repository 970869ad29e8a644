/** Monitors over a kernel made of a callback: what is told, in which order, and what becomes of gaps, back-pressure and ends. */
import { describe, expect, test } from 'vitest';
import { attr, attributes } from '../../src/netlink/attributes.ts';
import { ClosedError, MalformedMessageError } from '../../src/netlink/errors.ts';
import { Host } from '../../src/netlink/host.ts';
import { message, NLM_F_DUMP_INTR, NLM_F_MULTI } from '../../src/netlink/message.ts';
import { Monitor } from '../../src/netlink/monitor.ts';
import { type AnyEvent, KindFeed } from '../../src/netlink/monitor-feed.ts';
import { type MonitorKind, sameExcept } from '../../src/netlink/monitor-kind.ts';
import type { Operation } from '../../src/netlink/operation.ts';
import { ask } from '../../src/netlink/program.ts';
import { u32 } from '../../src/netlink/scalar.ts';
import { fields, struct } from '../../src/netlink/struct.ts';
import { type FakeAnswer, FakeTransport, fakeDone, fakeMessage } from '../../src/netlink/transport/fake.ts';

const header = struct('thing_header', () => ({ index: fields.u32 }));
const thing = message(
  'THING',
  header,
  attributes('THING', () => ({ size: attr('THING_SIZE', 1, u32), age: attr('THING_AGE', 2, u32) })),
);
interface Thing {
  index: number;
  size?: number;
  age?: number;
}
const NEW_THING = 100;
const DELETE_THING = 101;
const LOSE_THINGS = 102;
const getThings: Operation<Partial<Thing>, Thing> = { name: 'THING_GET', protocol: 0, type: 103, body: thing, reply: thing };
const ENOBUFS = 105;

const kind: MonitorKind<Thing, object> = {
  groups: [40],
  types: { [NEW_THING]: 'new', [DELETE_THING]: 'delete' },
  decode: ({ bytes, offset, length }) => thing.decode(bytes, offset, length),
  listing: {
    list: () => ask({ operation: getThings, flags: 0, value: {}, expects: 'dump' as const, subject: 'things' }),
    key: ({ index }) => String(index),
    same: sameExcept('age'),
    disturbed: ({ type }) => type === LOSE_THINGS,
  },
};

const told = (index: number, size = 1, age = 0): Buffer => fakeMessage(0, NEW_THING, thing.bytes({ index, size, age }));
const gone = (index: number): Buffer => fakeMessage(0, DELETE_THING, thing.bytes({ index }));
const overrun: FakeAnswer = { receiveErrno: ENOBUFS };

interface Setup {
  readonly monitor: Monitor<AnyEvent>;
  readonly transport: FakeTransport;
  /** What the kernel lists. */
  things: Thing[];
  /** Called when it is asked to. */
  onList: () => void;
  lists: number;
  interrupted: number;
}

interface SetupOptions {
  initial?: boolean;
  resync?: boolean;
  signal?: AbortSignal;
  ref?: boolean;
}

function setup({ initial = false, resync = false, signal, ref }: SetupOptions = {}): Setup {
  const transport = new FakeTransport(() => []);
  transport.subscribe({ groups: kind.groups, receiveBuffer: 212_992, allNamespaces: false });
  const host = new Host({
    openTransport: () =>
      new FakeTransport(([request]) => {
        made.lists++;
        const flags = NLM_F_MULTI | (made.interrupted-- > 0 ? NLM_F_DUMP_INTR : 0);
        const answers = made.things.map((object) => fakeMessage(request!.sequence, NEW_THING, thing.bytes(object), flags));
        made.onList();
        return [...answers, fakeDone(request!, 0, flags)];
      }),
  });
  const feed = new KindFeed({
    kinds: { thing: kind },
    context: {},
    initial,
    resync,
    run: (program, stop) => host.run(program, { signal: stop }),
  });
  const monitor: Monitor<AnyEvent> = new Monitor(transport, feed, { signal, ref });
  const made: Setup = { monitor, transport, things: [], onList: () => {}, lists: 0, interrupted: 0 };
  return made;
}

async function take(monitor: Monitor<AnyEvent>, count: number): Promise<unknown[]> {
  const events: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const { value, done } = await monitor.next();
    expect(done).toBe(false);
    events.push(value);
  }
  return events;
}

/** Whether a promise is still pending after a few turns of the event loop. */
async function pending(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  return !settled;
}

describe('what is told', () => {
  test('each message is an event, in order, whenever it came', async () => {
    const { monitor, transport } = setup();
    transport.deliver(told(1), Buffer.concat([told(2), gone(1)]));
    expect(await take(monitor, 3)).toEqual([
      { kind: 'thing', action: 'new', new: { index: 1, size: 1, age: 0 } },
      { kind: 'thing', action: 'new', new: { index: 2, size: 1, age: 0 } },
      { kind: 'thing', action: 'delete', old: { index: 1 } },
    ]);
    const next = monitor.next();
    expect(await pending(next)).toBe(true);
    transport.deliver(told(3));
    expect(await next).toMatchObject({ done: false, value: { new: { index: 3 } } });
    monitor.close();
  });

  test('an event from another namespace has its id', async () => {
    const { monitor, transport } = setup();
    transport.deliver({ bytes: told(1), nsid: 7 }, told(2));
    expect(await take(monitor, 2)).toEqual([
      { kind: 'thing', action: 'new', new: { index: 1, size: 1, age: 0 }, nsid: 7 },
      { kind: 'thing', action: 'new', new: { index: 2, size: 1, age: 0 } },
    ]);
    monitor.close();
  });

  test('messages of other types are passed over', async () => {
    const { monitor, transport } = setup();
    transport.deliver(fakeMessage(0, 99, Buffer.alloc(8)), told(1));
    expect(await take(monitor, 1)).toMatchObject([{ new: { index: 1 } }]);
    monitor.close();
  });

  test('a message that cannot be read is told, and the stream goes on', async () => {
    const { monitor, transport } = setup();
    const torn = told(9);
    torn.writeUInt32LE(5, 0);
    const short = fakeMessage(0, NEW_THING, Buffer.alloc(2));
    transport.deliver(short, torn, told(1));
    const [first, second, third] = await take(monitor, 3);
    expect(first).toMatchObject({ kind: 'malformed', type: NEW_THING, error: expect.any(MalformedMessageError), body: new Uint8Array(2) });
    expect(second).toMatchObject({ kind: 'malformed', error: { message: expect.stringContaining('nlmsghdr') } });
    expect(third).toMatchObject({ kind: 'thing', new: { index: 1 } });
    monitor.close();
  });
});

describe('pictures', () => {
  test('initial: what exists comes first, then that this is all, then what changes', async () => {
    const made = setup({ initial: true });
    made.things = [{ index: 1, size: 5 }, { index: 2 }];
    expect(await take(made.monitor, 3)).toEqual([
      { kind: 'thing', action: 'new', new: { index: 1, size: 5 } },
      { kind: 'thing', action: 'new', new: { index: 2 } },
      { kind: 'synced', reason: 'initial' },
    ]);
    made.transport.deliver(told(1));
    // the picture was for the beginning only
    expect(await take(made.monitor, 1)).toMatchObject([{ action: 'new', new: { index: 1 } }]);
    made.monitor.close();
  });

  test('changes that come between joining and listing, and during it, end in the state that is', async () => {
    const made = setup({ initial: true, resync: true });
    made.things = [{ index: 1, size: 9 }, { index: 3 }];
    // before the listing: 2 came and went, 1 grew; during it: 4 came after the kernel had passed its place, 3 goes
    made.transport.deliver(told(2), told(1, 8), gone(2), told(1, 9));
    made.onList = () => made.transport.deliver(told(4), gone(3));
    expect(await take(made.monitor, 3)).toEqual([
      { kind: 'thing', action: 'new', new: { index: 1, size: 9, age: 0 } },
      { kind: 'thing', action: 'new', new: { index: 4, size: 1, age: 0 } },
      { kind: 'synced', reason: 'initial' },
    ]);
    made.monitor.close();
  });

  test('resync: an event knows what was before', async () => {
    const made = setup({ resync: true });
    made.things = [{ index: 1, size: 1 }];
    const first = made.monitor.next();
    expect(await pending(first)).toBe(true);
    made.transport.deliver(told(1, 2), told(2), gone(1), gone(5));
    expect(await first).toMatchObject({
      value: { kind: 'thing', action: 'change', old: { index: 1, size: 1 }, new: { index: 1, size: 2 } },
    });
    expect(await take(made.monitor, 3)).toMatchObject([
      { action: 'new', new: { index: 2 } },
      { action: 'delete', old: { index: 1, size: 2 } },
      { action: 'delete', old: { index: 5 } },
    ]);
    made.monitor.close();
  });

  test('resync without initial: what came before the listing is told, though the listing shows it', async () => {
    const made = setup({ resync: true });
    made.transport.deliver(told(1));
    made.things = [{ index: 1, size: 1, age: 0 }];
    expect(await take(made.monitor, 1)).toMatchObject([{ kind: 'thing', new: { index: 1 } }]);
    made.monitor.close();
  });

  test('a change that the kernel tells nobody is found by listing again', async () => {
    const made = setup({ initial: true, resync: true });
    made.things = [{ index: 1 }, { index: 2 }];
    await take(made.monitor, 3);
    made.things = [{ index: 2 }];
    made.transport.deliver(fakeMessage(0, LOSE_THINGS, Buffer.alloc(4)));
    expect(await take(made.monitor, 1)).toEqual([{ kind: 'thing', action: 'delete', old: { index: 1 } }]);
    expect(await pending(made.monitor.next())).toBe(true);
    made.monitor.close();
  });

  test('a listing that changes under the hands of the kernel is made again', async () => {
    const made = setup({ initial: true });
    made.things = [{ index: 1 }];
    made.interrupted = 25;
    expect(await take(made.monitor, 2)).toMatchObject([{ new: { index: 1 } }, { kind: 'synced' }]);
    expect(made.lists).toBe(26);
    made.monitor.close();
  });
});

describe('overruns', () => {
  test('are told where the gap is: behind what was queued, and how much is lost', async () => {
    const { monitor, transport } = setup();
    transport.lost = 17;
    // the kernel reports ahead of the queue
    transport.deliver(overrun, told(1), told(2));
    expect(await take(monitor, 3)).toMatchObject([{ new: { index: 1 } }, { new: { index: 2 } }, { kind: 'overrun', lost: 17 }]);
    transport.lost = 20;
    transport.deliver(overrun, told(3));
    expect(await take(monitor, 2)).toMatchObject([{ new: { index: 3 } }, { kind: 'overrun', lost: 3 }]);
    transport.deliver(told(4));
    expect(await take(monitor, 1)).toMatchObject([{ new: { index: 4 } }]);
    monitor.close();
  });

  test('resync: what has changed is told, and no more', async () => {
    const made = setup({ initial: true, resync: true });
    made.things = [{ index: 1, size: 1, age: 1 }, { index: 2, size: 1 }, { index: 3 }];
    await take(made.monitor, 4);
    made.things = [{ index: 1, size: 1, age: 2 }, { index: 2, size: 2 }, { index: 4 }];
    made.transport.deliver(overrun);
    expect(await take(made.monitor, 5)).toEqual([
      { kind: 'overrun', lost: 0 },
      { kind: 'thing', action: 'delete', old: { index: 3 } },
      { kind: 'thing', action: 'change', old: { index: 2, size: 1 }, new: { index: 2, size: 2 } },
      { kind: 'thing', action: 'new', new: { index: 4 } },
      { kind: 'synced', reason: 'overrun' },
    ]);
    made.transport.deliver(told(2, 3));
    expect(await take(made.monitor, 1)).toMatchObject([{ action: 'change', old: { size: 2 }, new: { size: 3 } }]);
    made.monitor.close();
  });

  test('another overrun while listing: it is listed again', async () => {
    const made = setup({ initial: true, resync: true });
    let rounds = 0;
    made.onList = () => {
      if (++rounds > 2) return;
      made.things = [{ index: 7 }];
      made.transport.deliver(overrun, told(rounds));
    };
    expect(await take(made.monitor, 2)).toMatchObject([{ new: { index: 7 } }, { kind: 'synced' }]);
    expect(made.lists).toBe(3);
    made.monitor.close();
  });
});

describe('reading', () => {
  test('what nobody takes stays with the kernel', async () => {
    const { monitor, transport } = setup();
    transport.deliver(...Array.from({ length: 5000 }, (_, i) => told(i)));
    await take(monitor, 1);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(transport.wait()).toBe(true);
    expect(await take(monitor, 4999)).toHaveLength(4999);
    monitor.close();
  });

  test('the event loop goes round while a burst is read', async () => {
    const { monitor, transport } = setup();
    transport.deliver(...Array.from({ length: 5000 }, (_, i) => told(i)));
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await take(monitor, 5000);
    running = false;
    expect(turns).toBeGreaterThan(20);
    monitor.close();
  });

  test('calls that do not wait for each other are answered in order', async () => {
    const { monitor, transport } = setup();
    const calls = [monitor.next(), monitor.next(), monitor.next()];
    transport.deliver(told(1), told(2), told(3));
    expect(await Promise.all(calls)).toMatchObject([1, 2, 3].map((index) => ({ value: { new: { index } } })));
    const last = [monitor.next(), monitor.next()];
    monitor.close();
    expect(await Promise.all(last)).toEqual(Array(2).fill({ value: undefined, done: true }));
  });
});

describe('ends', () => {
  test('break closes, and the consumer keeps its exception', async () => {
    const { monitor, transport } = setup();
    transport.deliver(told(1), told(2));
    await expect(
      (async () => {
        for await (const _ of monitor) throw new RangeError('mine');
      })(),
    ).rejects.toThrow(new RangeError('mine'));
    expect(transport.closed).toBe(true);
    expect(await monitor.next()).toEqual({ value: undefined, done: true });
  });

  test('close ends a loop that waits, and return() does not wait', async () => {
    const { monitor, transport } = setup();
    const waiting = monitor.next();
    expect(await pending(waiting)).toBe(true);
    expect(await monitor.return()).toEqual({ value: undefined, done: true });
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(transport.closed).toBe(true);
    monitor.close();
  });

  test('a signal ends it with its reason, once; what was not taken is dropped', async () => {
    const controller = new AbortController();
    const { monitor, transport } = setup({ signal: controller.signal });
    const waiting = monitor.next();
    controller.abort(new ClosedError('the shop'));
    await expect(waiting).rejects.toThrow('the shop is closed');
    expect(await monitor.next()).toEqual({ value: undefined, done: true });
    expect(transport.closed).toBe(true);
    const aborted = setup({ signal: AbortSignal.abort() });
    await expect(aborted.monitor.next()).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('closing while it lists', async () => {
    const made = setup({ initial: true });
    made.interrupted = 1000;
    const waiting = made.monitor.next();
    await expect.poll(() => made.lists).toBeGreaterThan(3);
    made.monitor.close();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  test('what the socket fails with is thrown', async () => {
    const { monitor, transport } = setup();
    transport.deliver({ receiveErrno: 9 });
    await expect(monitor.next()).rejects.toMatchObject({ code: 'EBADF' });
    expect(transport.closed).toBe(true);
  });
});
