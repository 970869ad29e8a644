/** What an older kernel would pass over in silence: the link is not kept, and nothing is changed. */
import { expect, test } from 'vitest';
import { type CreateLink, newLink, openSync } from '../../src/rtnl/index.ts';
import { ack, fakeKernel, reply, type SimulatedKernel } from '../../src/testing/index.ts';

/** A kernel that reports of every link no more than `data`. */
function kernelOf(kind: string, data: object): SimulatedKernel {
  return fakeKernel((request) =>
    request.name === 'RTM_GETLINK' ? reply(request, newLink, { index: 7, name: 'x0', info: { kind, data } as never }) : ack(request),
  );
}

const old: readonly (readonly [kind: string, given: object, reported: object, attribute: string, hint: string])[] = [
  ['vxlan', { id: 5, localbypass: false }, { id: 5, df: 'unset' }, 'data.localbypass', 'needs Linux 6.5'],
  ['vxlan', { id: 5, collectMetadata: true, vnifilter: true }, { id: 5 }, 'data.vnifilter', 'needs Linux 5.18'],
  ['bridge', { fdbMaxLearned: 5 }, { priority: 1 }, 'data.fdbMaxLearned', 'needs Linux 6.7'],
  [
    'bridge',
    { multiBoolopt: { noLinklocalLearn: true, mstEnable: true } },
    { multiBoolopt: { noLinklocalLearn: true } },
    'data.multiBoolopt.mstEnable',
    'needs Linux 5.18',
  ],
  ['bridge', { multiBoolopt: { noLinklocalLearn: true } }, {}, 'data.multiBoolopt.noLinklocalLearn', 'needs Linux 5.0'],
  ['bond', { mode: '802.3ad', coupledControl: false }, { mode: '802.3ad' }, 'data.coupledControl', 'needs Linux 6.9'],
  ['netkit', { scrub: 'none' }, { mode: 'l3' }, 'data.scrub', 'needs Linux 6.13'],
];

test.each(old)('%s %j, of which %j is reported', (kind, data, reported, attribute, hint) => {
  const kernel = kernelOf(kind, reported);
  using rt = openSync({ transport: kernel.transport });
  expect(() => rt.links.create({ kind, name: 'x0', data } as CreateLink)).toThrow(
    expect.objectContaining({ name: 'UnsupportedError', code: 'EOPNOTSUPP', attribute, message: expect.stringContaining(hint) }),
  );
  expect(kernel.requests.at(-1)).toMatchObject({ name: 'RTM_DELLINK', value: { index: 7 } });
});

test('an update of such a link sends nothing', () => {
  const kernel = kernelOf('bridge', { multiBoolopt: { noLinklocalLearn: false } });
  using rt = openSync({ transport: kernel.transport });
  for (const data of [{ fdbMaxLearned: 5 }, { multiBoolopt: { mstEnable: true } }])
    expect(() => rt.links.update('x0', { data })).toThrow(expect.objectContaining({ name: 'UnsupportedError' }));
  expect(kernel.requests.filter(({ name }) => name === 'RTM_NEWLINK')).toEqual([]);
});

test('what is reported, what is off anyway, and what is older, is set', () => {
  const kernel = kernelOf('bridge', { priority: 1, fdbMaxLearned: 0, multiBoolopt: { noLinklocalLearn: false } });
  using rt = openSync({ transport: kernel.transport });
  const data = { priority: 5, fdbMaxLearned: 9, multiBoolopt: { noLinklocalLearn: true, mstEnable: false } };
  expect(rt.links.create({ kind: 'bridge', name: 'x0', data }).index).toBe(7);
  rt.links.update('x0', { data });
  rt.links.update('x0', { kind: 'bridge', data });
  expect(kernel.requests.map(({ name }) => name)).not.toContain('RTM_DELLINK');
  // a listing of another kernel: its defaults are not what anybody asked for
  const old = kernelOf('bridge', { priority: 1 });
  using older = openSync({ transport: old.transport });
  expect(older.links.create(rt.links.get('x0')).index).toBe(7);
});
