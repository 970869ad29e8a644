/** What routers announce: prefixes and the options for processes, from bytes as the kernel lays them out. */
import { describe, expect, test } from 'vitest';
import { describe as describeMessage } from '../../src/netlink/describe.ts';
import { Writer } from '../../src/netlink/writer.ts';
import { ndUserOptionMessage, prefixMessage } from '../../src/rtnl/index.ts';
import { LinkNames } from '../../src/rtnl/monitor/names.ts';
import { ndUserOption } from '../../src/rtnl/monitor/nd-user-option.ts';
import { prefix } from '../../src/rtnl/monitor/prefix.ts';

const notification = (type: number, hex: string) => ({
  type,
  flags: 0,
  bytes: Buffer.from(hex, 'hex'),
  offset: 0,
  length: hex.length / 2,
  nsid: undefined,
});
const names = new LinkNames(false);

const address = '20010db8000000000000000000000000';
const router = 'fe800000000000000000000000000001';

describe('prefixes', () => {
  const header = (flags: string): string => `0a000000${'05000000'}0340${flags}00`;
  const body = (flags: string): string => `${header(flags)}14000100${address}0c0002000e000000ffffffff`;

  test.each([
    ['80', true, false],
    ['40', false, true],
    ['c0', true, true],
    // kernels before 6.7
    ['03', true, true],
    ['00', false, false],
  ])('flags %s', (flags, onLink, autoconf) => {
    expect(prefix.decode(notification(52, body(flags)), names)).toEqual({
      prefix: '2001:db8::/64',
      devIndex: 5,
      onLink,
      autoconf,
      flags: Number.parseInt(flags, 16),
      preferredLifetime: 14,
      validLifetime: Number.POSITIVE_INFINITY,
    });
  });

  test('what is not known survives; without an address there is none', () => {
    const unknown = '08006300deadbeef';
    expect(prefixMessage.bytes(prefixMessage.parse(Buffer.from(body('c0') + unknown, 'hex'))).toString('hex')).toBe(body('c0') + unknown);
    expect(prefix.decode(notification(52, header('c0')), names)).toBeUndefined();
    expect(() => prefix.decode(notification(52, '0a00'), names)).toThrow(expect.objectContaining({ name: 'MalformedMessageError' }));
  });
});

describe('options for processes', () => {
  const message = (options: string): string =>
    `0a00${Buffer.from(Uint16Array.of(options.length / 2).buffer).toString('hex')}05000000${'8600'}0000${'00000000'}${options}14000100${router}`;
  const read = (options: string): unknown => {
    const decoded = ndUserOption.decode(notification(68, message(options)), names);
    expect(decoded).toMatchObject({ devIndex: 5, source: 'fe80::1' });
    return (decoded as { options: unknown }).options;
  };
  const nameServers = `19050000${'0000003c'}${address}${router}`;
  const label = (text: string): string => Buffer.from([text.length, ...Buffer.from(text)]).toString('hex');
  const searchList = `1f040000ffffffff${label('example')}${label('org')}00${label('a')}00`;

  test('name servers', () => {
    expect(read(nameServers)).toEqual([{ kind: 'nameServers', lifetime: 60, addresses: ['2001:db8::', 'fe80::1'] }]);
  });

  test('domains', () => {
    const padded = searchList + '00'.repeat((64 - searchList.length) / 2);
    expect(read(padded)).toEqual([{ kind: 'searchList', lifetime: Number.POSITIVE_INFINITY, domains: ['example.org', 'a'] }]);
    // a label that goes beyond the end
    expect(read('1f02000000000001' + '3f61000000000000')).toMatchObject([{ kind: 'other', type: 31 }]);
  });

  test('a prefix', () => {
    expect(read(`0304${'40c0'}${'00000e10'}${'ffffffff'}${'00000000'}${address}`)).toEqual([
      {
        kind: 'prefix',
        prefix: '2001:db8::/64',
        onLink: true,
        autoconf: true,
        flags: 0xc0,
        validLifetime: 3600,
        preferredLifetime: Number.POSITIVE_INFINITY,
      },
    ]);
    expect(read(`0301${'40c000000e10'}`)).toMatchObject([{ kind: 'other', type: 3 }]);
  });

  test('a captive portal', () => {
    const uri = Buffer.from('https://a.example/x'.padEnd(22, '\0'));
    expect(read(`2503${uri.toString('hex')}`)).toEqual([{ kind: 'captivePortal', uri: 'https://a.example/x' }]);
  });

  test('the prefix of NAT64', () => {
    expect(read(`2602${'0708'}0064ff9b${'00'.repeat(8)}`)).toEqual([{ kind: 'nat64', prefix: '64:ff9b::/96', lifetime: 1800 }]);
    expect(read(`2602${'070f'}0064ff9b${'00'.repeat(8)}`)).toMatchObject([{ kind: 'other', type: 38 }]);
  });

  test('several, others, and what is cut off', () => {
    expect(read(`6301aabbccddeeff${nameServers}`)).toMatchObject([
      { kind: 'other', type: 99, data: Uint8Array.from([0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]) },
      { kind: 'nameServers' },
    ]);
    expect(read('')).toEqual([]);
    expect(read('6300aabbccddeeff')).toEqual([]);
    expect(read('6302aabbccddeeff')).toEqual([]);
  });

  test('encodes to the same bytes, and is described', () => {
    const bytes = Buffer.from(message(nameServers), 'hex');
    const writer = new Writer();
    ndUserOptionMessage.encode(writer, ndUserOptionMessage.decode(bytes, 0, bytes.length));
    expect(Buffer.from(writer.bytes.subarray(0, writer.position)).toString('hex')).toBe(message(nameServers));
    for (const cut of [0, 15, 20]) expect(() => ndUserOptionMessage.decode(bytes, 0, cut)).toThrow(/expected/);
    const whole = Buffer.alloc(16 + bytes.length);
    whole.writeUInt32LE(whole.length, 0);
    whole.writeUInt16LE(68, 4);
    bytes.copy(whole, 16);
    expect(describeMessage(whole, { protocol: 'route' })).toContain('RTM_NEWNDUSEROPT');
  });
});
