import { expect, test } from 'vitest';
import { errnoName } from '../../src/netlink/sys/errno.ts';

test('an errno has its name', () => {
  expect(errnoName(17)).toBe('EEXIST');
});
