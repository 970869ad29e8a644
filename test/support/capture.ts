/**
 * What ip(8) and bridge(8) send, taken from their system calls by strace(1), and held against netloom's schemas.
 *
 * The schemas are found, not listed: every operation that src/rtnl exports tells the type of its message and its body.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { describe } from '../../src/netlink/describe.ts';
import { NetlinkError } from '../../src/netlink/errors.ts';
import { NETLINK_ROUTE } from '../../src/netlink/message.ts';
import type { Operation } from '../../src/netlink/operation.ts';
import type { TracedDatagram } from '../../src/netlink/trace.ts';
import { fakeMessage } from '../../src/netlink/transport/fake.ts';
import * as rtnl from '../../src/rtnl/index.ts';
import { tool } from './oracle.ts';
import { sameBody } from './wire.ts';

/** One message to the kernel, where nothing else is said to rtnetlink. */
export interface Sent {
  readonly command: string;
  readonly type: number;
  readonly flags: number;
  /** Without its nlmsghdr. */
  readonly body: Buffer;
}

/**
 * Runs command lines of `ip` or `bridge` in a namespace and returns the messages they sent to rtnetlink, or to `protocol`. With `mayBeRefused` the
 * kernel may refuse them: what it was sent is what counts; with `mayFail` a tool may end as it likes, as bridge(8) does when it is refused. A process
 * each: what an option of one command leaves behind in `ip -batch` changes the next.
 */
export function capture(
  commands: readonly string[],
  netns: string,
  options: { mayBeRefused?: boolean; mayFail?: boolean; protocol?: 'NETLINK_ROUTE' | 'NETLINK_NETFILTER' } = {},
): Sent[] {
  const { mayBeRefused = false, mayFail = false, protocol = 'NETLINK_ROUTE' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'netloom-strace-'));
  const file = join(folder, 'calls');
  // by a filter in the kernel: other calls are not slowed down
  const strace = ['strace', '-f', '--seccomp-bpf', '-e', 'trace=socket,sendmsg,sendto', '-e', 'write=all', '-o', file];
  try {
    return commands.flatMap((command) => {
      try {
        tool([...strace, ...command.split(/ +/)], { netns });
      } catch (error) {
        // 2: the kernel refused it; with 1 ip(8) itself did
        if (!mayFail && (!mayBeRefused || (error as { status?: unknown }).status !== 2)) throw error;
      }
      return messagesOf(command, readFileSync(file, 'utf8'), protocol);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The messages that netloom sends to rtnetlink meanwhile, in this process; the kernel may refuse them. */
export async function sentBy(run: () => unknown): Promise<Sent[]> {
  const sent: Sent[] = [];
  const listen = (message: unknown): void => {
    const { protocol, bytes } = message as TracedDatagram;
    if (protocol === NETLINK_ROUTE) sent.push(...split('netloom', Buffer.from(bytes)));
  };
  subscribe('netloom:sent', listen);
  try {
    await run();
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
  } finally {
    unsubscribe('netloom:sent', listen);
  }
  return sent;
}

/** strace prints a call on one line, and below it what the call wrote, as rows of 16 bytes in hexadecimal. */
function messagesOf(command: string, calls: string, protocol: string): Sent[] {
  const sockets = new Map<string, string>();
  const sent: Sent[] = [];
  const data: { text: string; bytes: Buffer }[] = [];
  for (const line of calls.split('\n')) {
    const opened = /socket\(AF_NETLINK, [^,]*, (\w+)\)\s+= (\d+)/.exec(line);
    if (opened !== null) sockets.set(opened[2]!, opened[1]!);
    const call = /(?:sendmsg|sendto)\((\d+)/.exec(line);
    if (call !== null && sockets.get(call[1]!) === protocol) data.push({ text: '', bytes: Buffer.alloc(0) });
    else if (call !== null) data.push({ text: 'another protocol', bytes: Buffer.alloc(0) });
    const row = /^(?:\d+ )? ?\| [0-9a-f]{5,} {2}(.{49})/.exec(line);
    const last = data.at(-1);
    if (row !== null && last !== undefined) last.bytes = Buffer.concat([last.bytes, Buffer.from(row[1]!.replaceAll(' ', ''), 'hex')]);
  }
  for (const { text, bytes } of data) if (text === '') sent.push(...split(command, bytes));
  return sent;
}

/** The messages of a datagram. */
function split(command: string, bytes: Buffer): Sent[] {
  const sent: Sent[] = [];
  for (let at = 0; bytes.length - at >= 16; ) {
    const length = bytes.readUInt32LE(at);
    // iproute2 sends the whole buffer of some requests
    if (bytes.subarray(at).every((byte) => byte === 0)) break;
    if (length < 16 || at + length > bytes.length) throw new Error(`${command}: a message of ${length} bytes in ${bytes.length - at}`);
    const body = bytes.subarray(at + 16, at + length);
    sent.push({ command, type: bytes.readUInt16LE(at + 4), flags: bytes.readUInt16LE(at + 6), body });
    at += (length + 3) & ~3;
  }
  return sent;
}

let found: Map<number, Operation[]> | undefined;

/** The operations of netloom by the type of their message; a type may have several, one a family. */
export function operationsOf(type: number): readonly Operation[] {
  if (found === undefined) {
    found = new Map();
    for (const value of Object.values<unknown>(rtnl)) {
      const { name, protocol, type: number, body } = (value ?? {}) as Partial<Operation>;
      if (typeof name !== 'string' || protocol !== NETLINK_ROUTE || typeof number !== 'number' || body === undefined) continue;
      const list = found.get(number);
      if (list === undefined) found.set(number, [value as Operation]);
      else list.push(value as Operation);
    }
  }
  return found.get(type) ?? [];
}

/**
 * Decodes a message with nothing left unknown, and encodes it to the same bytes, by one of its schemas; and the one that `describe` takes for it
 * knows all of it. @throws what speaks against it
 */
export function expectWhole({ command, type, flags, body }: Sent): void {
  const operations = operationsOf(type);
  const label = `${command}: message of type ${type}`;
  expect(operations.length, `${label}: src/rtnl exports no operation of this type`).toBeGreaterThan(0);
  const complaints = operations.map((operation) => {
    const value: unknown = operation.body.parse(body);
    const unknown = unknownIn(value, '');
    if (unknown.length > 0) return `${operation.name} does not know ${unknown.join(', ')}`;
    const difference = sameBody(body, operation.body.bytes(value));
    return difference === undefined ? undefined : `${operation.name} encodes ${JSON.stringify(value, plain)} otherwise: ${difference}`;
  });
  if (complaints.every((complaint) => complaint !== undefined)) expect.fail(`${label}: ${complaints.join('; ')}`);
  expect(describe(fakeMessage(1, type, body, flags)), label).not.toMatch(/malformed|attribute \d|\(expected /);
}

/** Paths of attributes without a declaration, and of kinds without a schema. */
function unknownIn(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const here = path === '' ? key : `${path}.${key}`;
    if (key === 'unknown' && Array.isArray(member)) return member.map(({ type }: { type: number }) => `${here} ${type & 0x3fff}`);
    // iproute2 says a kind of port in the place of that of the link
    if (key === 'kind' && member === 'other' && 'port' in value) return [];
    if (key === 'kind' && member === 'other') return [`${path} ${JSON.stringify((value as { name?: unknown }).name)}`];
    return unknownIn(member, here);
  });
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
