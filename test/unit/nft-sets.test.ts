/** Sets, elements and objects: bytes of the kernel to objects and back. */
import { describe, expect, test } from 'vitest';
import { keyRange, readRange } from '../../src/nft/datatype/key.ts';
import { type KeyType, layoutOf } from '../../src/nft/datatype/layout.ts';
import { getElements } from '../../src/nft/element.ts';
import { readElements, withBytes } from '../../src/nft/element-list.ts';
import { flowtableFromWire, flowtableToWire, getFlowtable } from '../../src/nft/flowtable.ts';
import { getObject, objectFromWire, objectToWire } from '../../src/nft/object.ts';
import { getSet } from '../../src/nft/set.ts';
import { setFromWire, setToWire } from '../../src/nft/set-definition.ts';
import { elementLayout, elementsFromWire, elementsToWire } from '../../src/nft/set-elements.ts';
import type { UserDataEntry } from '../../src/nft/userdata.ts';
import { corpus, corpusPresent, withoutNestedFlags } from '../support/nft-corpus.ts';

interface Body {
  parse(bytes: Uint8Array): object;
  bytes(value: never): Buffer;
}

/** An element in words, whatever the order of its members. */
function text(element: object): string {
  const hex = (_: string, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
  return Object.entries(element)
    .map(([name, value]) => `${name} ${JSON.stringify(value, hex)}`)
    .sort()
    .join();
}

function roundTrip<B extends Body>(body: B, hex: string): ReturnType<B['parse']> {
  const decoded = body.parse(Buffer.from(hex, 'hex')) as ReturnType<B['parse']>;
  const [ours, kernels] = withoutNestedFlags(body.bytes(decoded as never), hex);
  expect(ours).toBe(kernels);
  return decoded;
}

const inPlace = { parse: (bytes: Buffer) => withBytes(getElements).reply.decode(bytes, 0, bytes.length) };

describe.skipIf(!corpusPresent)('the corpus', () => {
  test('of sets, elements and objects decodes and encodes to the same bytes', () => {
    const counts = { sets: 0, elements: 0, objects: 0 };
    for (const { id, kernel } of corpus()) {
      for (const hex of kernel?.set ?? []) {
        const wire = roundTrip(getSet.body, hex);
        expect(wire.unknown, id).toBeUndefined();
        counts.sets++;
        const set = setFromWire(wire);
        const again = setToWire(set);
        for (const member of ['keyType', 'keyLength', 'dataType', 'dataLength', 'objectType', 'policy', 'timeout'] as const)
          if (wire[member] !== undefined && wire[member] !== 0) expect(again[member], `${id}: ${member}`).toEqual(wire[member]);
        expect([...(again.flags ?? [])].sort(), id).toEqual([...(wire.flags ?? [])].sort());
        // the order of a single byte says nothing
        const bytes = (list: readonly UserDataEntry[] | undefined) =>
          list
            ?.filter(({ type }) => type !== 0 || wire.keyLength !== 1)
            .map(({ type, data }: UserDataEntry) => `${type} ${Buffer.from(data).toString('hex')}`)
            .sort();
        expect(bytes(again.userdata), id).toEqual(bytes(wire.userdata));
        const layout = elementLayout(set);
        const elements = (kernel?.elem?.[set.name] ?? []).flatMap((message) => {
          const decoded = roundTrip(getElements.body, message);
          expect(decoded.unknown, id).toBeUndefined();
          return decoded.elements ?? [];
        });
        const sort = (list: typeof elements) => list.map(text).sort();
        // nft also says where nothing begins yet: an end at zero
        const isZeroEnd = ({ key, flags }: (typeof elements)[number]) =>
          flags?.includes('interval-end') === true && key instanceof Uint8Array && key.every((byte) => byte === 0);
        // and leaves an end out where the next interval starts; the kernel takes both
        const starts = new Set(elements.filter(({ flags }) => flags === undefined).map(({ key }) => text({ key })));
        const isShared = ({ key, flags }: (typeof elements)[number]) =>
          flags?.includes('interval-end') === true && starts.has(text({ key }));
        const written = elementsToWire({ ...layout, set: { ...set, autoMerge: false } }, elementsFromWire(layout, elements));
        const without = (list: typeof elements) => sort(list.filter((element) => !isZeroEnd(element) && !isShared(element)));
        expect(without(written), id).toEqual(without(elements));
        // what is read where it lies is what is decoded as attributes
        const lists = (kernel?.elem?.[set.name] ?? []).map((message) => inPlace.parse(Buffer.from(message, 'hex')).elements);
        expect(
          readElements(
            layout,
            lists.flatMap((list) => (list === undefined ? [] : [list])),
          ),
          id,
        ).toEqual(elementsFromWire(layout, elements));
        counts.elements += elements.length;
      }
      for (const hex of kernel?.obj ?? []) {
        const wire = roundTrip(getObject.body, hex);
        expect(wire.unknown, id).toBeUndefined();
        const object = objectFromWire(wire);
        expect(typeof object.type, id).toBe('string');
        expect(objectToWire(object), id).toMatchObject({ name: wire.name, type: wire.type, data: wire.data });
        counts.objects++;
      }
    }
    expect(counts.sets).toBeGreaterThan(400);
    expect(counts.elements).toBeGreaterThan(1000);
    expect(counts.objects).toBeGreaterThan(10);
  });
});

describe('keys', () => {
  const cases: [KeyType, unknown, string, string][] = [
    ['ipv4_addr', '10.0.0.0/25', '0a000000', '0a00007f'],
    ['ipv4_addr', '10.0.0.9', '0a000009', '0a000009'],
    ['ipv4_addr', '0.0.0.0/0', '00000000', 'ffffffff'],
    ['ipv6_addr', 'fd00::/9', `fd${'00'.repeat(15)}`, `fd7f${'ff'.repeat(14)}`],
    ['inet_service', '80-90', '0050', '005a'],
    ['mark', '1-256', '00000001', '00000100'],
    ['ether_addr', '02:00:00:00:00:01-02:00:00:00:00:ff', '020000000001', '0200000000ff'],
    ['ifname', 'eth*', `657468${'00'.repeat(13)}`, `657468${'ff'.repeat(13)}`],
    [['ipv4_addr', 'inet_service'], ['10.0.0.0/8', '80-90'], '0a00000000500000', '0affffff005a0000'],
    [{ type: 'integer', length: 8 }, '1-18446744073709551615', '0000000000000001', 'ffffffffffffffff'],
  ];

  test.each(cases)('%j: %j', (type, key, from, to) => {
    const layout = layoutOf(type, true);
    const range = keyRange(layout, key);
    expect(range.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([from, to]);
    expect(readRange(layout, ...range)).toEqual(key);
  });
});

describe('flowtables', () => {
  // what nft 1.0.6 sends for: add flowtable inet t f { hook ingress priority filter + 5; devices = { lo, eth0 }; counter; }
  const sent =
    '01000000060001007400000006000200660000002c0003000800010000000000080002000000000518000300090001006574683000000000070001006c6f00000800070000000002';
  test('are as nft sends them', () => {
    const wire = roundTrip(getFlowtable.body, sent);
    const flowtable = flowtableFromWire(wire);
    expect(flowtable).toEqual({
      family: 'inet',
      table: 't',
      name: 'f',
      hook: 'ingress',
      priority: 5,
      devices: ['eth0', 'lo'],
      flags: ['counter'],
    });
    expect(getFlowtable.body.bytes(flowtableToWire({ ...flowtable, priority: 'filter + 5' }))).toEqual(getFlowtable.body.bytes(wire));
  });
});
