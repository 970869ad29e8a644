/** What the compiler makes of container networks. */
import { network } from 'netloom';
import { expectTypeOf, test } from 'vitest';

declare const net: network.Network;
declare const record: network.EndpointRecord;

test('an endpoint is its record and two methods', () => {
  expectTypeOf(net.attach).returns.resolves.toEqualTypeOf<network.Endpoint>();
  expectTypeOf<network.Endpoint>().toExtend<network.EndpointRecord>();
  expectTypeOf<Exclude<keyof network.Endpoint, keyof network.EndpointRecord>>().toEqualTypeOf<
    'check' | 'detach' | 'publish' | 'unpublish'
  >();
  expectTypeOf(net.detach(record)).resolves.toEqualTypeOf<boolean>();
  expectTypeOf(net.check({ owner: 'c' })).resolves.toEqualTypeOf<readonly string[]>();
});

test('what is needed, and what there is not, is told', () => {
  // @ts-expect-error: whose endpoint it is
  net.attach({ netns: 'red' });
  // @ts-expect-error: no such option
  net.attach({ netns: 'red', owner: 'c', address: '10.0.0.1' });
  // @ts-expect-error: no such driver
  network.create({ name: 'web', driver: 'overlay' });
  // @ts-expect-error: a route of an endpoint is on its link
  net.attach({ netns: 'red', owner: 'c', routes: [{ to: 'default', dev: 'eth0' }] });
});

test('a plan is of messages and sysctls', async () => {
  const [step] = await net.plan({ netns: 'red', owner: 'c' });
  if (step !== undefined && 'message' in step) expectTypeOf(step.value).toEqualTypeOf<object>();
  if (step !== undefined && 'sysctl' in step) expectTypeOf(step.value).toEqualTypeOf<string>();
});

test('the synchronous form has the same methods, and their results at once', () => {
  type Plain<T> = { [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : T[K] };
  type Methods = Exclude<keyof network.Network, typeof Symbol.asyncDispose | 'attach'>;
  expectTypeOf<Pick<network.SyncNetwork, Methods>>().toEqualTypeOf<Plain<Pick<network.Network, Methods>>>();
  expectTypeOf<network.SyncEndpoint>().toEqualTypeOf<Plain<network.Endpoint>>();
  expectTypeOf<ReturnType<network.SyncNetwork['attach']>>().toEqualTypeOf<network.SyncEndpoint>();
  // @ts-expect-error: a store that answers with promises
  network.createSync({ name: 'web', store: {} as network.AddressStore });
});
