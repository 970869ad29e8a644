/** Elements that move to a larger table while they are listed: such a listing is made again. On the real kernel that takes luck. */
import { expect, test } from 'vitest';
import { DumpInterruptedError } from '../../src/netlink/errors.ts';
import { SyncHost } from '../../src/netlink/host-sync.ts';
import { NLM_F_MULTI } from '../../src/netlink/message.ts';
import { FakeTransport, fakeDone, fakeMessage } from '../../src/netlink/transport/fake.ts';
import { getElements, newElements } from '../../src/nft/element.ts';
import { elementPrograms } from '../../src/nft/elements.ts';
import { getSet, newSet } from '../../src/nft/set.ts';

const where = { family: 'inet', table: 't' } as const;
const set = { ...where, name: 's', type: 'mark' } as const;
/** The same in messages: NFPROTO_INET. */
const wire = { family: 1, table: 't' };

interface Kernel {
  count?: number;
  backend?: string;
  /** The keys that each listing shows in its turn; the last again and again. */
  dumps: readonly (readonly number[])[];
}

function listed({ dumps, ...more }: Kernel): { keys: unknown[]; dumps: number } {
  let dump = 0;
  const transport = new FakeTransport(([request]) => {
    if (request!.type === getSet.type)
      return [fakeMessage(request!.sequence, newSet.type, newSet.body.bytes({ ...wire, name: 's', keyType: 19, keyLength: 4, ...more }))];
    if (request!.type !== getElements.type) throw new Error(`${request!.type} was asked`);
    const keys = dumps[Math.min(dump++, dumps.length - 1)]!;
    const elements = keys.map((key) => ({ key: Buffer.from([key & 255, key >> 8, 0, 0]) }));
    const body = newElements.body.bytes({ ...wire, set: 's', elements });
    return [fakeMessage(request!.sequence, newElements.type, body, NLM_F_MULTI), fakeDone(request!)];
  });
  const host = new SyncHost({ openTransport: () => transport });
  try {
    const elements = host.run(elementPrograms.list(set), {});
    return { keys: elements.map(({ key }) => key), dumps: dump };
  } finally {
    host.close();
  }
}

const all = Array.from({ length: 100 }, (_, i) => i);
const twice = [...all.slice(0, 60), ...all.slice(0, 40)];
const short = all.slice(0, 90);

test.each<[string, Kernel, number]>([
  ['all at once', { count: 100, backend: 'rhash', dumps: [all] }, 1],
  ['some twice, others not', { count: 100, backend: 'rhash', dumps: [twice, twice, all] }, 3],
  ['some twice, on a kernel that does not count', { dumps: [twice, all] }, 2],
  ['some missing', { count: 100, backend: 'rhash', dumps: [short, twice, all] }, 3],
])('%s', (_, kernel, dumps) => {
  expect(listed(kernel)).toEqual({ keys: all, dumps });
});

test('fewer than the kernel counts, again and again: the rest has expired', () => {
  expect(listed({ count: 100, backend: 'rhash', dumps: [short] })).toEqual({ keys: short, dumps: 2 });
});

test('a table of a fixed size does not move', () => {
  expect(listed({ count: 100, backend: 'hash', dumps: [short] })).toEqual({ keys: short, dumps: 1 });
});

test('some twice each time is an error in the end', () => {
  expect(() => listed({ count: 100, backend: 'rhash', dumps: [twice] })).toThrow(DumpInterruptedError);
});
