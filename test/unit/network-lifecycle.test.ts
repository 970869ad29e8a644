/** Networks without a kernel: what is written down of a link that is given away, and what becomes of an endpoint whose port never carries packets. */

import { TimeoutError } from 'netloom';
import { describe, expect, test } from 'vitest';
import type { Program, Step } from '../../src/netlink/program.ts';
import { type FakeAnswer, FakeTransport, fakeAck, fakeMessage } from '../../src/netlink/transport/fake.ts';
import type { Connection } from '../../src/network/connection.ts';
import { SyncConnection } from '../../src/network/connection-sync.ts';
import { formatGivenAddresses, parseGivenAddresses } from '../../src/network/driver/given-address.ts';
import { defaultLinkName, isEndpointLinkName } from '../../src/network/name.ts';
import { Network } from '../../src/network/network.ts';
import { checkNetwork } from '../../src/network/options.ts';
import type { AddressMessage } from '../../src/rtnl/address/message.ts';

describe('addresses of a link that is given away', () => {
  const inet = { family: 2, prefixLength: 24, headerFlags: 0x80, scope: 0, index: 3, local: '10.0.0.1', address: '10.0.0.1' };
  const inet6 = { family: 10, prefixLength: 64, headerFlags: 0x80, scope: 0, index: 3, address: 'fd00::1' };
  test.each<[string, Partial<AddressMessage> & object, string, object]>([
    ['the usual one', { ...inet, label: 'eth0' }, '10.0.0.1_24', { address: '10.0.0.1/24' }],
    [
      'with a broadcast address',
      { ...inet, broadcast: '10.0.0.255' },
      '10.0.0.1_24,b=10.0.0.255',
      { address: '10.0.0.1/24', broadcast: '10.0.0.255' },
    ],
    [
      'of a scope, with a metric and any label',
      { ...inet, scope: 253, metric: 7, label: 'a,l=b' },
      '10.0.0.1_24,s=253,m=7,l=a,l=b',
      { address: '10.0.0.1/24', scope: 'link', metric: 7, label: 'a,l=b' },
    ],
    [
      'with a peer',
      { ...inet, prefixLength: 32, address: '10.9.0.1' },
      '10.0.0.1_32,p=10.9.0.1_32',
      { address: '10.0.0.1/32', peer: '10.9.0.1/32' },
    ],
    [
      'IPv6, with flags',
      { ...inet6, flags: ['permanent', 'nodad', 'noprefixroute', 'tentative'] },
      'fd00--1_64,f=202',
      { address: 'fd00::1/64', flags: ['nodad', 'noprefixroute'] },
    ],
    [
      "IPv6, the kernel's",
      { ...inet6, address: 'fe80::1', scope: 253, protocol: 'kernel_ll' },
      'fe80--1_64,o=kernel_ll',
      { address: 'fe80::1/64', protocol: 'kernel_ll' },
    ],
  ])('%s', (_, wire, text, spec) => {
    expect(formatGivenAddresses([wire as AddressMessage], 'eth0', 1000)).toEqual([text]);
    expect(parseGivenAddresses([text], 1000)).toEqual([spec]);
  });
  test('those that end keep their time, which goes on meanwhile', () => {
    const wire = { ...inet, headerFlags: 0, cacheinfo: { valid: 600, preferred: 300, created: 0, updated: 0 } } as AddressMessage;
    const forGood = {
      ...inet6,
      flags: ['permanent', 'deprecated'],
      cacheinfo: { valid: 0xffffffff, preferred: 0, created: 0, updated: 0 },
    };
    const texts = formatGivenAddresses([wire, forGood as AddressMessage], 'eth0', 1000);
    expect(texts).toEqual(['10.0.0.1_24,v=1600,t=1300', 'fd00--1_64,t=1000']);
    const [, kept] = parseGivenAddresses(texts, 1100);
    expect(parseGivenAddresses(texts, 1100)).toEqual([{ address: '10.0.0.1/24', validLifetime: 500, preferredLifetime: 200 }, kept]);
    expect(kept).toEqual({ address: 'fd00::1/64', preferredLifetime: 0 });
    expect(parseGivenAddresses(texts, 1400)).toEqual([{ address: '10.0.0.1/24', validLifetime: 200, preferredLifetime: 0 }, kept]);
    expect(parseGivenAddresses(texts, 1600)).toEqual([kept]);
    // the kernel makes those of others
    expect(formatGivenAddresses([{ ...inet6, flags: ['temporary'] } as AddressMessage], 'eth0', 0)).toEqual([]);
  });
  test('what does not fit in one alternative name is in several', () => {
    const long = 'fd00:1111:2222:3333:4444:5555:6666:7777';
    const more = { metric: 0xffffffff, protocol: 'kernel_ra', cacheinfo: { valid: 2_000_000_000, preferred: 5, created: 0, updated: 0 } };
    const wires = [8, 9].map((digit) => ({
      ...inet6,
      ...more,
      prefixLength: 128,
      local: long,
      address: long.replace(/7$/, `${digit}`),
      flags: ['nodad', 'autojoin'],
    }));
    const texts = formatGivenAddresses(wires as unknown as AddressMessage[], 'eth0', 7);
    expect(texts).toHaveLength(4);
    for (const text of texts) expect(`nl0123456789abc@ip=${text}`.length).toBeLessThanOrEqual(127);
    expect(parseGivenAddresses(texts, 7)).toEqual(
      wires.map(({ address }) => ({
        address: `${long}/128`,
        peer: `${address}/128`,
        flags: ['nodad', 'autojoin'],
        metric: 0xffffffff,
        protocol: 'kernel_ra',
        validLifetime: 2_000_000_000,
        preferredLifetime: 5,
      })),
    );
  });
});

test('the link of a network is never called as those of endpoints are', () => {
  const name = 'nl0123456789abc';
  expect(isEndpointLinkName(name)).toBe(true);
  expect(isEndpointLinkName(defaultLinkName(name))).toBe(false);
  expect(() => checkNetwork({ name: 'web', link: name })).toThrow(/^link: "nl0123456789abc": /);
});

test('a port that never carries packets is detached, and if that fails as well neither reason is lost', async () => {
  const why = new TimeoutError('it took too long', 5);
  let refused: Error | undefined;
  let runs = 0;
  const connection = {
    async run(program: Program<unknown>) {
      if (runs++ === 0) return { record: { network: 'web', owner: 'c', ifname: 'eth0', hostIndex: 7 }, operational: false };
      // whatever it asks for
      for (let next = program.next(); ; next = refused === undefined ? program.return(undefined) : program.throw(refused))
        if (next.done) return next.value as Step;
    },
    waitUntilOperational: () => Promise.reject(why),
  };
  const { definition } = checkNetwork({ name: 'web' });
  const attach = (): Promise<unknown> => {
    runs = 0;
    const found = { definition, wire: { index: 2, flags: 0, type: 1, family: 0, change: 0 } };
    return new Network(connection as unknown as Connection, found).attach({ netns: 'red', owner: 'c' });
  };
  refused = new Error('no more descriptors');
  const error = await attach().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AggregateError);
  expect((error as AggregateError).errors).toEqual([why, refused]);
  expect((error as AggregateError).message).toMatch(/took too long.*could not be undone.*no more descriptors/);
});

describe('in place, the port of an endpoint', () => {
  const RTM_NEWLINK = 16;
  /** ifinfomsg, IFLA_IFNAME `p`, IFLA_OPERSTATE. */
  const link = (operState: number): Buffer =>
    Buffer.from([0, 0, 1, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 6, 0, 3, 0, 0x70, 0, 0, 0, 5, 0, 16, 0, operState, 0, 0, 0]);
  const [DOWN, UP] = [2, 6];
  /** A connection to a kernel that tells these states, one after the other, and announces what `announced` holds. */
  function connected(states: readonly number[], ...announced: FakeAnswer[]): { connection: SyncConnection; transports: FakeTransport[] } {
    const left = [...states];
    const transports: FakeTransport[] = [];
    const transport = (): FakeTransport => {
      const opened = new FakeTransport(([request]) => {
        const state = left.shift();
        return [state === undefined ? fakeAck(request!, 19) : fakeMessage(request!.sequence, RTM_NEWLINK, link(state))];
      });
      if (transports.push(opened) === 1) opened.deliver(...announced);
      return opened;
    };
    return { connection: new SyncConnection({ transport }), transports };
  }

  test('is looked at again with each announcement, an overrun included, until it is up', () => {
    const announcement = fakeMessage(0, RTM_NEWLINK, link(DOWN));
    const { connection, transports } = connected([DOWN, UP], announcement, { receiveErrno: 105 }, announcement);
    expect(connection.waitUntilOperational(7, {})).toMatchObject({ index: 7, operState: 'up' });
    expect(transports[0]).toMatchObject({ closed: true, sent: [], subscription: { groups: [1], allNamespaces: false } });
    expect(transports[1]!.sent).toHaveLength(2);
    connection.close();
  });

  test('is waited for no longer than was said, and not when it is gone', () => {
    const late = connected([DOWN, DOWN]);
    expect(() => late.connection.waitUntilOperational(7, { timeout: 20 })).toThrow(expect.objectContaining({ name: 'TimeoutError' }));
    const gone = connected([]);
    expect(gone.connection.waitUntilOperational(7, {})).toBeUndefined();
    const aborted = AbortSignal.abort(new Error('given up'));
    expect(() => connected([UP]).connection.waitUntilOperational(7, { signal: aborted })).toThrow('given up');
    for (const { connection, transports } of [late, gone]) {
      expect(transports[0]!.closed).toBe(true);
      connection.close();
    }
  });
});
