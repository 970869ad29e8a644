/** What the steps of a plan say: names and addresses, not the bytes that they are sent as. */
import { expect, test } from 'vitest';
import type { Request } from '../../src/netlink/operation.ts';
// which makes the messages known, as whoever has a plan has done
import '../../src/network/index.ts';
import { messageText, readableValue } from '../../src/network/planned-message.ts';
import { addressMap, portTable } from '../../src/network/ports/table.ts';
import { setting } from '../../src/network/requests.ts';
import { setOf } from '../../src/network/rule-table.ts';
import { change } from '../../src/nft/change/change.ts';
import { accept, meta, rule } from '../../src/nft/language/index.ts';

const planned = (request: Request | undefined) => ({ text: messageText(request!).split('\n'), value: readableValue(request!) });

test('messages about links have the names of the kernel', () => {
  const request = setting({ index: 0, up: true, inet6: { addrGenMode: 'none' } }, 'a link');
  const { text, value } = planned(request);
  expect(text).toEqual([
    'ifinfomsg: family=unspec type=0 index=0 flags=up change=up',
    'IFLA_AF_SPEC',
    '  AF_INET6',
    '    IFLA_INET6_ADDR_GEN_MODE: none',
  ]);
  expect(value).toBe(request.value);
});

test("elements of netloom's own sets have keys and values, those of others bytes", () => {
  const elements = [{ key: ['192.0.2.1', 'tcp', 8080], data: ['10.20.0.2', 80] }] as never;
  const own = planned(change.elements.create(addressMap('inet'), elements).requests[0]);
  expect(own.value).toMatchObject({ table: 'netloom-ports', elements: [{ key: ['192.0.2.1', 'tcp', 8080], data: ['10.20.0.2', 80] }] });
  expect(own.text.at(-1)).toBe('element 192.0.2.1 . tcp . 8080 : 10.20.0.2 . 80');
  const set = setOf({ family: 'inet', name: 'netloom@web' }, 'endpoints', { type: 'ifname' });
  expect(planned(change.elements.create(set, ['nl0123456789abc']).requests[0]).text.at(-1)).toBe('element nl0123456789abc');
  const theirs = planned(change.elements.create({ ...portTable().links, table: 'theirs' }, ['eth0']).requests[0]);
  expect(theirs.value).toMatchObject({ elements: [{ key: expect.any(Uint8Array) }] });
});

test('rules have their expressions, whatever rules were made after them', () => {
  const place = { family: 'inet', table: 'netloom', chain: 'isolation' } as const;
  const [first, second] = [7, 8].map((index) => change.rules.add({ ...place, statements: rule(meta.iif.in(index), accept()) }).requests[0]);
  for (const [request, index] of [
    [second, 8],
    [first, 7],
  ] as const)
    expect(planned(request).value).toMatchObject({
      table: 'netloom',
      expressions: [{ kind: 'meta' }, { kind: 'cmp', data: { data: Uint8Array.of(index, 0, 0, 0) } }, { kind: 'immediate' }],
    });
});
