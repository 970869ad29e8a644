/** What the compiler makes of the conntrack API. */
import { expectTypeOf, test } from 'vitest';
import type { ConntrackClient, ConntrackClientSync, Expectation, Flow, Tuple } from '../../src/conntrack/index.ts';
import type { Listing } from '../../src/netlink/dump.ts';

declare const ct: ConntrackClient;
declare const sync: ConntrackClientSync;
declare const tuple: Tuple;

test('the two clients have the same methods', () => {
  expectTypeOf(ct.flows.list).returns.resolves.toEqualTypeOf<Listing<Flow>>();
  expectTypeOf(sync.flows.list).returns.toEqualTypeOf<Listing<Flow>>();
  expectTypeOf<keyof ConntrackClient['flows']>().toEqualTypeOf<keyof ConntrackClientSync['flows']>();
  expectTypeOf<keyof ConntrackClient['expectations']>().toEqualTypeOf<keyof ConntrackClientSync['expectations']>();
  expectTypeOf(ct.flows.deleteStale).returns.resolves.toEqualTypeOf<number>();
});

test('the protocol of a tuple says what it has', () => {
  if (tuple.protocol === 'tcp') expectTypeOf(tuple.sport).toEqualTypeOf<number>();
  if (tuple.protocol === 'icmp') expectTypeOf(tuple.id).toEqualTypeOf<number>();
  // @ts-expect-error: ports of ICMP
  sync.flows.create({ original: { protocol: 'icmp', src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2 }, timeout: 5 });
  // @ts-expect-error: a port is missing
  sync.flows.create({ original: { protocol: 'udp', src: '10.0.0.1', dst: '10.0.0.2', sport: 1 }, timeout: 5 });
  // @ts-expect-error: the timeout is needed
  sync.flows.create({ original: { protocol: 'esp', src: '10.0.0.1', dst: '10.0.0.2' } });
  // @ts-expect-error: no such filter
  sync.flows.list({ dport: 53 });
});

test('events are told apart by their kind and action', async () => {
  for await (const event of ct.monitor(['flow', 'expectation'], { actions: ['new', 'delete'] })) {
    if (event.kind === 'flow' && event.action === 'delete') expectTypeOf(event.old).toEqualTypeOf<Flow>();
    if (event.kind === 'expectation' && event.action === 'new') expectTypeOf(event.new).toEqualTypeOf<Expectation>();
    if (event.kind === 'overrun') expectTypeOf(event.lost).toEqualTypeOf<number | undefined>();
  }
  // @ts-expect-error: no such kind
  ct.monitor(['flows']);
});
