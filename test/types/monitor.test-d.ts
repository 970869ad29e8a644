/** What the compiler knows about the events of monitors: kinds and actions tell which members there are. */
import { expectTypeOf, test } from 'vitest';
import type { netlink } from '../../src/index.ts';
import type {
  Address,
  FdbEntry,
  Link,
  MdbEntry,
  Route,
  RtnlChange,
  RtnlClient,
  RtnlEvent,
  RtnlKind,
  RtnlMonitor,
} from '../../src/rtnl/index.ts';

declare const rt: RtnlClient;

test('the kinds that were asked for decide which events come', () => {
  expectTypeOf(rt.monitor(['link', 'route'])).toEqualTypeOf<RtnlMonitor<'link' | 'route'>>();
  expectTypeOf<RtnlEvent<'link'>['kind']>().toEqualTypeOf<'link' | 'overrun' | 'synced' | 'malformed'>();
  expectTypeOf<RtnlChange<'link' | 'route'>['kind']>().toEqualTypeOf<'link' | 'route'>();
  expectTypeOf<RtnlChange['kind']>().toEqualTypeOf<RtnlKind>();
  expectTypeOf<RtnlMonitor<'link'>>().toExtend<AsyncIterable<RtnlEvent<'link'>>>();
  expectTypeOf<RtnlMonitor<'link'>>().toExtend<AsyncDisposable>();
  // @ts-expect-error: there is no such kind
  rt.monitor(['links']);
  // @ts-expect-error: a typo in an option
  rt.monitor(['link'], { inital: true });
});

test('the kind tells the object', async () => {
  for await (const event of rt.monitor(['link', 'address', 'route', 'fdb', 'mdb'])) {
    if (event.kind === 'link' && event.action === 'new') expectTypeOf(event.new).toEqualTypeOf<Link>();
    if (event.kind === 'address' && event.action === 'new') expectTypeOf(event.new).toEqualTypeOf<Address>();
    if (event.kind === 'route' && event.action === 'delete') expectTypeOf(event.old).toEqualTypeOf<Route>();
    if (event.kind === 'fdb' && event.action === 'new') expectTypeOf(event.new).toEqualTypeOf<FdbEntry>();
    if (event.kind === 'mdb' && event.action === 'delete') expectTypeOf(event.old).toEqualTypeOf<MdbEntry>();
    // @ts-expect-error: rules were not asked for
    if (event.kind === 'rule') break;
  }
});

test('the action tells which of old and new there are', async () => {
  for await (const event of rt.monitor(['link'], { resync: true, initial: true })) {
    if (event.kind !== 'link') continue;
    expectTypeOf(event.action).toEqualTypeOf<'new' | 'change' | 'delete'>();
    expectTypeOf(event.nsid).toEqualTypeOf<number | undefined>();
    switch (event.action) {
      case 'new':
        expectTypeOf(event.new).toEqualTypeOf<Link>();
        // @ts-expect-error: there was nothing before
        event.old;
        break;
      case 'change':
        expectTypeOf(event.new).toEqualTypeOf<Link>();
        // only a monitor with a picture knows it
        expectTypeOf(event.old).toEqualTypeOf<Link | undefined>();
        break;
      case 'delete':
        expectTypeOf(event.old).toEqualTypeOf<Link>();
        // @ts-expect-error: there is nothing any more
        event.new;
        break;
      default:
        expectTypeOf(event).toEqualTypeOf<never>();
    }
  }
});

test('what is not about an object has no action', async () => {
  for await (const event of rt.monitor(['link'])) {
    if (event.kind === 'link') continue;
    // @ts-expect-error: only changes have one
    event.action;
    switch (event.kind) {
      case 'overrun':
        expectTypeOf(event.lost).toEqualTypeOf<number | undefined>();
        break;
      case 'synced':
        expectTypeOf(event.reason).toEqualTypeOf<'initial' | 'overrun'>();
        break;
      case 'malformed':
        expectTypeOf(event.error).toEqualTypeOf<netlink.MalformedMessageError>();
        break;
      default:
        expectTypeOf(event).toEqualTypeOf<never>();
    }
  }
});

test('a helper that takes any event sees every kind', () => {
  const subject = (event: RtnlChange): string => (event.action === 'delete' ? event.old : event.new).constructor.name;
  expectTypeOf(subject).parameter(0).toEqualTypeOf<RtnlChange>();
  expectTypeOf<RtnlChange<'link'>>().toExtend<RtnlChange>();
  expectTypeOf<RtnlEvent<'link'>>().toExtend<RtnlEvent>();
});
