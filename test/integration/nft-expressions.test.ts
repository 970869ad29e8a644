/** Expressions on the real kernel: what it lists it takes again, and nft prints what netloom wrote. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NetlinkError, UnsupportedError } from '../../src/netlink/errors.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import { change, type Expression, explain, expr, type NftClientSync, openSync } from '../../src/nft/index.ts';
import { nftLoad, nftText } from '../support/oracle.ts';

let fd = -1;
let where: { netns: string };
let nf: NftClientSync;

beforeEach(() => {
  fd = createNamespace();
  where = { netns: `/proc/${process.pid}/fd/${fd}` };
  nf = openSync({ netns: { fd } });
});
afterEach(() => {
  nf.close();
  closeFd(fd);
});

const path = fileURLToPath(new URL('../fixtures/nft/every-expression.nft', import.meta.url));

test('rules with every expression are taken as they are listed', () => {
  nftLoad(readFileSync(path, 'utf8'), where);
  const before = nftText(where);
  const rules = nf.rules.list();
  expect(rules.length).toBeGreaterThan(60);
  // anonymous sets go with their rules: a rule that has one cannot be made of its expressions alone
  const whole = rules.filter(
    ({ expressions }) => !expressions.some(({ kind, data }) => kind === 'lookup' && data?.set?.startsWith('__') === true),
  );
  expect(whole.length).toBe(rules.length - 1);
  nf.transaction(whole.map((rule) => change.rules.replace(rule.handle, rule)));
  expect(nftText(where)).toBe(before);
  const bytecode = (list: typeof rules) => list.map(({ expressions }) => explain(expressions));
  expect(bytecode(nf.rules.list())).toEqual(bytecode(rules));
});

/** An expression that nft 1.0.6 cannot write, or that kernels may lack. */
interface Case {
  name: string;
  expressions: Expression[];
  /** What must be in the kernel, where that is less than all of nf_tables. */
  needs?: string;
  /** Default: the family ip, and a chain at prerouting. */
  family?: 'ip' | 'netdev';
}

describe('expressions one by one', () => {
  const load = (dreg: number): Expression => expr('meta', { key: 'mark', dreg });
  const cases: Case[] = [
    { name: 'last', expressions: [expr('last', {})] },
    {
      name: 'and of registers',
      needs: 'Linux 6.13',
      expressions: [load(1), expr('ct', { key: 'mark', dreg: 2 }), expr('bitwise', { sreg: 1, sreg2: 2, dreg: 1, len: 4, op: 'and' })],
    },
    {
      name: 'or of registers',
      needs: 'Linux 6.13',
      expressions: [load(1), expr('ct', { key: 'mark', dreg: 2 }), expr('bitwise', { sreg: 1, sreg2: 2, dreg: 1, len: 4, op: 'or' })],
    },
    {
      name: 'inner',
      needs: 'Linux 6.2',
      expressions: [
        expr('meta', { key: 'l4proto', dreg: 1 }),
        expr('cmp', { sreg: 1, op: 'eq', data: Uint8Array.of(17) }),
        expr('inner', {
          num: 0,
          type: 'vxlan',
          flags: ['hdrsize', 'll', 'nh', 'th'],
          hdrsize: 8,
          expression: expr('payload', { dreg: 1, base: 'network', offset: 12, len: 4 }),
        }),
        expr('cmp', { sreg: 1, op: 'eq', data: Uint8Array.of(10, 0, 0, 1) }),
      ],
    },
    {
      name: 'tunnel',
      needs: 'CONFIG_NFT_TUNNEL',
      family: 'netdev',
      expressions: [expr('tunnel', { key: 'path', dreg: 1, mode: 'none' }), expr('cmp', { sreg: 1, op: 'eq', data: Uint8Array.of(1) })],
    },
    { name: 'queue', needs: 'CONFIG_NFT_QUEUE', expressions: [expr('queue', { num: 1, total: 3, flags: ['bypass'] })] },
    {
      name: 'dccp option',
      needs: 'CONFIG_NFT_EXTHDR_DCCP',
      expressions: [
        expr('exthdr', { dreg: 1, type: 5, offset: 0, len: 1, op: 'dccp', flags: ['present'] }),
        expr('cmp', { sreg: 1, op: 'eq', data: Uint8Array.of(1) }),
      ],
    },
    {
      name: 'match of iptables',
      needs: 'CONFIG_NFT_COMPAT',
      expressions: [expr('match', { name: 'comment', revision: 0, info: new Uint8Array(256) })],
    },
    {
      name: 'target of iptables',
      needs: 'CONFIG_NFT_COMPAT',
      expressions: [expr('target', { name: 'MARK', revision: 2, info: Uint8Array.of(5, 0, 0, 0, 255, 255, 255, 255) })],
    },
  ];

  test.for(cases)('$name', ({ expressions, needs, family = 'ip' }, { skip }) => {
    nf.tables.create({ family, name: 't' });
    if (family === 'netdev') nf.chains.create({ family, table: 't', name: 'c', hook: 'ingress', devices: ['lo'], priority: 0 });
    else nf.chains.create({ family, table: 't', name: 'c', hook: 'prerouting', priority: 'mangle' });
    try {
      nf.rules.add({ family, table: 't', chain: 'c', expressions });
    } catch (error) {
      // a kernel without the module says that it has no such thing, and says where
      if (needs === undefined || (!(error instanceof UnsupportedError) && !(error instanceof NetlinkError && error.code === 'ENOENT')))
        throw error;
      expect(error.attribute).toMatch(/^expressions\[\d\]/);
      expect(nf.rules.list()).toEqual([]);
      skip(`lacking: ${needs}: ${error.message}`);
    }
    const [rule] = nf.rules.list();
    expect(rule!.expressions).toMatchObject(expressions);
    expect(explain(rule!.expressions).map((line) => line.split(' ')[1])).toEqual(explain(expressions).map((line) => line.split(' ')[1]));
    nf.rules.replace(rule!.handle, rule!);
    expect(nf.rules.list()[0]!.expressions).toEqual(rule!.expressions);
  });
});
