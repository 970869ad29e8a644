/** Streams and lists over a kernel made of a callback: order, back-pressure, filters, interruption, stopping early, losses. */
import { describe, expect, test } from 'vitest';
import { attr, attributes } from '../../src/netlink/attributes.ts';
import { type Listed, type ListOptions, listing, messages, streaming } from '../../src/netlink/dump.ts';
import {
  ClosedError,
  DumpInterruptedError,
  MalformedMessageError,
  NetlinkError,
  OutcomeUnknownError,
  TimeoutError,
} from '../../src/netlink/errors.ts';
import { asyncMethods, Host } from '../../src/netlink/host.ts';
import { SyncHost, syncMethods } from '../../src/netlink/host-sync.ts';
import { message, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_MULTI } from '../../src/netlink/message.ts';
import type { Operation } from '../../src/netlink/operation.ts';
import { ask, type Program } from '../../src/netlink/program.ts';
import { fields, struct } from '../../src/netlink/struct.ts';
import { string } from '../../src/netlink/text.ts';
import {
  type FakeAnswer,
  type FakeKernel,
  type FakeRequest,
  FakeTransport,
  fakeAck,
  fakeDone,
  fakeMessage,
} from '../../src/netlink/transport/fake.ts';

const thing = message(
  'THING',
  struct('thing_header', () => ({ index: fields.u32 })),
  attributes('THING', () => ({ name: attr('THING_NAME', 1, string(15)) })),
);
type Thing = ReturnType<typeof thing.parse>;
const operation: Operation<Partial<Thing>, Thing> = { name: 'THING_GET', protocol: 0, type: 100, body: thing, reply: thing };

interface Filter extends ListOptions {
  odd?: boolean;
  /** Asks for each part's names in between. */
  named?: boolean;
  nothingIs?: string;
}

function* listed(filter: Filter = {}): Program<Listed<Thing, number | string>> {
  return {
    request: { operation, flags: 0, value: {}, expects: 'dump', subject: 'things' },
    keep: (wire) => filter.odd !== true || wire.index % 2 === 1,
    *convert(wires) {
      if (filter.named !== true) return wires.map((wire) => wire.index);
      const reply = yield* ask({ operation, flags: 0, value: { index: wires.length }, expects: 'reply', subject: 'names' });
      return wires.map((wire) => `${reply.name}-${wire.index}`);
    },
    refused: (error) => (error instanceof NetlinkError && error.code === filter.nothingIs ? undefined : error),
    interrupted: filter.interrupted,
  };
}
const table = { list: listing(listed), stream: streaming(listed) } as const;

const part = (r: FakeRequest, indexes: readonly number[], flags = 0): Buffer =>
  Buffer.concat(indexes.map((index) => fakeMessage(r.sequence, 101, thing.bytes({ index }), NLM_F_MULTI | flags)));

const isDump = (r: FakeRequest): boolean => (r.flags & NLM_F_DUMP) === NLM_F_DUMP;

/** Parts of two things, as many as asked for; what is no dump is a name. */
const things =
  (parts: number, ending: (r: FakeRequest) => FakeAnswer = (r) => fakeDone(r)): FakeKernel =>
  (requests) =>
    requests.flatMap((r): FakeAnswer[] =>
      isDump(r)
        ? [...Array.from({ length: parts }, (_, i) => part(r, [2 * i, 2 * i + 1])), ending(r)]
        : [fakeMessage(r.sequence, 101, thing.bytes({ name: 'n' }))],
    );

class CountingTransport extends FakeTransport {
  received = 0;
  override receive() {
    this.received++;
    return super.receive();
  }
}

function clients(kernel: FakeKernel, keepOpen = true) {
  const transports: CountingTransport[] = [];
  const openTransport = (): FakeTransport => {
    const transport = new CountingTransport(kernel);
    transports.push(transport);
    return transport;
  };
  const host = new Host({ openTransport, keepOpen });
  const sync = new SyncHost({ openTransport, keepOpen });
  return { host, transports, rt: asyncMethods(table, () => host), st: syncMethods(table, () => sync), sync };
}

async function gather<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const six = [0, 1, 2, 3, 4, 5];

describe('both ways of listing, with both drivers', () => {
  test('give the objects in order', async () => {
    const { rt, st } = clients(things(3));
    expect(await rt.list()).toEqual(six);
    expect(await gather(rt.stream())).toEqual(six);
    expect(st.list()).toEqual(six);
    expect([...st.stream()]).toEqual(six);
  });

  test('filter', async () => {
    const { rt, st } = clients(things(3));
    expect(await rt.list({ odd: true })).toEqual([1, 3, 5]);
    expect(await gather(rt.stream({ odd: true }))).toEqual([1, 3, 5]);
    expect(st.list({ odd: true })).toEqual([1, 3, 5]);
    expect([...st.stream({ odd: true })]).toEqual([1, 3, 5]);
  });

  test('may ask for more between two parts', async () => {
    const { rt, st } = clients(things(2));
    const named = ['n-0', 'n-1', 'n-2', 'n-3'];
    expect(await rt.list({ named: true })).toEqual(named);
    expect(await gather(rt.stream({ named: true }))).toEqual(named);
    expect(st.list({ named: true })).toEqual(named);
    expect([...st.stream({ named: true })]).toEqual(named);
  });

  test('are empty when there is nothing, or when an error means that', async () => {
    const nothing = clients(([r]) => [fakeDone(r!)]);
    expect(await nothing.rt.list()).toEqual([]);
    expect(await gather(nothing.rt.stream())).toEqual([]);
    expect([...nothing.st.stream()]).toEqual([]);
    const { rt, st } = clients(([r]) => [fakeDone(r!, 2)]);
    expect(await rt.list({ nothingIs: 'ENOENT' })).toEqual([]);
    expect(await gather(rt.stream({ nothingIs: 'ENOENT' }))).toEqual([]);
    expect(st.list({ nothingIs: 'ENOENT' })).toEqual([]);
    await expect(rt.list()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.each([
    ['at once', ([r]: readonly FakeRequest[]) => [fakeAck(r!, 1)]],
    ['half-way, after what came before it', ([r]: readonly FakeRequest[]) => [part(r!, [1]), fakeDone(r!, 1)]],
  ])('fail with what the kernel refused: %s', async (_, kernel) => {
    const { rt, st } = clients(kernel);
    await expect(rt.list()).rejects.toMatchObject({ code: 'EPERM', syscall: 'THING_GET' });
    await expect(gather(rt.stream())).rejects.toMatchObject({ code: 'EPERM' });
    expect(() => st.list()).toThrow(/EPERM/);
    expect(() => [...st.stream()]).toThrow(/EPERM/);
  });

  test('check the options of the call, before anything is sent', async () => {
    const { rt, st, transports } = clients(things(1));
    await expect(rt.list({ interrupted: 'perhaps' as never })).rejects.toThrow(/^interrupted: /);
    await expect(rt.stream({ interrupted: 'perhaps' as never }).next()).rejects.toThrow(/^interrupted: /);
    await expect(rt.stream({ timeout: -1 }).next()).rejects.toThrow(/^timeout: /);
    expect(() => st.stream({ signal: 1 as never }).next()).toThrow(/^signal: /);
    expect(transports).toEqual([]);
  });
});

describe('an interrupted dump', () => {
  /** Interrupted so many times, at the place given. */
  const churn = (times: number, where: 'part' | 'done'): FakeKernel => {
    return ([r]) => {
      const flag = times-- > 0 ? NLM_F_DUMP_INTR : 0;
      return [part(r!, [1], where === 'part' ? flag : 0), part(r!, [2]), fakeDone(r!, 0, where === 'done' ? flag : 0)];
    };
  };

  test.each(['part', 'done'] as const)('is made again by a list, bounded: %s', async (where) => {
    const { rt, st, transports } = clients(churn(3, where));
    expect(await rt.list()).toEqual([1, 2]);
    expect(transports.flatMap(({ sent }) => sent)).toHaveLength(4);
    const other = clients(churn(3, where));
    expect(other.st.list()).toEqual([1, 2]);
    expect(other.transports.flatMap(({ sent }) => sent)).toHaveLength(4);
    const endless = clients(churn(1000, where));
    await expect(endless.rt.list()).rejects.toBeInstanceOf(DumpInterruptedError);
    expect(() => endless.st.list()).toThrow(DumpInterruptedError);
    expect(endless.transports.flatMap(({ sent }) => sent)).toHaveLength(20);
    expect(st.list().interrupted).toBeUndefined();
  });

  test.each(['part', 'done'] as const)('is taken and marked where that is asked for: %s', async (where) => {
    const { rt, st } = clients(churn(1000, where));
    const list = await rt.list({ interrupted: 'accept' });
    expect(list).toEqual([1, 2]);
    expect(list.interrupted).toBe(true);
    expect(st.list({ interrupted: 'accept' }).interrupted).toBe(true);
    const stream = rt.stream({ interrupted: 'accept' });
    expect(await gather(stream)).toEqual([1, 2]);
    expect(stream.interrupted).toBe(true);
    const inPlace = st.stream({ interrupted: 'accept' });
    expect([...inPlace]).toEqual([1, 2]);
    expect(inPlace.interrupted).toBe(true);
  });

  test.each(['part', 'done'] as const)('fails a stream at its end: %s', async (where) => {
    const { rt, st } = clients(churn(1000, where));
    const seen: unknown[] = [];
    const run = async (): Promise<void> => {
      for await (const item of rt.stream()) seen.push(item);
    };
    await expect(run()).rejects.toBeInstanceOf(DumpInterruptedError);
    expect(seen).toEqual([1, 2]);
    expect(() => [...st.stream()]).toThrow(DumpInterruptedError);
  });

  test('one that was not says so', async () => {
    const { rt } = clients(things(1));
    const stream = rt.stream();
    await gather(stream);
    expect(stream.interrupted).toBe(false);
  });
});

describe('a stream', () => {
  test('asks for nothing before it is read, and for little more than is taken', async () => {
    const { rt, transports } = clients(things(1000));
    const stream = rt.stream();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(transports).toEqual([]);
    expect(await stream.next()).toEqual({ done: false, value: 0 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    // the part that is read and the one fetched meanwhile
    expect(transports[0]!.received).toBeLessThanOrEqual(2);
    await stream.return();
  });

  test('that is broken off leaves the client usable, and its own socket is closed', async () => {
    const { rt, st, transports } = clients(things(1000));
    for await (const item of rt.stream()) if (item === 3) break;
    const wrong = new Error('of the consumer');
    const run = async (): Promise<void> => {
      for await (const _ of rt.stream()) throw wrong;
    };
    await expect(run()).rejects.toBe(wrong);
    for (const item of st.stream()) if (item === 3) break;
    await expect.poll(() => transports.map((transport) => transport.closed)).toEqual([true, true, true]);
    expect((await rt.list()).length).toBe(2000);
    expect(st.list().length).toBe(2000);
  });

  test('ended by hand is over: next gives no more, and return may be repeated', async () => {
    const { rt, st } = clients(things(3));
    const stream = rt.stream();
    await stream.next();
    expect(await stream.return()).toEqual({ done: true, value: undefined });
    expect(await stream.return()).toEqual({ done: true, value: undefined });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    const untouched = rt.stream();
    await untouched.return();
    expect(await untouched.next()).toEqual({ done: true, value: undefined });
    const inPlace = st.stream();
    inPlace.next();
    inPlace.return();
    expect(inPlace.next()).toEqual({ done: true, value: undefined });
    await using disposed = rt.stream();
    await disposed.next();
  });

  test('answers calls of next in their order, also when they do not wait for each other', async () => {
    const { rt } = clients(things(3));
    const stream = rt.stream();
    const results = await Promise.all(Array.from({ length: 8 }, () => stream.next()));
    expect(results.map(({ value }) => value)).toEqual([...six, undefined, undefined]);
  });

  test('ends with the reason of its signal: waited for, or not', async () => {
    const { rt, transports } = clients((requests) => [part(requests[0]!, [1])]);
    const controller = new AbortController();
    const stream = rt.stream({ signal: controller.signal });
    expect((await stream.next()).value).toBe(1);
    const pending = stream.next();
    setTimeout(() => controller.abort(new Error('enough')), 5);
    await expect(pending).rejects.toThrow('enough');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await expect.poll(() => transports[0]!.closed).toBe(true);
    const other = new AbortController();
    const idle = rt.stream({ signal: other.signal });
    await idle.next();
    other.abort(new Error('enough of this'));
    await expect.poll(() => transports[1]!.closed).toBe(true);
    await expect(idle.next()).rejects.toThrow('enough of this');
    await expect(rt.stream({ signal: other.signal }).next()).rejects.toThrow('enough of this');
  });

  test('stops in place when its signal is aborted', () => {
    const { st } = clients(things(10));
    const controller = new AbortController();
    const seen: unknown[] = [];
    expect(() => {
      for (const item of st.stream({ signal: controller.signal })) {
        seen.push(item);
        if (item === 3) controller.abort(new Error('enough'));
      }
    }).toThrow('enough');
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test('that gets no next part in time is a TimeoutError; time that the consumer takes does not count', async () => {
    const { rt, st } = clients((requests) => [part(requests[0]!, [1]), part(requests[0]!, [2])]);
    const stream = rt.stream({ timeout: 300 });
    expect((await stream.next()).value).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await stream.next()).value).toBe(2);
    await expect(stream.next()).rejects.toBeInstanceOf(TimeoutError);
    expect(() => [...st.stream({ timeout: 5 })]).toThrow(TimeoutError);
  });

  test('takes a part that came in time, although the event loop was held up until after', async () => {
    const { rt } = clients(([r]) => {
      const end = performance.now() + 400;
      while (performance.now() < end);
      return [part(r!, [1]), fakeDone(r!)];
    });
    const seen: unknown[] = [];
    for await (const item of rt.stream({ timeout: 300 })) seen.push(item);
    expect(seen).toEqual([1]);
  });

  test('fails when its client is closed', async () => {
    const { rt, host, st, sync, transports } = clients(things(5));
    const stream = rt.stream();
    await stream.next();
    await stream.next();
    host.close();
    await expect(stream.next()).rejects.toBeInstanceOf(ClosedError);
    await expect(rt.stream().next()).rejects.toBeInstanceOf(ClosedError);
    await expect.poll(() => transports[0]!.closed).toBe(true);
    const inPlace = st.stream();
    inPlace.next();
    inPlace.next();
    sync.close();
    expect(() => inPlace.next()).toThrow(ClosedError);
  });

  test("the stack leads to the caller's line", async () => {
    const { rt } = clients(([r]) => [part(r!, [1]), fakeDone(r!, 1)]);
    async function readerOfTheStream(): Promise<void> {
      for await (const _ of rt.stream());
    }
    async function callerOfTheList(): Promise<void> {
      await rt.list();
    }
    const stackOf = async (run: () => Promise<void>): Promise<string> => await run().then(String, (error: Error) => error.stack!);
    expect(await stackOf(readerOfTheStream)).toMatch(/readerOfTheStream/);
    expect(await stackOf(callerOfTheList)).toMatch(/callerOfTheList/);
  });
});

describe('losses', () => {
  test.each([
    ['an overrun', { receiveErrno: 105 } as FakeAnswer, OutcomeUnknownError],
    ['a message that cannot be read', 'short' as const, MalformedMessageError],
  ])('%s fails the listing, and the next one is made on another socket', async (_, loss, kind) => {
    let first = true;
    const kernel: FakeKernel = (requests) => {
      const [r] = requests;
      if (!first) return things(1)(requests);
      first = false;
      return [part(r!, [1]), loss === 'short' ? fakeMessage(r!.sequence, 101, Buffer.alloc(2), NLM_F_MULTI) : loss, fakeDone(r!)];
    };
    const { rt, st, transports } = clients(kernel);
    await expect(rt.list()).rejects.toBeInstanceOf(kind);
    expect(await rt.list()).toEqual([0, 1]);
    expect(transports).toHaveLength(2);
    expect(transports[0]!.closed).toBe(true);
    first = true;
    expect(() => st.list()).toThrow(kind);
    expect(st.list()).toEqual([0, 1]);
    first = true;
    await expect(gather(rt.stream())).rejects.toBeInstanceOf(kind);
  });

  test('answers to others, and those of another dump, are dropped', async () => {
    const { rt, st } = clients(([r]) => [
      Buffer.concat([part({ ...r!, sequence: r!.sequence + 7 }, [9]), part(r!, [1])]),
      fakeDone({ ...r!, sequence: r!.sequence - 1 }),
      Buffer.concat([part(r!, [2]), fakeDone(r!)]),
    ]);
    expect(await rt.list()).toEqual([1, 2]);
    expect(st.list()).toEqual([1, 2]);
  });
});

describe('sockets', () => {
  test('one is kept for the next dump, beside that of requests', async () => {
    const { rt, transports } = clients(things(2));
    for (let i = 0; i < 5; i++) await rt.list({ named: true });
    expect(transports.map((transport) => transport.closed)).toEqual([false, false]);
  });

  test('none is kept where it would keep a namespace', async () => {
    const { rt, st, transports } = clients(things(2), false);
    await rt.list();
    await gather(rt.stream());
    st.list();
    expect([...st.stream()]).toHaveLength(4);
    await expect.poll(() => transports.map((transport) => transport.closed)).toEqual([true, true, true, true]);
  });

  test('many lists at a time take turns; each may ask for other lists meanwhile, and streams do not stand in line', async () => {
    let open = 0;
    let most = 0;
    const kernel = things(3);
    const host = new Host({
      openTransport: () => {
        open++;
        most = Math.max(most, open);
        const transport = new FakeTransport(kernel);
        const close = transport.close.bind(transport);
        transport.close = () => {
          open--;
          close();
        };
        return transport;
      },
    });
    function* nested(): Program<number> {
      // biome-ignore lint/correctness/useYield: it has nothing to ask before
      const dump = listing(function* (): Program<Listed<Thing, number>> {
        return {
          request: { operation, flags: 0, value: {}, expects: 'dump', subject: 'outer' },
          *convert() {
            const inner = yield* messages<Thing>({ request: { operation, flags: 0, value: {}, expects: 'dump', subject: 'inner' } });
            return [inner.length];
          },
        };
      });
      return (yield* dump()).reduce((sum, count) => sum + count, 0);
    }
    const streams = Array.from({ length: 12 }, () => host.stream(table.stream(), {}));
    await Promise.all(streams.map((stream) => stream.next()));
    expect(open).toBe(12);
    const sums = await Promise.all(Array.from({ length: 40 }, () => host.run(nested(), {})));
    expect(sums).toEqual(Array.from({ length: 40 }, () => 18));
    // 12 streams, 8 lists at a time, and what those ask for
    expect(most).toBeLessThanOrEqual(12 + 8 + 8);
    await Promise.all(streams.map((stream) => stream.return()));
    await expect.poll(() => open).toBe(0);
  });

  test('a list can be given up in the tick that asks for it', async () => {
    const { rt, transports } = clients(things(3));
    // more often than there are turns: each is given back
    for (let i = 0; i < 9; i++) {
      const controller = new AbortController();
      const list = rt.list({ signal: controller.signal });
      controller.abort(new Error('enough'));
      await expect(list).rejects.toThrow('enough');
    }
    expect(transports).toEqual([]);
    expect(await rt.list()).toEqual(six);
  });

  test('a list that waits for its turn can be given up', async () => {
    const { rt, host } = clients(() => []);
    const waiting = Array.from({ length: 8 }, () => rt.list());
    for (const list of waiting) list.catch(() => {});
    const controller = new AbortController();
    const ninth = rt.list({ signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 5);
    await expect(ninth).rejects.toThrow('enough');
    host.close();
    for (const outcome of await Promise.allSettled(waiting)) expect(outcome).toMatchObject({ reason: expect.any(ClosedError) as Error });
  });
});
