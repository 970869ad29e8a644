/** What decoders keep of what they read last must never show in what they read next. */
import { describe, expect, test } from 'vitest';
import { hardwareAddress } from '../../src/netlink/address.ts';
import { viewOf } from '../../src/netlink/codec.ts';
import { enumeration } from '../../src/netlink/enumeration.ts';
import { type Program, type Reading, type RequestStep, reading } from '../../src/netlink/program.ts';
import { u8, u16, u32 } from '../../src/netlink/scalar.ts';
import { readString } from '../../src/netlink/text.ts';

describe('texts and addresses that were read lately', () => {
  test('names that share a place are told apart: 5,000 of them, each read twice, in turns', () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `veth${i.toString(36)}${i % 3 === 0 ? '.100' : ''}`);
    for (let round = 0; round < 2; round++) {
      for (const name of names) {
        const bytes = Buffer.from(`__${name}\0rest`);
        expect(readString(bytes, 2, name.length + 1)).toBe(name);
        expect(readString(bytes, 2, name.length)).toBe(name);
        expect(readString(bytes, 2, name.length - 1)).toBe(name.slice(0, -1));
      }
    }
  });

  test('the empty text, long ones, and those beyond ASCII', () => {
    for (const text of ['', 'a'.repeat(48), 'a'.repeat(49), 'a'.repeat(300), 'é0', 'ethé', '\u{1f98a}'])
      for (let round = 0; round < 2; round++) expect(readString(Buffer.from(`${text}\0`), 0, Buffer.byteLength(text) + 1)).toBe(text);
  });

  test('addresses that share a place are told apart', () => {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5_000; i++) {
        const address = Buffer.from([0x02, i & 0xff, (i * 7) & 0xff, i >> 8, (i * 13) & 0xff, 0xff]);
        expect(hardwareAddress.decode(address, 0, 6)).toBe(address.toString('hex').replace(/..(?=.)/g, '$&:'));
      }
    }
    expect(hardwareAddress.decode(Buffer.alloc(6, 0xff), 0, 6)).toBe('ff:ff:ff:ff:ff:ff');
    expect(hardwareAddress.decode(Buffer.alloc(6), 0, 6)).toBe('00:00:00:00:00:00');
  });

  test('a view is of the bytes it is asked for, wherever they lie in their buffer', () => {
    const whole = Buffer.from([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
    expect([whole, whole.subarray(4), whole.subarray(8), whole].map((bytes) => viewOf(bytes).getUint32(0, true))).toEqual([1, 2, 3, 1]);
  });

  test('numbers of every size have their names, or none', () => {
    const names = enumeration(u32, { zero: 0, two: 2, last: 255, beyond: 256, far: 0xfffffffe });
    expect([0, 1, 2, 254, 255, 256, 257, 0xfffffffe, 0xffffffff].map(names.nameOf)).toEqual([
      'zero',
      1,
      'two',
      254,
      'last',
      'beyond',
      257,
      'far',
      0xffffffff,
    ]);
    expect(enumeration(u16, { none: 0xffff }).nameOf(0)).toBe(0);
    expect(enumeration(u8, {}).nameOf(0)).toBe(0);
  });
});

describe('a program that asks one thing, and more where the answer calls for it', () => {
  const step = { op: 'request', request: {} } as unknown as RequestStep;
  const more = { op: 'request', request: { more: true } } as unknown as RequestStep;
  const parts: Reading<number, string, string> = {
    *rest(answer): Program<string> {
      return `${answer} and ${String(yield more)}`;
    },
    result: (answer) => `only ${answer}`,
    refused: (error, about) => new Error(`${about}: ${(error as Error).message}`),
  };
  const plain: Reading<number, string, string> = { ...parts, rest: () => undefined };

  test('is over with the answer', () => {
    const program = reading(step, plain, 'x');
    expect(program.next()).toEqual({ done: false, value: step });
    expect(program.next(7)).toEqual({ done: true, value: 'only 7' });
    expect(program.next(8)).toEqual({ done: true, value: undefined });
  });

  test('or goes on', () => {
    const program = reading(step, parts, 'x');
    program.next();
    expect(program.next(7)).toEqual({ done: false, value: more });
    expect(program.next(8)).toEqual({ done: true, value: '7 and 8' });
  });

  test('names what it was about when it is refused, and not when something later is', () => {
    const first = reading(step, parts, 'x');
    first.next();
    expect(() => first.throw(new Error('no'))).toThrow('x: no');
    const second = reading(step, parts, 'x');
    second.next();
    second.next(7);
    expect(() => second.throw(new Error('no'))).toThrow(/^no$/);
  });

  test('can be delegated to, and stopped', () => {
    const outer = (function* (): Program<string> {
      return yield* reading(step, parts, 'x');
    })();
    expect(outer.next().value).toBe(step);
    expect(outer.next(1).value).toBe(more);
    expect(outer.return('stopped')).toEqual({ done: true, value: 'stopped' });
  });
});
