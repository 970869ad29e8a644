/** Mutations of real messages through every decoder: a value or a typed error comes out, and nothing that lies outside the message goes in. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe } from '../../src/netlink/describe.ts';
import { MalformedMessageError } from '../../src/netlink/errors.ts';
import { readDone, readError } from '../../src/netlink/extack.ts';
import { NLMSG_HDRLEN, readU16, readU32 } from '../../src/netlink/message.ts';
import { messageType } from '../../src/netlink/message-types.ts';
import { fakeAck, fakeDone, fakeMessage } from '../../src/netlink/transport/fake.ts';
import '../../src/index.ts';
import type { Recording } from '../../src/testing/index.ts';
import { captured } from '../fixtures/rtnl/read.ts';
import { pcapngOf, pcapOf } from './capture-file.ts';
import { checkClients } from './fuzz-clients.ts';

/** A message, header included. */
export interface Sample {
  protocol: number;
  bytes: Buffer;
}

const fixtures = new URL('../fixtures/', import.meta.url);

function json(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, fixtures), 'utf8'));
}

/** Real messages, in groups that are mutated equally often. */
export function corpus(): Readonly<Record<string, readonly Sample[]>> {
  const groups: Record<string, readonly Sample[]> = { schemas: schemaSamples(), tools: toolSamples() };
  const peers = peerSamples();
  return peers.length === 0 ? groups : { ...groups, peers };
}

/** Requests of ip(8) and nft(8), the kernel's answers, recordings, acks and refusals: what the tests of the schemas go by. */
function schemaSamples(): Sample[] {
  const samples: Sample[] = [];
  for (const { type, flags, body } of [...captured('requests'), ...captured('dumps')])
    samples.push({ protocol: 0, bytes: fakeMessage(7, type, body, flags) });
  for (const { message } of (json('nft/rules.json') as { rules: { message: string }[] }).rules)
    samples.push({ protocol: 12, bytes: fakeMessage(7, 0xa06, Buffer.from(message, 'hex'), 2) });
  for (const file of readdirSync(new URL('recordings', fixtures)).filter((name) => name.endsWith('.json')))
    for (const step of (json(`recordings/${file}`) as Recording).steps)
      if ('request' in step)
        for (const hex of [step.request, ...step.answers]) samples.push({ protocol: step.protocol, bytes: Buffer.from(hex, 'hex') });
  const request = { type: 16, flags: 5, sequence: 7, body: captured('requests')[0]!.body };
  samples.push({ protocol: 0, bytes: fakeAck(request) }, { protocol: 0, bytes: fakeDone(request, 4) });
  samples.push({ protocol: 0, bytes: fakeAck(request, 22, { message: 'Invalid VLAN id', offset: 52 }) });
  samples.push({ protocol: 0, bytes: uncapped(samples[0]!.bytes) });
  return samples;
}

/** What ip(8), bridge(8) and nft(8) said to a kernel and it to them: every kind of link, rules, nexthops, …, sets, objects. */
function toolSamples(): Sample[] {
  const { messages } = json('fuzz/messages.json') as { messages: { protocol: number; bytes: string }[] };
  return messages.map(({ protocol, bytes }) => ({ protocol, bytes: Buffer.from(bytes, 'hex') }));
}

interface PeerCase {
  readonly exprs?: readonly string[];
  readonly kernel?: { readonly rule: string[]; readonly set: string[]; readonly elem: Record<string, string[]>; readonly obj: string[] };
}

/** A kernel's answers for the test cases of nftables, beside the tree where they are: of each combination of expressions one. */
function peerSamples(): Sample[] {
  const file = new URL('../../../shared/nft/corpus.public.jsonl', import.meta.url);
  if (!existsSync(file)) return [];
  const seen = new Set<string>();
  const samples: Sample[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const { exprs = [], kernel } = JSON.parse(line) as PeerCase;
    const shape = `${exprs.join()} ${kernel?.set.length} ${kernel?.obj.length}`;
    if (kernel === undefined || seen.has(shape)) continue;
    seen.add(shape);
    const add = (type: number, bodies: readonly string[]): void => {
      for (const body of bodies) samples.push({ protocol: 12, bytes: fakeMessage(7, type, Buffer.from(body, 'hex'), 2) });
    };
    add(0xa06, kernel.rule);
    add(0xa09, kernel.set);
    add(0xa0c, Object.values(kernel.elem).flat());
    add(0xa12, kernel.obj);
  }
  return samples;
}

/** A refusal with the request copied back, and a policy. */
function uncapped(request: Buffer): Buffer {
  const tail = Buffer.from('0800020028000000140004800800010004000000080006000a000000', 'hex');
  return fakeMessage(7, 2, Buffer.concat([Buffer.from('eaffffff', 'hex'), request, tail]), 0x200);
}

/** One change of the bytes; positions and values are taken modulo what there is. */
export type Mutation =
  | { kind: 'set'; at: number; value: number }
  | { kind: 'flip'; at: number; value: number }
  | { kind: 'length'; at: number; value: number }
  | { kind: 'cut'; at: number }
  | { kind: 'insert'; at: number; value: number }
  | { kind: 'repeat'; at: number; value: number };

const interesting = [0, 1, 2, 3, 4, 5, 7, 8, 0x7f, 0xff, 0x100, 0x7fff, 0x8000, 0xfffc, 0xffff];

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), value: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('length' as const), at: fc.nat(), value: fc.constantFrom(...interesting) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), value: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(), value: fc.integer({ min: 4, max: 4096 }) }),
);

function mutated(bytes: Buffer, change: Mutation): Buffer {
  if (bytes.length === 0) return bytes;
  const at = change.at % bytes.length;
  const copy = Buffer.from(bytes);
  switch (change.kind) {
    case 'set':
      copy[at] = change.value;
      return copy;
    case 'flip':
      copy[at] = copy[at]! ^ (1 << change.value);
      return copy;
    case 'length': {
      // where lengths and types of attributes lie
      const place = at & ~1;
      if (place + 2 <= copy.length) copy.writeUInt16LE(change.value, place);
      return copy;
    }
    case 'cut':
      return copy.subarray(0, at);
    case 'insert':
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at, at + change.value), copy.subarray(at)]);
    case 'repeat': {
      // nests of nests: the header of an attribute over and over
      const place = at & ~3;
      const header = copy.subarray(place, place + 4);
      return Buffer.concat([copy.subarray(0, place), ...new Array<Buffer>(change.value).fill(header), copy.subarray(place)]);
    }
  }
}

/** What a call came to: its value, or the typed error it ended with. Any other error is a finding, and is thrown. */
function outcome<T>(call: () => T): { value: T } | { malformed: string } {
  try {
    return { value: call() };
  } catch (error) {
    // a typed error is an answer; a TypeError, a RangeError is a bug
    if (error instanceof MalformedMessageError) return { malformed: error.expected };
    throw error;
  }
}

const margin = 4096;

/** Runs a decoder on the bytes alone, and amid others: what it says must not depend on those. */
function alike<T>(what: string, bytes: Buffer, decode: (within: Buffer, offset: number) => T): void {
  const results = [0x00, 0x04, 0xff].map((filler) => {
    const amid = Buffer.alloc(bytes.length + 2 * margin, filler);
    bytes.copy(amid, margin);
    return outcome(() => decode(amid, margin));
  });
  const alone = outcome(() => decode(Buffer.from(bytes), 0));
  for (const result of results)
    if (!isDeepStrictEqual(result, alone)) throw new Error(`${what} reads beyond its message, or depends on where it lies`);
}

/** Puts one message through everything that reads messages. */
export function check({ protocol, bytes }: Sample): void {
  const described = describe(bytes, { protocol });
  if (described.split('\n').length > bytes.length + 1) throw new Error('the description has more lines than the message has bytes');
  describe(bytes, { protocol, maxBytes: Number.POSITIVE_INFINITY, secrets: true });
  const packet = { protocol, packetType: 7, bytes, seconds: 1, microseconds: 0 };
  describe(pcapOf([packet]));
  describe(pcapngOf([packet]));
  if (bytes.length < NLMSG_HDRLEN) return;
  const length = bytes.length - NLMSG_HDRLEN;
  const of = messageType(protocol, readU16(bytes, 4))?.body;
  if (of !== undefined) {
    const body = bytes.subarray(NLMSG_HDRLEN);
    alike(`the decoder of ${of.label}`, body, (within, offset) => of.decode(within, offset, length));
    for (const target of [0, 4, 16, length >> 1, length - 1]) outcome(() => of.locate?.(body, 0, length, target));
    alike(`the description of ${of.label}`, body, (within, offset) =>
      of.describe?.(within, offset, length, { maxBytes: 64, secrets: false }),
    );
  }
  const size = readU32(bytes, 0);
  if (size >= NLMSG_HDRLEN && size <= bytes.length) {
    const flags = readU16(bytes, 6);
    const message = bytes.subarray(0, size);
    alike('the reader of errors', message, (within, offset) => readError(within, offset, size, flags));
    alike('the reader of the end of a dump', message, (within, offset) => readDone(within, offset, size, flags));
  }
  checkClients(protocol, bytes);
}

/** Puts a whole capture file, mutated itself, through its reader. */
function checkFile(bytes: Buffer): void {
  outcome(() => describe(bytes));
}

/** A property that holds for every message; fast-check finds the smallest one for which it does not. */
export function decodersHold(): fc.IProperty<[[string, number], Mutation[]]> {
  const groups = corpus();
  const place = fc.oneof(
    ...Object.entries(groups).map(
      ([name, samples]) => fc.tuple(fc.constant(name), fc.nat(samples.length - 1)) as fc.Arbitrary<[string, number]>,
    ),
  );
  return fc.property(place, fc.array(mutation, { maxLength: 6 }), ([group, index], changes) => {
    const { protocol, bytes } = groups[group]![index]!;
    const packet = { protocol, packetType: 6, bytes, seconds: 1, microseconds: 0 };
    check({ protocol, bytes: changes.reduce(mutated, bytes) });
    checkFile(changes.reduce(mutated, pcapOf([packet, packet])));
    checkFile(changes.reduce(mutated, pcapngOf([packet, packet])));
  });
}
