/** createVethPair as a program: what it asks for when the kernel does not announce what it has made (before Linux 6.2). */
import { expect, test } from 'vitest';
import { createVethPair } from '../../src/builders/veth-pair.ts';
import { NetlinkError } from '../../src/netlink/errors.ts';
import type { RequestStep } from '../../src/netlink/program.ts';

const near = { index: 7, name: 'near', flags: 0, type: 1, family: 0, change: 0, link: 8, info: { kind: 'veth' } };
const far = { ...near, index: 8, name: 'far', link: 7 };

/** The program up to the creation, which is answered with no announcement. */
function unannounced() {
  const program = createVethPair({ name: 'near', peer: { name: 'far' } });
  const creation = program.next().value as RequestStep;
  expect(creation.request).toMatchObject({ operation: { name: 'RTM_NEWLINK' }, expects: 'echo' });
  expect(creation.patience).toBe('outcome');
  const reading = program.next([]).value as RequestStep;
  expect(reading.request).toMatchObject({ operation: { name: 'RTM_GETLINK' }, value: { name: 'near' }, expects: 'reply' });
  expect(reading.patience).toBe('always');
  return program;
}

test('the near end is read back', () => {
  const program = unannounced();
  expect((program.next(near).value as RequestStep).request).toMatchObject({ operation: { name: 'RTM_GETLINK' }, value: { name: 'far' } });
  const { done, value } = program.next(far);
  expect(done).toBe(true);
  expect(value).toMatchObject({ link: { name: 'near', index: 7, peer: 'far' }, peer: { name: 'far', index: 8, peer: 'near' } });
});

test('the pair is deleted when that fails', () => {
  const program = unannounced();
  const failure = new NetlinkError({ syscall: 'RTM_GETLINK', subject: 'near', errno: 12 });
  const deletion = program.throw(failure).value as RequestStep;
  expect(deletion.request).toMatchObject({ operation: { name: 'RTM_DELLINK' }, value: { name: 'near' } });
  expect(deletion.patience).toBe('always');
  expect(() => program.next()).toThrow(failure);
});
