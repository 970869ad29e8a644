/** Clients and transactions on the real kernel, with nft as the witness. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClosedError, InputError, NetlinkError } from '../../src/netlink/errors.ts';
import type { OpenTransport } from '../../src/netlink/index.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import { defaultTransport } from '../../src/netlink/transport/default.ts';
import {
  accept as acceptPacket,
  change,
  counter,
  drop,
  type Expression,
  ip,
  ipv4,
  meta,
  type NftClientSync,
  open,
  openSync,
  rule,
} from '../../src/nft/index.ts';
import { nftJson, nftLoad, nftText } from '../support/oracle.ts';

let fd = -1;
let netns: { fd: number };
let where: { netns: string };
let nf: NftClientSync;

beforeEach(() => {
  fd = createNamespace();
  netns = { fd };
  where = { netns: `/proc/${process.pid}/fd/${fd}` };
  nf = openSync({ netns });
});
afterEach(() => {
  nf.close();
  closeFd(fd);
});

const nat = { family: 'ip', name: 'nat' } as const;
const postrouting = { family: 'ip', table: 'nat', name: 'postrouting', type: 'nat', hook: 'postrouting', priority: 'srcnat' } as const;
const place = { family: 'ip', table: 'nat', chain: 'postrouting' } as const;
const accept: Expression[] = [{ kind: 'immediate', data: { dreg: 0, data: { code: 'accept' } } }];

function refusal(action: () => unknown): NetlinkError {
  try {
    action();
  } catch (error) {
    if (error instanceof NetlinkError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('tables', () => {
  test('are created, listed, and deleted', () => {
    const made = nf.tables.create({ ...nat, comment: 'ours' });
    expect(made).toMatchObject({ ...nat, comment: 'ours' });
    expect(typeof made.handle).toBe('bigint');
    expect(nftText(where)).toContain('comment "ours"');
    expect(nf.tables.get(nat)).toMatchObject(made);
    nf.tables.create({ family: 'inet', name: 'filter', flags: ['dormant'] });
    expect(nftText(where)).toContain('flags dormant');
    expect(nf.tables.list().map(({ family, name }) => `${family} ${name}`)).toEqual(['ip nat', 'inet filter']);
    expect(nf.tables.list({ family: 'inet' })).toMatchObject([{ family: 'inet', name: 'filter', flags: ['dormant'] }]);
    nf.tables.delete(nat);
    nf.tables.delete({ family: 'inet', name: 'filter' });
    expect(nftJson(where)).toEqual([]);
  });

  test('have verbs that mean the same everywhere', () => {
    nf.tables.ensure(nat);
    nf.tables.ensure(nat);
    expect(refusal(() => nf.tables.create(nat))).toMatchObject({ code: 'EEXIST', syscall: 'NFT_MSG_NEWTABLE', subject: 'table ip nat' });
    nf.tables.ensureAbsent(nat);
    nf.tables.ensureAbsent(nat);
    expect(refusal(() => nf.tables.delete(nat))).toMatchObject({ code: 'ENOENT', syscall: 'NFT_MSG_DELTABLE', subject: 'table ip nat' });
    expect(refusal(() => nf.tables.get(nat))).toMatchObject({ code: 'ENOENT', syscall: 'NFT_MSG_GETTABLE', subject: 'table ip nat' });
  });

  test('of a list are accepted by create', () => {
    nftLoad('table inet a {\n comment "x"\n flags dormant;\n}\n', where);
    const before = nftText(where);
    const [table] = nf.tables.list();
    nf.tables.delete(table!);
    nf.tables.create(table!);
    expect(nftText(where)).toBe(before);
  });
});

describe('chains', () => {
  test('are created as nft would', () => {
    nf.tables.create(nat);
    const made = nf.chains.create({ ...postrouting, policy: 'drop', comment: 'ours' });
    expect(made).toMatchObject({ ...postrouting, priority: 100, policy: 'drop', comment: 'ours' });
    expect(nftText(where)).toContain('comment "ours"\n\t\ttype nat hook postrouting priority srcnat; policy drop;');
    nf.chains.create({ family: 'ip', table: 'nat', name: 'web' });
    expect(nf.chains.list({ table: 'nat' }).map(({ name }) => name)).toEqual(['postrouting', 'web']);
    expect(nf.chains.list({ table: 'other' })).toEqual([]);
    nf.chains.ensure(postrouting);
    expect(nf.chains.get(postrouting)).toMatchObject({ hook: 'postrouting', priority: 100, type: 'nat', policy: 'drop' });
    nf.chains.delete({ family: 'ip', table: 'nat', name: 'web' });
    nf.chains.ensureAbsent({ family: 'ip', table: 'nat', name: 'web' });
    expect(nf.chains.list()).toHaveLength(1);
  });

  test('have a signed priority', () => {
    nf.tables.create({ family: 'inet', name: 'f' });
    nf.chains.create({ family: 'inet', table: 'f', name: 'c', hook: 'prerouting', priority: 'raw - 5' });
    expect(nftText(where)).toContain('type filter hook prerouting priority raw - 5; policy accept;');
    expect(nf.chains.get({ family: 'inet', table: 'f', name: 'c' }).priority).toBe(-305);
  });

  test('that nft made are read', () => {
    nftLoad(
      'table inet f {\n chain in {\n type filter hook input priority filter + 3; policy drop;\n }\n}\ntable bridge b {\n chain o {\n type filter hook output priority out;\n }\n}\ntable netdev n {\n chain i {\n type filter hook ingress device lo priority -7;\n }\n}\n',
      where,
    );
    expect(nf.chains.list()).toMatchObject([
      { family: 'inet', table: 'f', name: 'in', type: 'filter', hook: 'input', priority: 3, policy: 'drop' },
      { family: 'bridge', table: 'b', name: 'o', hook: 'output', priority: 100 },
      { family: 'netdev', table: 'n', name: 'i', hook: 'ingress', priority: -7, devices: ['lo'] },
    ]);
  });

  test('that are refused are named', () => {
    expect(refusal(() => nf.chains.create(postrouting))).toMatchObject({
      code: 'ENOENT',
      subject: 'chain ip nat postrouting',
      attribute: 'table',
    });
  });
});

describe('rules', () => {
  beforeEach(() => {
    nf.tables.create(nat);
    nf.chains.create(postrouting);
  });
  const lines = (): string[] => [...nftText(where).matchAll(/comment "(\w+)"/g)].map(([, text]) => text!);

  test('go where they are told to', () => {
    const rule = (comment: string) => ({ ...place, expressions: accept, comment });
    const b = nf.rules.add(rule('b'));
    expect(b).toMatchObject({ ...place, comment: 'b', expressions: accept });
    const d = nf.rules.add(rule('d'));
    nf.rules.insert(rule('a'));
    nf.rules.add(rule('c'), { after: b.handle });
    nf.rules.insert(rule('x'), { before: d.handle });
    expect(lines()).toEqual(['a', 'b', 'c', 'x', 'd']);
    const y = nf.rules.replace(d.handle, rule('y'));
    expect(y.comment).toBe('y');
    expect(nf.rules.get(y)).toMatchObject({ comment: 'y' });
    expect(lines()).toEqual(['a', 'b', 'c', 'x', 'y']);
    nf.rules.delete({ ...place, handle: y.handle });
    expect(nf.rules.list(place).map(({ comment }) => comment)).toEqual(['a', 'b', 'c', 'x']);
    nf.rules.ensureAbsent({ ...place, handle: y.handle });
    expect(refusal(() => nf.rules.delete({ ...place, handle: y.handle }))).toMatchObject({
      code: 'ENOENT',
      subject: `rule ip nat postrouting handle ${y.handle}`,
      attribute: 'handle',
    });
    // as nft(8) counts them
    nf.rules.add(rule('p'), { index: 1 });
    nf.rules.insert(rule('q'), { index: 0 });
    expect(lines()).toEqual(['q', 'a', 'b', 'p', 'c', 'x']);
    expect(() => nf.rules.add(rule('nowhere'), { index: 6 })).toThrow('index: rule 6 of chain ip nat postrouting does not exist');
    expect(() => nf.rules.insert(rule('two'), { index: 0, after: b.handle })).toThrow('index: give this, or `before`, or `after`');
    expect(() => nf.rules.add(rule('none'), { index: -1 })).toThrow('index: expected an integer from 0');
    nf.rules.flush(place);
    expect(nf.rules.list()).toEqual([]);
  });

  test('bring anonymous sets along, and take them away', () => {
    const statements = rule(
      ip.saddr.in('10.0.0.0/8', '192.168.0.0/16', '192.169.0.0/16'),
      ip.daddr.not('10.0.0.1', '10.0.0.2'),
      meta.l4proto.in('tcp', 'udp', 'sctp'),
      counter(),
      acceptPacket(),
    );
    const made = nf.rules.add({ ...place, statements });
    expect(nftText(where)).toContain(
      'ip saddr { 10.0.0.0/8, 192.168.0.0/15 } ip daddr != { 10.0.0.1, 10.0.0.2 } meta l4proto { tcp, udp, sctp } counter packets 0 bytes 0 accept',
    );
    nf.rules.delete(made);
    expect(nf.tables.get(nat).use).toBe(1);
  });

  test('bring a set of thousands of elements', () => {
    const [first, ...others] = Array.from({ length: 5000 }, (_, i) => ipv4(`10.${i >> 8}.${i & 255}.1`));
    nf.rules.add({ ...place, statements: rule(ip.saddr.in(first!, ...others), drop()) });
    expect([...nftText(where).matchAll(/10\.\d+\.\d+\.1\b/g)]).toHaveLength(5000);
  });

  test('show the comments that nft wrote, and nft shows ours', () => {
    nftLoad('add rule ip nat postrouting counter comment "from nft"', where);
    nf.rules.add({ ...place, expressions: accept, comment: 'from netloom' });
    expect(nf.rules.list(place).map(({ comment }) => comment)).toEqual(['from nft', 'from netloom']);
    expect(nftText(where)).toContain('accept comment "from netloom"');
  });

  test('with expressions netloom has no schema for survive being listed and added again', () => {
    nftLoad(
      'table inet f {\n chain a {\n fib daddr type local accept\n tcp option maxseg size set 1300\n numgen inc mod 4 0 counter\n meta mark set jhash ip saddr mod 8\n socket transparent 1 accept\n }\n chain b {\n }\n}\n',
      where,
    );
    const rules = nf.rules.list({ family: 'inet', table: 'f', chain: 'a' });
    expect(rules).toHaveLength(5);
    nf.transaction(rules.map((rule) => change.rules.add({ ...rule, chain: 'b' })));
    const text = (chain: string): string[] => {
      const [, body = ''] = new RegExp(`chain ${chain} \\{\\n([^}]*)\\}`).exec(nftText(where)) ?? [];
      return body.trim().split(/\n\s*/);
    };
    expect(text('a')).toHaveLength(5);
    expect(text('b')).toEqual(text('a'));
  });
});

describe('a transaction', () => {
  test('makes everything, and tells the handles', () => {
    const result = nf.transaction((tx) => {
      tx.tables.create(nat);
      tx.chains.create(postrouting);
      tx.rules.add({ ...place, expressions: accept, comment: 'one' });
      tx.rules.add({ ...place, expressions: accept, comment: 'two' });
    });
    expect(result).toMatchObject({ tables: [nat], chains: [{ name: 'postrouting' }], rules: [{ comment: 'one' }, { comment: 'two' }] });
    expect(nf.rules.list(place).map(({ handle }) => handle)).toEqual(result.rules.map(({ handle }) => handle));
  });

  test('that fails in the middle leaves nothing and names the object', () => {
    const before = nftJson(where);
    const error = refusal(() =>
      nf.transaction((tx) => {
        tx.tables.create(nat);
        tx.chains.create(postrouting);
        tx.rules.add({ ...place, expressions: accept });
        tx.rules.add({ ...place, chain: 'nowhere', expressions: accept });
        tx.rules.add({ ...place, expressions: accept });
      }),
    );
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'NFT_MSG_NEWRULE', subject: 'rule ip nat nowhere', attribute: 'chain' });
    expect(error.message).toBe('NFT_MSG_NEWRULE rule ip nat nowhere: ENOENT: No such file or directory  (at chain)');
    expect(nftJson(where)).toEqual(before);
  });

  test('with an expression that is refused points at it', () => {
    nf.tables.create(nat);
    nf.chains.create(postrouting);
    const bad: Expression = { kind: 'other', name: 'nonsense' };
    expect(refusal(() => nf.rules.add({ ...place, expressions: [...accept, bad] }))).toMatchObject({
      code: 'ENOENT',
      attribute: 'expressions[1]',
    });
  });

  test('is refused when the ruleset is of another generation', () => {
    const generation = nf.generation();
    nf.tables.create({ family: 'ip', name: 'other' });
    const error = refusal(() => nf.transaction([change.tables.create(nat)], { generation }));
    expect(error.code).toBe('ERESTART');
    expect(nf.tables.list()).toHaveLength(1);
    nf.transaction([change.tables.create(nat)], { generation: nf.generation() });
    expect(nf.tables.list()).toHaveLength(2);
  });

  test('without changes is none', () => {
    const generation = nf.generation();
    expect(nf.transaction(() => {})).toEqual({ tables: [], chains: [], rules: [], sets: [], objects: [], flowtables: [] });
    expect(nf.generation()).toBe(generation);
  });

  test('of bad input sends nothing', () => {
    expect(() =>
      nf.transaction((tx) => {
        tx.tables.create(nat);
        tx.rules.add({ ...place, expressions: accept, comment: 'x'.repeat(200) });
      }),
    ).toThrow(InputError);
    expect(nftJson(where)).toEqual([]);
  });

  test('may hold thousands of rules', () => {
    const rules = Array.from({ length: 5000 }, () => change.rules.add({ ...place, expressions: accept }));
    const result = nf.transaction([change.tables.create(nat), change.chains.create(postrouting), ...rules], { echo: false });
    expect(result.rules).toEqual([]);
    expect(nf.rules.list(place)).toHaveLength(5000);
  });
});

test('the ruleset is of one moment', () => {
  nftLoad('table ip nat {\n chain c {\n accept\n }\n}\ntable inet f {\n}\n', where);
  const all = nf.ruleset();
  expect(all).toMatchObject({
    generation: nf.generation(),
    tables: [{ name: 'nat' }, { name: 'f' }],
    chains: [{ name: 'c' }],
    rules: [{ expressions: accept }],
  });
  expect(nf.ruleset({ family: 'inet' })).toMatchObject({ tables: [{ name: 'f' }], chains: [], rules: [] });
});

describe('the asynchronous client', () => {
  test('has the same methods, and may be used by many at once', async () => {
    const client = await open({ netns });
    await client.transaction([change.tables.create(nat), change.chains.create(postrouting)]);
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, i) => client.rules.add({ ...place, expressions: accept, comment: `r${i}` })),
    );
    expect(made.map(({ comment }) => comment)).toEqual(Array.from({ length: 20 }, (_, i) => `r${i}`));
    expect(new Set(made.map(({ handle }) => handle)).size).toBe(20);
    const [outcome, list] = await Promise.allSettled([client.rules.delete({ ...place, handle: 9999n }), client.rules.list(place)]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ENOENT', subject: 'rule ip nat postrouting handle 9999' } });
    expect(list).toMatchObject({ status: 'fulfilled' });
    expect((await client.ruleset()).rules).toHaveLength(20);
    await client[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    await expect(client.tables.list()).rejects.toThrow(ClosedError);
  });

  test('gives up when it is told to', async () => {
    const client = await open({ netns });
    await expect(client.tables.create(nat, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(nftJson(where)).toEqual([]);
    client.close();
  });
});

test('a client has the timeout that it is opened with', async () => {
  expect(() => openSync({ netns, timeout: 0 })).toThrow(/^timeout: /);
  await expect(open({ netns, transport: 'ffi' as never })).rejects.toThrow(/^transport: /);
  const silent: OpenTransport = Object.assign((...args: Parameters<OpenTransport>) => {
    const transport = defaultTransport()(...args);
    return Object.assign(transport, { send: () => {}, sendAsync: async () => {} });
  }, defaultTransport());
  const client = await open({ netns, timeout: 30, transport: silent });
  await expect(client.tables.list()).rejects.toThrow(/no answer within 30 ms/);
  client.close();
});
