/** Comments and other user data. */
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/netlink/errors.ts';
import { ownerEntry, ownerKey } from '../../src/nft/owner.ts';
import { getRule, ruleFromWire, ruleToWire } from '../../src/nft/rule.ts';
import { annotations, userDataOf } from '../../src/nft/userdata.ts';

const place = { family: 'ip', table: 't', chain: 'c' } as const;
const wire = (rule: object) => getRule.body.parse(getRule.body.bytes(ruleToWire({ ...place, ...rule })));

describe('a comment', () => {
  test('is type 0, NUL-terminated, as nft writes it', () => {
    expect(wire({ comment: 'hi' }).userdata).toEqual([{ type: 0, data: Uint8Array.of(0x68, 0x69, 0) }]);
    expect(ruleFromWire(wire({ comment: 'grüße' })).comment).toBe('grüße');
  });

  test('has at most 128 bytes', () => {
    expect(ruleFromWire(wire({ comment: 'x'.repeat(128) })).comment).toHaveLength(128);
    expect(() => wire({ comment: 'x'.repeat(129) })).toThrow(InputError);
    expect(() => wire({ comment: 'ü'.repeat(65) })).toThrow(/^comment: is 130 bytes long; at most 128 fit/);
    expect(() => wire({ comment: 'a\0b' })).toThrow(/^comment: contains a NUL/);
    expect(() => wire({ comment: 7 })).toThrow(/^comment: expected a string/);
  });
});

describe('other entries', () => {
  test('stay as they are, beside the comment', () => {
    const userdata = [{ type: 9, data: Uint8Array.of(1, 2) }];
    expect(ruleFromWire(wire({ comment: 'hi', userdata }))).toMatchObject({ comment: 'hi', userdata });
    expect(annotations(userDataOf({ comment: 'hi', userdata }))).toEqual({ comment: 'hi', userdata });
    expect(userDataOf({})).toBeUndefined();
  });

  test('fit 256 bytes', () => {
    const entry = { type: 9, data: new Uint8Array(200) };
    expect(() => wire({ userdata: [entry, entry] })).toThrow(/^userdata: takes 404 bytes; the kernel takes at most 256/);
    expect(() => wire({ userdata: [{ type: 256, data: new Uint8Array(1) }] })).toThrow(/type: expected an integer from 0 to 255/);
  });

  test('that are no such list survive as an unknown attribute', () => {
    const unknown = [{ type: 7, data: Uint8Array.of(0, 9, 1) }];
    const rule = ruleFromWire(wire({ unknown }));
    expect(rule).toMatchObject({ unknown });
    expect(rule.comment).toBeUndefined();
    expect(wire(rule).unknown).toEqual(unknown);
  });

  test('mark what is netloom’s', () => {
    expect(ownerKey([{ type: 0, data: Uint8Array.of(0) }, ownerEntry('masquerade:1')])).toBe('masquerade:1');
    expect(ownerKey([{ type: 224, data: Uint8Array.from(Buffer.from('other:1\0')) }])).toBeUndefined();
    expect(ownerKey(undefined)).toBeUndefined();
  });
});
