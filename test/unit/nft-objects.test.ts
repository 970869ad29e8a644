/** Tables, chains and rules as objects: to the wire and back. */
import { describe, expect, test } from 'vitest';
import { chainFromWire, chainToWire, getChain } from '../../src/nft/chain.ts';
import { type Chain, change, type Table } from '../../src/nft/index.ts';
import { priorityNumber } from '../../src/nft/priority.ts';
import { type PackedRule, unpacked } from '../../src/nft/rule.ts';
import { getTable, tableFromWire, tableToWire } from '../../src/nft/table.ts';

const chainBack = (chain: Chain): Chain => chainFromWire(getChain.body.parse(getChain.body.bytes(chainToWire(chain))));
const tableBack = (table: Table): Table => tableFromWire(getTable.body.parse(getTable.body.bytes(tableToWire(table))));

describe('a table', () => {
  test('comes back as it was', () => {
    const table: Table = { family: 'inet', name: 'filter', flags: ['dormant'], comment: 'hello' };
    expect(tableBack(table)).toEqual(table);
  });

  test('needs a family and a name', () => {
    expect(() => tableToWire({ family: 'ipv4' as never, name: 'x' })).toThrow(/^family: "ipv4" is none of inet, ip/);
    expect(() => tableToWire({ family: 'ip', name: '' })).toThrow(/^name: cannot be empty/);
    expect(() => tableToWire({ family: 'ip', name: 'x'.repeat(256) })).toThrow(/^name: is 256 bytes long/);
  });
});

describe('a chain', () => {
  test('comes back as it was', () => {
    const base: Chain = {
      family: 'ip',
      table: 't',
      name: 'c',
      type: 'nat',
      hook: 'postrouting',
      priority: -7,
      policy: 'drop',
      comment: 'x',
    };
    expect(chainBack(base)).toEqual(base);
    const netdev: Chain = {
      family: 'netdev',
      table: 't',
      name: 'c',
      type: 'filter',
      hook: 'ingress',
      priority: 0,
      devices: ['a', 'b'],
      flags: ['hw-offload'],
    };
    expect(chainBack(netdev)).toEqual(netdev);
    const plain: Chain = { family: 'ip6', table: 't', name: 'c' };
    expect(chainBack(plain)).toEqual(plain);
  });

  test('has the priorities of its family', () => {
    expect(priorityNumber('srcnat', 'ip')).toBe(100);
    expect(priorityNumber('srcnat', 'bridge')).toBe(300);
    expect(priorityNumber('srcnat + 10', 'inet')).toBe(110);
    expect(priorityNumber('dstnat-5', 'ip6')).toBe(-105);
    expect(() => priorityNumber('srcnat', 'arp')).toThrow(/^priority: "srcnat" is no number and none of filter \(in the family arp\)/);
    expect(() => priorityNumber(1.5, 'ip')).toThrow(/^priority: /);
  });

  test('is checked before anything is sent', () => {
    expect(() => chainToWire({ family: 'ip', table: 't', name: 'c', hook: 'ingres' as never, priority: 0 })).toThrow(
      /^hook: "ingres" is none of/,
    );
    expect(() => chainToWire({ family: 'ip', table: 't', name: 'c', hook: 'input' })).toThrow(/^priority: a chain with a hook needs one/);
    expect(() => chainToWire({ family: 'ip', table: 't', name: 'c', policy: 'drop' })).toThrow(/^policy: is for a chain with a hook/);
    expect(() => chainToWire({ family: 'netdev', table: 't', name: 'c', hook: 'prerouting', priority: 0 })).toThrow(
      /^hook: .*in the family netdev/,
    );
  });
});

describe('a change', () => {
  const rule = { family: 'ip', table: 't', chain: 'c', expressions: [] } as const;

  test('is plain data that names its object', () => {
    expect(change.rules.delete({ family: 'ip', table: 't', chain: 'c', handle: 7n }).requests).toMatchObject([
      { subject: 'rule ip t c handle 7', expects: 'ack' },
    ]);
    expect(change.tables.ensureAbsent({ family: 'ip', name: 't' }).requests.map((request) => request.operation.name)).toEqual([
      'NFT_MSG_NEWTABLE',
      'NFT_MSG_DELTABLE',
    ]);
  });

  test('is checked when it is made', () => {
    expect(() => change.rules.delete({ ...rule, handle: 7 as never })).toThrow(/^handle: expected a bigint/);
    expect(() => change.rules.add(rule, { before: 1n, after: 2n })).toThrow(/^before: /);
    expect(() => change.rules.add(undefined as never)).toThrow(/expected a rule, got undefined/);
    expect(() => change.rules.add({ ...rule, expressions: undefined as never })).toThrow(/^expressions: expected an array/);
  });

  test('gives each anonymous set an id of its own', () => {
    const set = { id: 1, keyType: 13, keyLength: 2, keyByteOrder: 'network', elements: [{ key: Uint8Array.of(0, 80) }] } as const;
    const withSet = { ...rule, sets: [set], expressions: [{ kind: 'lookup' as const, data: { set: '__set%d', setId: 1, sreg: 1 } }] };
    const ids = [change.rules.add(withSet), change.rules.add(withSet)].map(({ requests }) => {
      const [made, filled, used] = requests.map((request) => request.value as { id?: number; setId?: number });
      expect(filled?.setId).toBe(made?.id);
      expect(unpacked(used as PackedRule).expressions).toMatchObject([{ data: { setId: made?.id } }]);
      return made?.id;
    });
    expect(ids[0]).not.toBe(ids[1]);
  });
});
