/**
 * Every datagram sent and received, for people (`NODE_DEBUG=netloom`, on stderr) and for tools (the diagnostics channels `netloom:sent` and
 * `netloom:received`). Whatever carries the datagrams is wrapped; while nobody looks, that is one comparison a datagram.
 */
import { channel } from 'node:diagnostics_channel';
import { debugLog } from './debug-log.ts';
import { traceText } from './describe.ts';
import type { OpenTransport } from './host.ts';
import { protocolName } from './message-types.ts';
import type { OpenNamespace } from './sys/namespace.ts';
import type { Datagram, Subscription, Transport, Watch } from './transport/transport.ts';

/** What the channels `netloom:sent` and `netloom:received` publish. */
export interface TracedDatagram {
  /** Seen from this process. */
  readonly direction: 'sent' | 'received';
  /** NETLINK_*: 0 is NETLINK_ROUTE, 12 NETLINK_NETFILTER. */
  readonly protocol: number;
  /** Id of the network namespace, `device:inode` as {@link OpenNamespace.id} has it; undefined: that of the thread that opened the socket. */
  readonly namespace: string | undefined;
  /** The namespace it is from, where a monitor hears several. */
  readonly nsid: number | undefined;
  /** A copy of the datagram, keys included. */
  readonly bytes: Buffer;
  /** It as text, as `describe` has it, without keys; made when it is first read. */
  readonly text: string;
}

const sent = channel('netloom:sent');
const received = channel('netloom:received');
const log = debugLog('netloom');

class Trace implements TracedDatagram {
  readonly direction: 'sent' | 'received';
  readonly protocol: number;
  readonly namespace: string | undefined;
  readonly nsid: number | undefined;
  readonly bytes: Buffer;
  #text: string | undefined;

  constructor(direction: 'sent' | 'received', protocol: number, namespace: string | undefined, nsid: number | undefined, bytes: Buffer) {
    this.direction = direction;
    this.protocol = protocol;
    this.namespace = namespace;
    this.nsid = nsid;
    this.bytes = bytes;
  }

  get text(): string {
    this.#text ??= traceText(this.bytes, this.protocol);
    return this.#text;
  }
}

class TracedTransport implements Transport {
  private readonly inner: Transport;
  private readonly protocol: number;
  private readonly namespace: OpenNamespace | undefined;

  constructor(inner: Transport, protocol: number, namespace: OpenNamespace | undefined) {
    this.inner = inner;
    this.protocol = protocol;
    this.namespace = namespace;
  }

  get receiveBuffer(): number {
    return this.inner.receiveBuffer;
  }

  subscribe(subscription: Subscription): void {
    this.inner.subscribe(subscription);
  }

  dropped(): number | undefined {
    return this.inner.dropped();
  }

  reserveSend(length: number): void {
    this.inner.reserveSend(length);
  }

  reserveReceive(length: number): void {
    this.inner.reserveReceive?.(length);
  }

  send(bytes: Buffer, length: number): void {
    if (sent.hasSubscribers || log.enabled) this.tell('sent', bytes, length, undefined);
    this.inner.send(bytes, length);
  }

  sendAsync(bytes: Buffer, length: number): Promise<void> {
    if (sent.hasSubscribers || log.enabled) this.tell('sent', bytes, length, undefined);
    return this.inner.sendAsync(bytes, length);
  }

  receive(): Datagram | undefined {
    const datagram = this.inner.receive();
    if (datagram !== undefined && (received.hasSubscribers || log.enabled))
      this.tell('received', datagram.bytes, datagram.length, datagram.nsid);
    return datagram;
  }

  async receiveAsync(): Promise<Datagram | undefined> {
    const datagram = await this.inner.receiveAsync();
    if (datagram !== undefined && (received.hasSubscribers || log.enabled))
      this.tell('received', datagram.bytes, datagram.length, datagram.nsid);
    return datagram;
  }

  wait(milliseconds: number): boolean {
    return this.inner.wait(milliseconds);
  }

  watch(onReadable: () => void): Watch {
    return this.inner.watch(onReadable);
  }

  close(): void {
    this.inner.close();
  }

  private tell(direction: 'sent' | 'received', bytes: Buffer, length: number, nsid: number | undefined): void {
    // a copy: the buffer is used again before a subscriber may have looked
    const trace = new Trace(direction, this.protocol, this.namespace?.id, nsid, Buffer.from(bytes.subarray(0, length)));
    const to = direction === 'sent' ? sent : received;
    if (to.hasSubscribers) to.publish(trace);
    if (!log.enabled) return;
    const where = this.namespace === undefined ? '' : `, ${this.namespace.describe}`;
    const from = nsid === undefined ? '' : `, from namespace id ${nsid}`;
    log.write(`${direction} ${protocolName(this.protocol)}${where}${from}\n${trace.text.replace(/^/gm, '  ')}`);
  }
}

const wrapped = new WeakSet<OpenTransport>();

/** The same transports, and whatever goes through them can be seen. */
export function traced(open: OpenTransport): OpenTransport {
  if (wrapped.has(open)) return open;
  const openTraced: OpenTransport = (protocol, namespace) => new TracedTransport(open(protocol, namespace), protocol, namespace);
  if (open.surroundings !== undefined) openTraced.surroundings = open.surroundings;
  wrapped.add(openTraced);
  return openTraced;
}
