import { expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';

test('what the module exports', () => {
  expect(Object.keys(netns).sort()).toEqual([
    'Netns',
    'NetnsWatch',
    'RootlessNetns',
    'attach',
    'attachSync',
    'create',
    'createRootless',
    'createSync',
    'delete',
    'deleteSync',
    'exists',
    'existsSync',
    'identify',
    'identifySync',
    'inspect',
    'inspectSync',
    'list',
    'listSync',
    'open',
    'openSync',
    'pids',
    'pidsSync',
    'setId',
    'setIdSync',
    'watch',
  ]);
});

test('options that a function has none of are refused, those of calls too', async () => {
  const [timeout, error] = [{ timeout: 5 } as never, { name: 'InputError', argument: 'timeout', code: 'ERR_UNKNOWN_OPTION' }];
  await expect(netns.createRootless(timeout)).rejects.toMatchObject(error);
  await expect(netns.pids(process.pid, timeout)).rejects.toMatchObject(error);
  expect(() => netns.watch(timeout)).toThrow(expect.objectContaining(error));
  await expect(netns.createRootless({ signal: 5 as never })).rejects.toMatchObject({ name: 'InputError', argument: 'signal' });
});

test.each([[''], ['.'], ['..'], ['a/b'], ['/run/netns/red'], ['a\0'], ['x'.repeat(256)], [5], [null], [{}]])(
  '%j is refused as a name before anything happens',
  async (name) => {
    const bad = name as unknown as string;
    const error = { name: 'InputError', argument: 'name' };
    await expect(netns.create(bad)).rejects.toMatchObject(error);
    await expect(netns.delete(bad)).rejects.toMatchObject(error);
    await expect(netns.exists(bad)).rejects.toMatchObject(error);
    expect(() => netns.createSync(bad)).toThrow(expect.objectContaining(error));
    expect(() => netns.deleteSync(bad)).toThrow(expect.objectContaining(error));
    expect(() => netns.existsSync(bad)).toThrow(expect.objectContaining(error));
  },
);

test.each([[''], ['..'], ['a/b'], [0], [-5], [1.5], [null], [undefined], [{}], [[]]])('%j is refused as a reference', async (reference) => {
  const bad = reference as unknown as string;
  const error = { name: 'InputError', argument: 'reference' };
  await expect(netns.open(bad)).rejects.toMatchObject(error);
  expect(() => netns.openSync(bad)).toThrow(expect.objectContaining(error));
});
