/** A short run of the fuzzer; `npm run fuzz` is the long one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageType } from '../../src/netlink/message-types.ts';
import { check, corpus, decodersHold } from '../support/fuzz.ts';
import { checkClients } from '../support/fuzz-clients.ts';

describe('decoders', { timeout: 120_000 }, () => {
  test('take every message of the corpus', () => {
    const { schemas, tools, ...others } = corpus();
    expect(schemas?.length).toBeGreaterThan(100);
    expect(tools?.length).toBeGreaterThan(200);
    for (const sample of [...schemas!, ...tools!, ...Object.values(others).flat()]) check(sample);
  });

  test('so do clients and monitors, and make objects of answers of every sort', () => {
    const { schemas, tools } = corpus();
    const types = new Set<string>();
    for (const { protocol, bytes } of [...schemas!, ...tools!])
      if (checkClients(protocol, bytes) > 0) types.add(messageType(protocol, bytes.readUInt16LE(4))!.name);
    const route = [
      'ADDR',
      'ADDRLABEL',
      'LINK',
      'NEIGH',
      'NEIGHTBL',
      'NETCONF',
      'NEXTHOP',
      'NSID',
      'ROUTE',
      'RULE',
      'STATS',
      'TUNNEL',
      'VLAN',
    ];
    const tables = ['CHAIN', 'RULE', 'TABLE'];
    expect([...types]).toEqual(
      expect.arrayContaining(['RTM_GETMDB', ...route.map((name) => `RTM_NEW${name}`), ...tables.map((name) => `NFT_MSG_NEW${name}`)]),
    );
  });

  test('answer mutated messages with a value or a typed error', () => {
    fc.assert(decodersHold(), { numRuns: 400 });
  });
});
