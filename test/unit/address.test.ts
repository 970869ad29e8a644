import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressFamily,
  canonicalAddress,
  formatAddress,
  isNetwork,
  networkOf,
  parseAddress,
  parsePrefix,
} from '../../src/netlink/address.ts';

/** Texts that are nearly dotted quads: digits, dots and what else goes wrong. */
const nearly = fc.oneof(
  fc.ipV4(),
  fc.stringMatching(/^[0-9.]{0,16}$/),
  fc
    .array(fc.oneof(fc.integer({ min: -1, max: 300 }).map(String), fc.constantFrom('', '00', '01', '1e1', ' 1', '１')), {
      minLength: 3,
      maxLength: 5,
    })
    .map((parts) => parts.join('.')),
);

describe('addresses', () => {
  test('are of the family that node:net says', () => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.ipV6(), fc.string()), (text) => {
        const expected = isIPv4(text) ? 'inet' : isIPv6(text) && !text.includes('%') ? 'inet6' : undefined;
        expect(addressFamily(text)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  test('of IPv4 are taken apart as Number takes their parts', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect([...parseAddress(text)]).toEqual(text.split('.').map(Number));
        expect(formatAddress(parseAddress(text))).toBe(text);
      }),
    );
  });

  test('networks have no bits beyond their length', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, length) => {
        const prefix = parsePrefix(`${address}/${length}`);
        const number = address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
        expect(prefix).toMatchObject({ family: 'inet', address, length });
        expect(isNetwork(prefix)).toBe(number % 2 ** (32 - length) === 0);
        expect(isNetwork(networkOf(prefix))).toBe(true);
        expect(canonicalAddress(networkOf(prefix))).toBe(formatAddress(networkOf(prefix).bytes));
      }),
    );
  });

  test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/1a', '10.0.0.0/0008', '10.0.0.0/ 8', '::/129', '10.0.0.0/8/8'])(
    '%s is refused',
    (text) => {
      expect(() => parsePrefix(text)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    },
  );
});
