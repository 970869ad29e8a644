/** What nf_tables' methods and changes are given: nothing that they do not know is passed over in silence, and nothing is sent before that is seen. */
import { describe, expect, test } from 'vitest';
import { layoutId, layoutOf, typeFromWire } from '../../src/nft/datatype/layout.ts';
import { change, open } from '../../src/nft/index.ts';
import { newSet } from '../../src/nft/set.ts';
import { setFromWire } from '../../src/nft/set-definition.ts';
import { fakeKernel } from '../../src/testing/index.ts';

const place = { family: 'ip', table: 't' } as const;
const named = { ...place, name: 'x' } as const;
const inChain = { ...place, chain: 'c' } as const;
const set = { ...named, type: 'ipv4_addr' } as const;
// for what does not compile
const any = (given: unknown): never => given as never;

describe('changes', () => {
  const refused: readonly (readonly [string, () => unknown, string])[] = [
    ['a member of a table', () => change.tables.add(any({ family: 'ip', name: 't', flag: [] })), 'flag'],
    ['a member of a chain', () => change.chains.add(any({ ...named, polcy: 'drop' })), 'polcy'],
    ['a member of a set', () => change.sets.add(any({ ...set, automerge: true })), 'automerge'],
    ['a member of an object', () => change.objects.add(any({ ...named, type: 'counter', packets: 1 })), 'packets'],
    ['a member of a flowtable', () => change.flowtables.add(any({ ...named, priority: 0, device: 'lo' })), 'device'],
    ['a member of a rule', () => change.rules.add(any({ ...inChain, statements: [], coment: 'x' })), 'coment'],
    ['text in place of statements', () => change.rules.add(any({ ...inChain, statements: 'tcp dport 22 accept' })), 'statements'],
    ['what merges', () => change.sets.add(any({ ...set, autoMerge: 'yes' })), 'autoMerge'],
    ['ranges of what is no value', () => change.sets.add({ ...set, map: 'verdict', mapInterval: true }), 'mapInterval'],
    ['letters in place of elements', () => change.elements.add(set, any('10.0.0.1')), 'elements'],
    ['a number in place of elements', () => change.elements.add({ ...set, flags: ['interval'] }, any(5)), 'elements'],
  ];
  test.each(refused)('%s', (_, make, argument) => {
    expect(make).toThrow(expect.objectContaining({ name: 'InputError', argument }));
  });
});

test('methods', async () => {
  let sent = 0;
  const kernel = fakeKernel(() => {
    sent++;
    return undefined;
  });
  await using nf = await open({ transport: kernel.transport });
  const calls: readonly (readonly [() => Promise<unknown>, string])[] = [
    // they act where their client is, whatever they are told
    [() => nf.transaction([], any({ netns: 'red' })), 'netns'],
    [() => nf.rules.list(any({ netns: 'red' })), 'netns'],
    [() => nf.flush(any({ netns: 'red' })), 'netns'],
    [() => nf.tables.get({ family: 'ip', name: 't' }, any({ netns: 'red' })), 'netns'],
    [() => nf.chains.delete(named, any({ force: true })), 'force'],
    [() => nf.rules.flush(inChain, any({ force: true })), 'force'],
    [() => nf.sets.create(set, any({ force: true })), 'force'],
    [() => nf.elements.add(set, ['10.0.0.1'], any({ force: true })), 'force'],
    [() => nf.objects.reset({ ...named, type: 'counter' }, any({ force: true })), 'force'],
    [() => nf.flowtables.destroy(named, any({ force: true })), 'force'],
    [() => nf.chains.list({ table: any(5) }), 'table'],
    [() => nf.rules.list({ chain: 'a\0b' }), 'chain'],
    [() => nf.rules.list({ table: 'x'.repeat(256) }), 'table'],
    [() => nf.sets.list({ anonymous: any('yes') }), 'anonymous'],
    [() => nf.elements.add(set, any('10.0.0.1')), 'elements'],
    [() => nf.elements.get(set, any(5)), 'elements'],
  ];
  for (const [call, argument] of calls) await expect(call(), argument).rejects.toMatchObject({ name: 'InputError', argument });
  expect(sent).toBe(0);
});

test('a comment on an interval that has no end does not take the end away', () => {
  const entries = (comment?: string): unknown => {
    const element = { key: '240.0.0.0/4', ...(comment === undefined ? {} : { comment }) };
    const [request] = change.elements.add({ ...set, flags: ['interval'] }, [element]).requests;
    return (request!.value as { elements: { userdata: { type: number }[] }[] }).elements[0]!.userdata.map(({ type }) => type);
  };
  expect(entries()).toEqual([1]);
  // as nft(8) writes them: the comment, and the flag
  expect(entries('x')).toEqual([0, 1]);
});

test('of more than five types in a row, the number of nft tells no others than the last five', () => {
  const types = ['inet_service', 'mark', 'ipv4_addr', 'ipv4_addr', 'ipv4_addr', 'ipv4_addr', 'inet_proto'] as const;
  const layout = layoutOf(types, true);
  const id = layoutId(layout);
  expect(typeFromWire({ id, length: layout.length })).toEqual({ id, length: layout.length });
  const read = typeFromWire({ id, length: layout.length, fieldLengths: layout.fields.map(({ length }) => length) });
  expect(read).toEqual([{ id: 0, length: 2 }, { id: 3, length: 4 }, 'ipv4_addr', 'ipv4_addr', 'ipv4_addr', 'ipv4_addr', 'inet_proto']);
  // what is listed, made again, is listed the same
  expect(layoutId(layoutOf(read, true))).toBe(id);
  const [request] = change.sets.add({ ...named, type: read, flags: ['interval'] }).requests;
  expect(setFromWire(newSet.body.parse(newSet.body.bytes(request!.value as never))).type).toEqual(read);
});
