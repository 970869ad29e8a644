/** Tun and tap links with their other end in this process: a descriptor a queue. Source: the kernel's Documentation/networking/tuntap.rst. */
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import type { CallOptions, Program } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { closeFd } from '../../netlink/sys/socket.ts';
import { createWith } from './create.ts';
import { kindName } from './info.ts';
import type { Tun } from './kind/tun.ts';
import type { Link } from './link.ts';
import { attachedTo, openTunLink } from './make-tun.ts';
import { named } from './read.ts';
import { describeLink, findLink, type LinkRef } from './reference.ts';
import type { CreateLinkSettings } from './spec.ts';

/** How descriptors are opened. */
export interface AttachTunOptions extends CallOptions {
  /** Reading fails with `EAGAIN` when there is no packet, instead of waiting for one. Default: false. */
  nonBlocking?: boolean;
}

/** What `openTun` takes: what `create` takes for a link of the kind `tun`, and how it is opened. */
export interface OpenTun extends Omit<CreateLinkSettings, 'link' | 'linkNetnsid' | 'targetNetnsid'>, AttachTunOptions {
  /** Settings of the kind: `type`, `owner`, `group`, `pi`, `vnetHdr`, `multiQueue`. */
  data?: Tun;
  /** Queues, each with a descriptor of its own; more than one needs `data.multiQueue`. Default: 1. At most 256 (MAX_TAP_QUEUES). */
  queues?: number;
  /** The link stays when its descriptors are closed. Default: false. */
  persist?: boolean;
}

const maxQueues = 256;
const attachMembers = memberNames<Omit<AttachTunOptions, keyof CallOptions>>({ nonBlocking: true });

/**
 * A tun or tap that this process is attached to. What is read from a descriptor is what the machine has sent by the link, a packet (or
 * frame) a read; what is written comes in by the link.
 *
 * The descriptors are plain numbers, closed on exec; nothing closes them but {@link close}. A blocking read parks a thread of libuv's pool: `fs.read`
 * on a `nonBlocking` one, or a Worker, does not.
 */
export class TunDevice implements Disposable {
  /** The link as it was when it was opened. */
  readonly link: Link;
  /** A descriptor a queue. */
  readonly fds: readonly number[];
  private closed = false;

  constructor(link: Link, fds: readonly number[]) {
    this.link = link;
    this.fds = fds;
  }

  /** The descriptor of the first queue. */
  get fd(): number {
    return this.fds[0]!;
  }

  /** Closes the descriptors; with the last one on it goes the link, unless it is to stay. Reads that are under way must be over. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const fd of this.fds) closeFd(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Creates a tun or tap link and attaches to it. When something is refused nothing is left of it. */
export function* openTun(spec: OpenTun = {}): Program<TunDevice> {
  if (typeof spec !== 'object' || spec === null)
    throw new InputError('spec', `expected an object, got ${show(spec)}`, 'ERR_INVALID_ARG_TYPE');
  const { queues = 1, nonBlocking = false, persist = false, ...rest } = spec;
  inArgument('queues', () => checkInteger(queues, 1, maxQueues));
  checkBoolean(nonBlocking, 'nonBlocking');
  checkBoolean(persist, 'persist');
  if (queues > 1 && spec.data?.multiQueue !== true) throw new InputError('queues', 'more than one needs `data.multiQueue`');
  let fds: readonly number[] = [];
  try {
    const link = yield* createWith({ ...rest, kind: 'tun' }, function* (wanted): Program<string> {
      const opened = yield* openTunLink(wanted, { queues, nonBlocking, persist });
      ({ fds } = opened);
      return opened.name;
    });
    return new TunDevice(link, fds);
  } catch (error) {
    for (const fd of fds) closeFd(fd);
    throw error;
  }
}

/** Attaches to a tun or tap that exists and stays: to it, or of one with `multiQueue` to a further queue of it. */
export function* attachTun(link: LinkRef, options: AttachTunOptions = {}): Program<TunDevice> {
  checkOptions(options, 'options', attachMembers);
  checkBoolean(options.nonBlocking, 'nonBlocking');
  const wire = yield* findLink(link, 'link');
  if (kindName(wire.info) !== 'tun') throw new InputError('link', `${describeLink(link)} is no tun or tap`);
  const found = yield* named(wire);
  const fd = yield* attachedTo(found.name, (found.data ?? {}) as Tun, options.nonBlocking === true);
  return new TunDevice(found, [fd]);
}
