/** Makes the events of a monitor from a table of kinds, with a picture of their objects where one is asked for. */
import { MalformedMessageError } from './errors.ts';
import type { Emit, MalformedEvent, MonitorFeed, Synchronization, SynchronizationReason } from './monitor.ts';
import type { ChangeEvent, MonitorKind, MonitorListing } from './monitor-kind.ts';
import { type Difference, Picture } from './monitor-picture.ts';
import type { Notification } from './monitor-socket.ts';
import type { Program } from './program.ts';

/** What a protocol keeps beside the objects themselves: for rtnetlink the names of links. */
export interface MonitorContext {
  /** Takes in every message, before it is decoded. */
  accept?(notification: Notification): void;
  /** Asks the kernel for what it must know. */
  load?(run: Run): Promise<void>;
}

/** Runs a program where the monitor listens. */
export type Run = <T>(program: Program<T>) => Promise<T>;

/** The kinds of objects that a feed tells of, by their names. */
// biome-ignore lint/suspicious/noExplicitAny: a table holds kinds of objects of any type; the types are kept by the table's own
export type MonitorKinds<C> = Readonly<Record<string, MonitorKind<any, C>>>;

/** Events of any kind: callers see those of the kinds they asked for. */
export type AnyEvent = ChangeEvent<string, unknown>;

/** What a feed of events is made of. */
export interface KindFeedOptions<C extends MonitorContext> {
  /** The kinds that are asked for, and no others. */
  readonly kinds: MonitorKinds<C>;
  /** What the kinds need to make events of messages. */
  readonly context: C;
  /** Runs a program where the monitor listens; it is given up with the signal. */
  readonly run: <T>(program: Program<T>, signal: AbortSignal) => Promise<T>;
  /** Begin with the objects that exist. */
  readonly initial: boolean;
  /** Keep a picture, and after an overrun tell what has changed. */
  readonly resync: boolean;
}

interface Entry<C> {
  readonly name: string;
  readonly kind: MonitorKind<unknown, C>;
}

type Pictures = Map<string, Picture<unknown>>;

/** Objects put into a picture at a time. */
const slice = 1000;

export class KindFeed<C extends MonitorContext> implements MonitorFeed<AnyEvent> {
  stale = false;
  private readonly options: KindFeedOptions<C>;
  private readonly byType = new Map<number, Entry<C>[]>();
  private readonly listings: { readonly name: string; readonly listing: MonitorListing<unknown> }[] = [];
  private pictures: Pictures | undefined;

  constructor(options: KindFeedOptions<C>) {
    this.options = options;
    for (const [name, kind] of Object.entries(options.kinds)) {
      for (const type of Object.keys(kind.types).map(Number)) {
        const entries = this.byType.get(type);
        if (entries === undefined) this.byType.set(type, [{ name, kind }]);
        else entries.push({ name, kind });
      }
      if (kind.listing !== undefined) this.listings.push({ name, listing: kind.listing });
    }
  }

  accept(notification: Notification, emit: Emit<AnyEvent | MalformedEvent>): void {
    this.read(notification, this.pictures, emit);
  }

  private read(notification: Notification, pictures: Pictures | undefined, emit: Emit<AnyEvent | MalformedEvent> | undefined): void {
    const { type, flags, nsid } = notification;
    try {
      this.options.context.accept?.(notification);
      if (this.options.resync && !this.stale) this.stale = this.listings.some(({ listing }) => listing.disturbed?.(notification) === true);
      for (const { name, kind } of this.byType.get(type) ?? []) {
        const decoded = kind.decode(notification, this.options.context);
        if (decoded === undefined) continue;
        const action = kind.types[type]!;
        const changes = action === 'new' && kind.changes?.(notification) === true;
        const picture = pictures?.get(name);
        for (const object of Array.isArray(decoded) ? decoded : [decoded]) {
          const differences = picture?.apply(action, object, flags);
          if (emit === undefined) continue;
          if (differences !== undefined) for (const difference of differences) emit(eventOf(name, difference, nsid));
          else if (action === 'delete') emit(eventOf(name, { action, old: object }, nsid));
          else emit(eventOf(name, { action: changes ? 'change' : 'new', new: object }, nsid));
        }
      }
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      if (this.options.resync) this.stale = true;
      const { bytes, offset, length } = notification;
      emit?.({ kind: 'malformed', error, type, body: Uint8Array.from(bytes.subarray(offset, offset + length)) });
    }
  }

  synchronize(reason: SynchronizationReason): Synchronization<AnyEvent> {
    const { initial, resync } = this.options;
    const pictures: Pictures | undefined = resync || (initial && reason === 'initial') ? new Map() : undefined;
    // without a listing to begin with, what comes during the first one is news to the consumer, even if the listing shows it already
    const quiet = pictures !== undefined && (initial || reason !== 'initial');
    const synchronization: Synchronization<AnyEvent> = {
      announced: quiet,
      load: async (signal) => await this.load(pictures, signal),
      finish: () => this.finish(pictures, quiet),
    };
    if (!quiet) return synchronization;
    return { ...synchronization, accept: (notification, emit) => this.read(notification, pictures, malformedOnly(emit)) };
  }

  private async load(pictures: Pictures | undefined, signal: AbortSignal): Promise<void> {
    const run: Run = (program) => this.options.run(program, signal);
    this.stale = false;
    await this.options.context.load?.(run);
    if (pictures === undefined) return;
    for (const { name, listing } of this.listings) {
      const picture = new Picture(listing);
      pictures.set(name, picture);
      let count = 0;
      for (const object of await run(listing.list())) {
        picture.add(object);
        if (++count % slice === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  private *finish(pictures: Pictures | undefined, told: boolean): Generator<AnyEvent | undefined, void, void> {
    const before = this.pictures;
    if (this.options.resync) this.pictures = pictures;
    if (pictures === undefined || !told) return;
    for (const [name, picture] of pictures) {
      for (const difference of picture.since(before?.get(name))) {
        yield difference === undefined ? undefined : eventOf(name, difference, undefined);
      }
    }
  }
}

function malformedOnly(emit: Emit<MalformedEvent>): Emit<AnyEvent | MalformedEvent> {
  return (event) => {
    if (event.kind === 'malformed') emit(event as MalformedEvent);
  };
}

/** A change that a message tells without saying what was before. */
type Told = Difference<unknown> | { readonly action: 'new' | 'change'; readonly new: unknown };

function eventOf(kind: string, difference: Told, nsid: number | undefined): AnyEvent {
  // the spread loses which members go with which action
  return (nsid === undefined ? { kind, ...difference } : { kind, ...difference, nsid }) as AnyEvent;
}
