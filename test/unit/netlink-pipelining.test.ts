/** Many requests at a time over a kernel with a small receive buffer: whatever is lost, nobody is told what is not so. */
import { describe, expect, test } from 'vitest';
import { attr, attributes } from '../../src/netlink/attributes.ts';
import {
  InputError,
  MalformedMessageError,
  NetlinkError,
  type NetloomError,
  OutcomeUnknownError,
  SystemError,
  TimeoutError,
} from '../../src/netlink/errors.ts';
import { Host } from '../../src/netlink/host.ts';
import { SyncHost } from '../../src/netlink/host-sync.ts';
import { message, NLM_F_ACK } from '../../src/netlink/message.ts';
import type { Expectation, Operation, Request } from '../../src/netlink/operation.ts';
import { ask, askEach, type TransactionStep } from '../../src/netlink/program.ts';
import { fields, struct } from '../../src/netlink/struct.ts';
import { bytes, string } from '../../src/netlink/text.ts';
import {
  type FakeAnswer,
  type FakeKernel,
  type FakeRequest,
  FakeTransport,
  fakeAck,
  fakeMessage,
} from '../../src/netlink/transport/fake.ts';
import type { Datagram } from '../../src/netlink/transport/transport.ts';

const thing = message(
  'THING',
  struct('thing_header', () => ({ index: fields.u32 })),
  attributes('THING', () => ({ name: attr('THING_NAME', 1, string(15)), data: attr('THING_DATA', 2, bytes) })),
);
type Thing = ReturnType<typeof thing.parse>;
const operation: Operation<Partial<Thing>, Thing> = { name: 'THING_NEW', protocol: 0, type: 100, body: thing, reply: thing };

function request<E extends Expectation>(expects: E, value: Partial<Thing> = {}): Request<Thing, E> {
  return { operation, flags: 0, value, expects, subject: `thing ${value.index ?? ''}` };
}

const asksForAck = (r: FakeRequest): boolean => (r.flags & NLM_F_ACK) !== 0;
const obedient: FakeKernel = (requests) => requests.filter(asksForAck).map((r) => fakeAck(r));
const indexOf = (r: FakeRequest): number => r.body.readUInt32LE(0);
const EEXIST = 17;
const ENOBUFS = 105;

/** The receive queue as the kernel has it: full, it drops what comes, says so once, and goes on dropping until it has been empty. */
class BoundedTransport extends FakeTransport {
  losses = 0;
  /** Answers that were queued when a datagram was sent. */
  readonly queuedAtSend: number[] = [];
  private readonly answers: FakeAnswer[] = [];
  private readonly carryOut: FakeKernel;
  private readonly capacity: number;
  private congested = false;
  private error = false;

  /** @param capacity answers that the receive queue holds */
  constructor(kernel: FakeKernel, capacity: number, announced = 1280 * capacity) {
    super(() => [], announced);
    this.carryOut = kernel;
    this.capacity = capacity;
  }

  override send(bytes: Buffer, length: number): void {
    this.queuedAtSend.push(this.answers.length);
    super.send(bytes, length);
    for (const answer of this.carryOut(this.sent.at(-1)!)) {
      if (!this.congested && this.answers.length < this.capacity) this.answers.push(answer);
      else {
        this.error ||= !this.congested;
        this.congested = true;
        this.losses++;
      }
    }
  }

  override receive(): Datagram | undefined {
    if (this.error) {
      this.error = false;
      throw new SystemError('recvfrom', ENOBUFS);
    }
    const next = this.answers.shift();
    if (this.answers.length === 0) this.congested = false;
    if (next === undefined) return undefined;
    return { bytes: next as Buffer, length: (next as Buffer).length };
  }

  override wait(): boolean {
    return this.answers.length > 0 || this.error;
  }
}

/** Creates things; one that exists is refused. */
function creating(): { kernel: FakeKernel; existing: Set<number> } {
  const existing = new Set<number>();
  const kernel: FakeKernel = (requests) =>
    requests.flatMap((r) => {
      const index = indexOf(r);
      if (existing.has(index)) return [fakeAck(r, EEXIST)];
      existing.add(index);
      return asksForAck(r) ? [fakeAck(r)] : [];
    });
  return { kernel, existing };
}

function opened<T extends FakeTransport>(make: () => T): { host: Host; sync: SyncHost; transports: T[] } {
  const transports: T[] = [];
  const openTransport = (): T => {
    transports.push(make());
    return transports.at(-1)!;
  };
  return { host: new Host({ openTransport, keepOpen: true }), sync: new SyncHost({ openTransport, keepOpen: true }), transports };
}

/** Checks what each request was told against what became of it. `repeats`: the requests that ask for what an earlier one created. */
function judge(outcomes: readonly PromiseSettledResult<unknown>[], refusedAt: (i: number) => boolean): { unknown: number } {
  let unknown = 0;
  outcomes.forEach((outcome, i) => {
    if (outcome.status === 'rejected' && outcome.reason instanceof OutcomeUnknownError) unknown++;
    else if (refusedAt(i)) expect(outcome, String(i)).toMatchObject({ status: 'rejected', reason: { code: 'EEXIST' } });
    else expect(outcome.status, String(i)).toBe('fulfilled');
  });
  return { unknown };
}

const settled = (results: readonly ({ ok: true; value: unknown } | { ok: false; error: Error })[]): PromiseSettledResult<unknown>[] =>
  results.map((result) => (result.ok ? { status: 'fulfilled', value: result.value } : { status: 'rejected', reason: result.error }));

describe('what is in flight fits the receive buffer', () => {
  // every third asks for what its predecessor has created
  const refused = (i: number): boolean => i % 3 === 2;
  const indexes = Array.from({ length: 2000 }, (_, i) => (refused(i) ? i - 1 : i));

  test.each([1, 2, 7, 100])('if every request were refused: %i answers fit', async (capacity) => {
    const { kernel } = creating();
    const { host, transports } = opened(() => new BoundedTransport(kernel, capacity));
    const outcomes = await Promise.allSettled(indexes.map((index) => host.run(ask(request('ack', { index })), {})));
    expect(judge(outcomes, refused)).toEqual({ unknown: 0 });
    expect(transports[0]!.losses).toBe(0);
    expect(Math.max(...transports[0]!.sent.map((datagram) => datagram.length))).toBe(capacity);
    expect(transports[0]!.sent.flat().map(indexOf)).toEqual(indexes);
  });

  test('also in place', () => {
    const { kernel } = creating();
    const { sync, transports } = opened(() => new BoundedTransport(kernel, 7));
    expect(judge(settled(sync.run(askEach(indexes.map((index) => request('ack', { index }))), {})), refused)).toEqual({ unknown: 0 });
    expect(transports[0]!.losses).toBe(0);
  });

  test('a reply takes more room than a refusal', async () => {
    const { host, transports } = opened(
      () => new BoundedTransport((requests) => requests.map((r) => fakeMessage(r.sequence, 101, r.body)), 100, 3 * 8192),
    );
    const values = await Promise.all(Array.from({ length: 10 }, (_, index) => host.run(ask(request('reply', { index })), {})));
    expect(values.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(transports[0]!.sent.map((datagram) => datagram.length)).toEqual([3, 3, 3, 1]);
  });

  test('a transaction, which cannot be split, asks for a larger one', async () => {
    class Growing extends FakeTransport {
      asked: number[] = [];
      reserveReceive(length: number): void {
        this.asked.push(length);
      }
    }
    const kernel: FakeKernel = (requests) => [fakeAck(requests.find(asksForAck)!)];
    const { host, sync, transports } = opened(() => new Growing(kernel, 12_800));
    const step: TransactionStep = { op: 'transaction', requests: Array.from({ length: 20 }, (_, index) => request('ack', { index })) };
    function* program() {
      yield step;
    }
    await host.run(program(), {});
    sync.run(program(), {});
    expect(transports.map(({ asked }) => asked)).toEqual([[25_600], [25_600]]);
  });
});

describe('an overrun', () => {
  test.each([1, 3, 50])('is noticed, and nobody is told what is not so: %i answers fit, a thousand are announced', async (capacity) => {
    for (const step of [2, 3, 5, 40]) {
      const refused = (i: number): boolean => i % step === step - 1;
      const indexes = Array.from({ length: 700 }, (_, i) => (refused(i) ? i - 1 : i));
      const { kernel, existing } = creating();
      const { host, transports } = opened(() => new BoundedTransport(kernel, capacity, 1_280_000));
      const outcomes = await Promise.allSettled(indexes.map((index) => host.run(ask(request('ack', { index })), {})));
      const { unknown } = judge(outcomes, refused);
      const [transport] = transports;
      expect(unknown > 0).toBe(transport!.losses > 0);
      // an answer for which there was room counts
      const answered = outcomes.filter((outcome) => outcome.status === 'rejected' && outcome.reason instanceof NetlinkError).length;
      if (transport!.losses > 0) expect(answered).toBe(capacity);
      expect(existing.size).toBe(new Set(indexes).size);
      // emptied before the next datagram, whose answers the kernel would drop otherwise
      await expect(host.run(ask(request('ack', { index: 0 })), {})).rejects.toMatchObject({ code: 'EEXIST' });
      expect(await host.run(ask(request('ack', { index: 9999 })), {})).toBeUndefined();
      expect(transport!.queuedAtSend.every((queued) => queued === 0)).toBe(true);
    }
  });

  test('the same in place', () => {
    const refused = (i: number): boolean => i % 2 === 1;
    const { kernel } = creating();
    const { sync } = opened(() => new BoundedTransport(kernel, 5, 1_280_000));
    const requests = Array.from({ length: 100 }, (_, i) => request('ack', { index: refused(i) ? i - 1 : i }));
    const { unknown } = judge(settled(sync.run(askEach(requests), {})), refused);
    expect(unknown).toBe(95);
    expect(() => sync.run(ask(request('ack', { index: 0 })), {})).toThrow(/EEXIST/);
    expect(sync.run(ask(request('ack', { index: 9999 })), {})).toBeUndefined();
  });

  // the kernel can also lose one answer for want of memory, and queue those that follow
  test('of one refusal among acks that arrive: what was not answered in so many words is unknown', async () => {
    const kernel: FakeKernel = (requests) => [{ receiveErrno: ENOBUFS }, fakeAck(requests[1]!, EEXIST), fakeAck(requests.at(-1)!)];
    const { host, sync } = opened(() => new FakeTransport(kernel));
    for (const outcomes of [
      await host.run(askEach([0, 1, 2, 3, 4].map((index) => request('ack', { index }))), {}),
      sync.run(askEach([0, 1, 2, 3, 4].map((index) => request('ack', { index }))), {}),
    ]) {
      expect(outcomes.map((outcome) => (outcome.ok ? 'done' : (outcome.error as NetloomError).code))).toEqual([
        'ENOBUFS',
        'EEXIST',
        'ENOBUFS',
        'ENOBUFS',
        'done',
      ]);
    }
  });

  test('fails only what was sent: what waits in line goes its way', async () => {
    let sends = 0;
    const kernel: FakeKernel = (requests) => (sends++ === 0 ? [{ receiveErrno: ENOBUFS }] : obedient(requests));
    const { host } = opened(() => new FakeTransport(kernel, 2560));
    const outcomes = await Promise.allSettled([0, 1, 2, 3, 4].map((index) => host.run(ask(request('ack', { index })), {})));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  });
});

describe('answers that cannot be taken in', () => {
  test.each([
    ['a datagram that did not fit (MSG_TRUNC)', 'trunc'],
    ['a length that leads out of the datagram', 'length'],
  ])('%s: the outcome is unknown, and the reason is said', async (_, sort) => {
    class Truncating extends FakeTransport {
      private once = true;
      override receive(): Datagram | undefined {
        const datagram = super.receive();
        if (datagram === undefined || !this.once) return datagram;
        this.once = false;
        if (sort === 'trunc') throw new MalformedMessageError('datagram', 65_536, 'at most 65536 bytes, found 70000 (MSG_TRUNC)');
        datagram.bytes.writeUInt32LE(4000, 0);
        return datagram;
      }
    }
    const { host, sync } = opened(() => new Truncating(obedient));
    const error: unknown = await host.run(ask(request('ack')), {}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error).toMatchObject({ code: 'EBADMSG', cause: expect.any(MalformedMessageError) as Error });
    expect(await host.run(ask(request('ack')), {})).toBeUndefined();
    expect(() => sync.run(ask(request('ack')), {})).toThrow(OutcomeUnknownError);
    expect(sync.run(ask(request('ack')), {})).toBeUndefined();
  });
});

describe('giving up', () => {
  test('one of many before they are sent: the others travel without it', async () => {
    const { host, transports } = opened(() => new FakeTransport((requests) => requests.map((r) => fakeMessage(r.sequence, 101, r.body))));
    const controllers = Array.from({ length: 9 }, () => new AbortController());
    const calls = controllers.map(({ signal }, index) =>
      host.run(ask(request('reply', { index, name: 'x'.repeat(index) })), index % 2 === 0 ? { signal } : {}),
    );
    for (const i of [0, 4, 8]) controllers[i]!.abort(new Error('enough'));
    const outcomes = await Promise.allSettled(calls);
    outcomes.forEach((outcome, index) => {
      if (index % 4 === 0) expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'enough' } });
      else expect(outcome).toMatchObject({ status: 'fulfilled', value: { index, name: 'x'.repeat(index) } });
    });
    expect(transports[0]!.sent.flat().map(indexOf)).toEqual([1, 2, 3, 5, 6, 7]);
  });

  test('all of them: nothing is sent', async () => {
    const { host, transports } = opened(() => new FakeTransport(obedient));
    const controller = new AbortController();
    const calls = [1, 2, 3].map((index) => host.run(ask(request('ack', { index })), { signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(transports.flatMap(({ sent }) => sent)).toEqual([]);
    expect(await host.run(ask(request('ack')), {})).toBeUndefined();
  });

  test('the one whose ack speaks for the others: they still learn what became of them', async () => {
    let answer = (): void => {};
    const kernel: FakeKernel = (requests) => {
      answer = () => transports[0]!.deliver(fakeAck(requests[0]!, EEXIST), fakeAck(requests.at(-1)!));
      return [];
    };
    const { host, transports } = opened(() => new FakeTransport(kernel));
    const controller = new AbortController();
    const calls = [0, 1, 2].map((index) => host.run(ask(request('ack', { index })), index === 2 ? { signal: controller.signal } : {}));
    await expect.poll(() => transports[0]?.sent.length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(calls[2]).rejects.toThrow('enough');
    answer();
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    await expect(calls[0]).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test('after a time: each by its own, and what comes too late is dropped', async () => {
    const { host, transports } = opened(() => new FakeTransport(() => []));
    const patient = host.run(ask(request('ack', { index: 1 })), { timeout: 10_000 });
    await expect(host.run(ask(request('ack', { index: 2 })), { timeout: 300 })).rejects.toThrow(/thing 2: no answer within 300 ms/);
    await expect(host.run(ask(request('ack', { index: 3 })), { timeout: 300 })).rejects.toBeInstanceOf(TimeoutError);
    const [, second] = transports[0]!.sent.flat();
    transports[0]!.deliver(fakeAck(second!, EEXIST));
    // its answer speaks for the one before it
    expect(await patient).toBeUndefined();
  });
});

describe('datagrams', () => {
  test('are split where the send buffer ends, and a message that needs more goes alone', async () => {
    const { host, transports } = opened(() => new FakeTransport(obedient, 10_000_000));
    const sizes = [60_000, 60_000, 60_000, 60_000, 100, 65_000, 65_000, 65_000];
    await Promise.all(sizes.map((size, index) => host.run(ask(request('ack', { index, data: new Uint8Array(size).fill(index) })), {})));
    const { sent } = transports[0]!;
    expect(sent.map((datagram) => datagram.map(indexOf))).toEqual([[0, 1, 2], [3, 4, 5, 6], [7]]);
    for (const r of sent.flat()) {
      const { data } = thing.parse(r.body);
      expect(Buffer.alloc(sizes[indexOf(r)]!, indexOf(r)).equals(data!)).toBe(true);
    }
  });

  test('full ones leave while the others are still being made', () => {
    const { host, transports } = opened(() => new FakeTransport(obedient, 12_800));
    // FakeTransport sends in a later turn of the loop, so what it was handed is what counts
    const handed: number[] = [];
    const sendAsync = FakeTransport.prototype.sendAsync;
    const calls: Promise<unknown>[] = [];
    for (let index = 0; index < 25; index++) {
      calls.push(host.run(ask(request('ack', { index })), {}));
      if (index === 0)
        transports[0]!.sendAsync = async (...args) => {
          handed.push(index);
          await sendAsync.apply(transports[0]!, args);
        };
    }
    expect(handed).toHaveLength(1);
    return Promise.all(calls);
  });

  test('go on in order while the event loop has no turn, as far as the kernel has come', async () => {
    /** A kernel on another thread: it answers at once, but the promise of the send settles only when the loop turns. */
    class Threaded extends FakeTransport {
      override sendAsync(bytes: Buffer, length: number): Promise<void> {
        this.send(bytes, length);
        return new Promise((resolve) => setImmediate(resolve));
      }
    }
    const { host, transports } = opened(() => new Threaded(obedient, 12_800));
    const calls: Promise<unknown>[] = [];
    for (let index = 0; index < 2000; index++) calls.push(host.run(ask(request('ack', { index })), {}));
    expect(transports[0]!.sent.length).toBeGreaterThan(4);
    await Promise.all(calls);
    expect(transports[0]!.sent.flat().map(indexOf)).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  });

  test('one bad request among several: none of them is sent, those of others are', async () => {
    const { host, sync, transports } = opened(() => new FakeTransport(obedient, 3840));
    const good = host.run(ask(request('ack', { index: 1 })), {});
    const bad = Array.from({ length: 9 }, (_, i) => request('ack', i === 7 ? { name: 'a'.repeat(16) } : { index: 100 + i }));
    const refused = host.run(askEach(bad), {});
    const alsoGood = host.run(ask(request('ack', { index: 2 })), {});
    await expect(refused).rejects.toBeInstanceOf(InputError);
    expect(await Promise.all([good, alsoGood])).toEqual([undefined, undefined]);
    expect(transports[0]!.sent.flat().map(indexOf)).toEqual([1, 2]);
    expect(() => sync.run(askEach(bad), {})).toThrow(InputError);
    expect(transports[1]!.sent).toEqual([]);
  });
});

describe('a descriptor that somebody has closed', () => {
  const EBADF = 9;
  class Gone extends FakeTransport {
    override receive(): Datagram | undefined {
      throw new SystemError('recvfrom', EBADF);
    }
    override close(): void {
      throw new Error('its number may be another file’s by now');
    }
  }
  class Unsendable extends FakeTransport {
    override send(): void {
      throw new SystemError('send', EBADF);
    }
    override close = Gone.prototype.close;
  }

  test('fails what was sent on it; what comes then goes by a new one; the number is not closed again', async () => {
    let first = true;
    const { host, sync } = opened(() => {
      const transport = first ? new Gone(obedient) : new FakeTransport(obedient);
      first = false;
      return transport;
    });
    await expect(host.run(ask(request('ack')), {})).rejects.toMatchObject({ name: 'OutcomeUnknownError', code: 'EBADF' });
    expect(await host.run(ask(request('ack')), {})).toBeUndefined();
    host.close();
    first = true;
    expect(() => sync.run(ask(request('ack')), {})).toThrow(OutcomeUnknownError);
    expect(sync.run(ask(request('ack')), {})).toBeUndefined();
    sync.close();
  });

  test('is a plain error where nothing was sent', async () => {
    let first = true;
    const { host, sync } = opened(() => {
      const transport = first ? new Unsendable(obedient, 1280) : new FakeTransport(obedient);
      first = false;
      return transport;
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((index) => host.run(ask(request('ack', { index })), {})));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'SystemError', code: 'EBADF' } });
    expect(await host.run(ask(request('ack')), {})).toBeUndefined();
    first = true;
    expect(() => sync.run(ask(request('ack')), {})).toThrow(/EBADF/);
    expect(sync.run(ask(request('ack')), {})).toBeUndefined();
  });

  test('gets nothing of what was still to be sent', () => {
    const { sync, transports } = opened(() => new Gone(obedient, 1280));
    const outcomes = sync.run(askEach([1, 2, 3].map((index) => request('ack', { index }))), {});
    expect(outcomes).toMatchObject([
      { error: { name: 'OutcomeUnknownError', code: 'EBADF' } },
      { error: { name: 'SystemError', code: 'EBADF' } },
      { error: { name: 'SystemError', code: 'EBADF' } },
    ]);
    expect(transports[0]!.sent.flat().map(indexOf)).toEqual([1]);
  });

  test('fails a dump', async () => {
    let first = true;
    const { host, sync } = opened(() => {
      const transport = first
        ? new Gone(obedient)
        : new FakeTransport((requests) => requests.map((r) => fakeMessage(r.sequence, 3, Buffer.alloc(4))));
      first = false;
      return transport;
    });
    await expect(host.run(ask(request('dump')), {})).rejects.toMatchObject({ code: 'EBADF' });
    expect(await host.run(ask(request('dump')), {})).toEqual([]);
    first = true;
    expect(() => sync.run(ask(request('dump')), {})).toThrow(/EBADF/);
    expect(sync.run(ask(request('dump')), {})).toEqual([]);
  });
});
