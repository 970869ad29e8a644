/** What netloom sends about neighbors, forwarding entries and VLANs is, byte for byte, what iproute2 sends for the same command. */
import { describe, expect, test } from 'vitest';
import type { Operation, Request } from '../../src/netlink/operation.ts';
import type { Outcome, Program, Step } from '../../src/netlink/program.ts';
import { fdbPrograms as fdb, mdbPrograms as mdb, neighborPrograms as neighbors } from '../../src/rtnl/index.ts';

/** Runs a program as far as its first change, answering what it asks about links: every link has the index of its last digit. */
function firstChange(program: Program<unknown>): { name: string; flags: number; body: string } {
  let step: IteratorResult<Step, unknown> = program.next();
  while (!step.done) {
    const asked: readonly Request[] =
      step.value.op === 'request' ? [step.value.request] : step.value.op === 'requests' ? step.value.requests : [];
    const change = asked.find((request) => request.operation.name !== 'RTM_GETLINK');
    if (change !== undefined) {
      const operation = change.operation as Operation<object>;
      return { name: operation.name, flags: change.flags, body: operation.body.bytes(change.value).toString('hex') };
    }
    const answers = asked.map((request): Outcome<unknown> => {
      const { name = '', index } = request.value as { name?: string; index?: number };
      return { ok: true, value: { index: index ?? Number(name.at(-1)), name, flags: 0, type: 1, master: 9 } };
    });
    step = program.next(step.value.op === 'request' ? (answers[0] as { value: unknown }).value : answers);
  }
  throw new Error('nothing was changed');
}

/** By hand from struct ndmsg and the NDA_ attributes of include/uapi/linux/neighbour.h. */
const cases: readonly (readonly [string, Program<unknown>, string, number, string])[] = [
  [
    'ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v4',
    neighbors.create({ to: '10.0.0.2', dev: 'v4', lladdr: '02:00:00:00:00:02' }),
    'RTM_NEWNEIGH',
    0x600,
    ['02000000', '04000000', '8000', '00', '00', '0800', '0100', '0a000002', '0a00', '0200', '020000000002', '0000'].join(''),
  ],
  [
    'ip neigh replace 10.0.0.2 dev v4 managed',
    neighbors.replace({ to: '10.0.0.2', dev: 'v4', flags: ['managed'] }),
    'RTM_NEWNEIGH',
    0x500,
    ['02000000', '04000000', '0000', '00', '00', '0800', '0100', '0a000002', '0800', '0f00', '01000000'].join(''),
  ],
  [
    'ip neigh del proxy 10.0.0.2 dev v4',
    neighbors.delete({ to: '10.0.0.2', dev: 'v4', flags: ['proxy'] }),
    'RTM_DELNEIGH',
    0,
    ['02000000', '04000000', '0000', '08', '00', '0800', '0100', '0a000002'].join(''),
  ],
  [
    'bridge fdb add 02:00:00:00:00:01 dev v4 master static vlan 10',
    fdb.create({ lladdr: '02:00:00:00:00:01', dev: 'v4', flags: ['master'], state: 'static', vlan: 10 }),
    'RTM_NEWNEIGH',
    0x600,
    ['07000000', '04000000', '4200', '04', '00', '0a00', '0200', '020000000001', '0000', '0600', '0500', '0a00', '0000'].join(''),
  ],
  [
    'bridge fdb append 00:00:00:00:00:00 dev v4 dst 10.0.0.1 port 4790 vni 7 via v5',
    fdb.append({ lladdr: '00:00:00:00:00:00', dev: 'v4', dst: '10.0.0.1', port: 4790, vni: 7, via: 'v5' }),
    'RTM_NEWNEIGH',
    0xc00,
    [
      '07000000',
      '04000000',
      'c000',
      '02',
      '00',
      ...['0a00', '0200', '000000000000', '0000'],
      ...['0800', '0100', '0a000001'],
      ...['0600', '0600', '12b6', '0000'],
      ...['0800', '0700', '07000000'],
      ...['0800', '0800', '05000000'],
    ].join(''),
  ],
  [
    'bridge fdb flush dev v4 static',
    fdb.flush({ dev: 'v4', state: 'static' }),
    'RTM_DELNEIGH',
    0x200,
    ['07000000', '04000000', '4000', '02', '00', '0600', '1000', 'c000', '0000'].join(''),
  ],
  [
    'bridge mdb add dev v4 port v5 grp 239.1.1.1 permanent vid 10',
    mdb.create({ dev: 'v4', port: 'v5', group: '239.1.1.1', state: 'permanent', vlan: 10 }),
    'RTM_NEWMDB',
    0x600,
    ['07000000', '04000000', '2000', '0100', '05000000', '01', '00', '0a00', 'ef010101', '00'.repeat(12), '0800', '0000'].join(''),
  ],
];

describe('requests', () => {
  test.each(cases)('%s', (_command, program, name, flags, body) => {
    expect(firstChange(program)).toEqual({ name, flags, body });
  });

  test('nothing is sent that was not asked for: no destination, no VLAN, no lifetime', () => {
    expect(firstChange(fdb.create({ lladdr: '02:00:00:00:00:01', dev: 'v4', dst: undefined, vlan: undefined } as never)).body).toBe(
      ['07000000', '04000000', 'c000', '02', '00', '0a00', '0200', '020000000001', '0000'].join(''),
    );
  });
});
