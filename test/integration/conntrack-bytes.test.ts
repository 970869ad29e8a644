/** What conntrack(8) sends, held against netloom's schemas and against what netloom sends for the same. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConntrackClientSync, openSync } from '../../src/conntrack/index.ts';
import { NetlinkError } from '../../src/netlink/errors.ts';
import { NETLINK_NETFILTER, NLMSG_HDRLEN } from '../../src/netlink/message.ts';
import { messageType } from '../../src/netlink/message-types.ts';
import type { Operation } from '../../src/netlink/operation.ts';
import { createNamespace } from '../../src/netlink/sys/section.ts';
import { closeFd } from '../../src/netlink/sys/socket.ts';
import type { TracedDatagram } from '../../src/netlink/trace.ts';
import { capture, type Sent } from '../support/capture.ts';
import { sameBody } from '../support/wire.ts';

const udp = '-p udp -s 10.0.0.1 -d 10.0.0.2 --sport 1 --dport 2';
const commands = [
  `conntrack -I ${udp} -t 500 -u ASSURED,SEEN_REPLY`,
  `conntrack -I ${udp} -t 500 -w 9`,
  // with -u, conntrack(8) 1.4.7 makes another mark of it
  `conntrack -I ${udp} -t 500 -w 10 -m 5`,
  'conntrack -I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 7 --dport 2 -t 500 --orig-zone 3',
  'conntrack -I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 3 --dport 2 -t 500 --src-nat 192.0.2.7 --dst-nat 192.0.2.8:99',
  'conntrack -I -p udp -s fd00::1 -d fd00::2 --sport 3 --dport 2 -t 500 --dst-nat fd00::9',
  'conntrack -I -p tcp -s fd00::1 -d fd00::2 --sport 1 --dport 2 -t 500 --state SYN_SENT',
  'conntrack -I -p sctp -s 10.0.0.1 -d 10.0.0.2 --sport 1 --dport 2 -t 500 --state ESTABLISHED --orig-vtag 5 --reply-vtag 6',
  'conntrack -I -p gre -s 10.0.0.1 -d 10.0.0.2 --srckey 1 --dstkey 2 -t 500',
  'conntrack -I -p icmp -s 10.0.0.1 -d 10.0.0.2 --icmp-type 8 --icmp-code 0 --icmp-id 5 -t 500',
  'conntrack -I -p icmpv6 -s fd00::1 -d fd00::2 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 5 -t 500',
  `conntrack -U ${udp} -m 7`,
  `conntrack -U ${udp} -t 400`,
  `conntrack -G ${udp}`,
  'conntrack -L',
  'conntrack -L -f ipv6',
  'conntrack -L -m 5/7',
  'conntrack -L -w 9',
  'conntrack -L -u ASSURED',
  'conntrack -L -z',
  'conntrack -L dying',
  'conntrack -L unconfirmed',
  'conntrack -L expect',
  'conntrack -S',
  'conntrack -C',
  `conntrack -D ${udp}`,
  'conntrack -F',
  'conntrack -F expect',
];

let fd = -1;
let sent: Sent[] = [];
let ct: ConntrackClientSync;

beforeAll(() => {
  fd = createNamespace();
  ct = openSync({ netns: { fd } });
  sent = capture(commands, `/proc/${process.pid}/fd/${fd}`, { protocol: 'NETLINK_NETFILTER' });
});
afterAll(() => {
  ct.close();
  closeFd(fd);
});

describe('conntrack(8)', () => {
  test.each(commands)('%s', (command) => {
    const messages = sent.filter((message) => message.command === command);
    expect(messages.length).toBeGreaterThan(0);
    for (const { type, body } of messages) {
      const known = messageType(NETLINK_NETFILTER, type) as Operation | undefined;
      if (known?.body === undefined) throw new Error(`no schema for messages of type ${type}`);
      const value = known.body.parse(body) as object;
      expect(JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each))).not.toContain('"unknown"');
      expect(sameBody(body, known.body.bytes(value))).toBeUndefined();
    }
  });

  /** What netloom sends, and whether the kernel takes it does not matter. */
  function sentBy(run: () => unknown): { type: number; body: Buffer }[] {
    const messages: { type: number; body: Buffer }[] = [];
    const listen = (message: unknown): void => {
      const { bytes } = message as TracedDatagram;
      const all = Buffer.from(bytes);
      for (let at = 0; all.length - at >= NLMSG_HDRLEN; at += (all.readUInt32LE(at) + 3) & ~3)
        messages.push({ type: all.readUInt16LE(at + 4), body: all.subarray(at + NLMSG_HDRLEN, at + all.readUInt32LE(at)) });
    };
    subscribe('netloom:sent', listen);
    try {
      run();
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
    } finally {
      unsubscribe('netloom:sent', listen);
    }
    return messages;
  }

  const tuple = { protocol: 'udp', src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2 } as const;
  const pairs: [command: string, run: () => unknown][] = [
    [
      `conntrack -I ${udp} -t 500 -u ASSURED,SEEN_REPLY`,
      () => ct.flows.create({ original: tuple, timeout: 500, status: ['assured', 'seen-reply'] }),
    ],
    [`conntrack -I ${udp} -t 500 -w 10 -m 5`, () => ct.flows.create({ original: tuple, timeout: 500, zone: 10, mark: 5 })],
    [`conntrack -I ${udp} -t 500 -w 9`, () => ct.flows.create({ original: tuple, timeout: 500, zone: 9 })],
    [
      'conntrack -I -p udp -s fd00::1 -d fd00::2 --sport 3 --dport 2 -t 500 --dst-nat fd00::9',
      () =>
        ct.flows.create({
          original: { protocol: 'udp', src: 'fd00::1', dst: 'fd00::2', sport: 3, dport: 2 },
          timeout: 500,
          nat: { dst: { address: 'fd00::9' } },
        }),
    ],
    [
      'conntrack -I -p icmp -s 10.0.0.1 -d 10.0.0.2 --icmp-type 8 --icmp-code 0 --icmp-id 5 -t 500',
      () =>
        ct.flows.create({
          original: { protocol: 'icmp', src: '10.0.0.1', dst: '10.0.0.2', type: 8, code: 0, id: 5 },
          timeout: 500,
        }),
    ],
    ['conntrack -L', () => ct.flows.list()],
    ['conntrack -L expect', () => ct.expectations.list({ family: 'inet' })],
    ['conntrack -F', () => ct.flows.flush()],
  ];
  test.each(pairs)('netloom sends the same as %s', (command, run) => {
    const theirs = sent.find((message) => message.command === command)!;
    const ours = sentBy(run).find(({ type }) => type === theirs.type);
    if (ours === undefined) throw new Error('nothing of the type was sent');
    expect(sameBody(theirs.body, ours.body)).toBeUndefined();
  });
});
