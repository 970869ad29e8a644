/** What carries datagrams to the kernel and back. Everything above takes one, so that tests can pass a fake kernel. */

/** One datagram. Valid until the next {@link Transport.receive} of any transport, or the next but one {@link Transport.receiveAsync} of its own. */
export interface Datagram {
  /** The buffer it is in; longer than the datagram. */
  readonly bytes: Buffer;
  /** Bytes of it that count. */
  readonly length: number;
  /** Id of the namespace that it is from, where that is another one; see {@link Subscription.allNamespaces}. */
  readonly nsid?: number | undefined;
}

/** A callback that {@link Transport.watch} has set up. */
export interface Watch {
  /** Ends it. May be repeated. */
  stop(): void;
  /** Lets it keep the process alive, as it does from the start. */
  ref(): void;
  /** Lets the process end although it is active. */
  unref(): void;
}

/** What a monitor asks of its socket. */
export interface Subscription {
  /** Multicast groups by number (RTNLGRP_*, NFNLGRP_*); they may be beyond 32. */
  readonly groups: readonly number[];
  /** Receive buffer to ask for, in bytes, in place of the transport's own choice. */
  readonly receiveBuffer: number;
  /** NETLINK_LISTEN_ALL_NSID: hear the namespaces too that have an id in that of the socket. */
  readonly allNamespaces: boolean;
}

/** What carries datagrams to the kernel and back. */
export interface Transport {
  /** Receive buffer in bytes as the kernel counts it (skb truesize): bounds what may be in flight. */
  readonly receiveBuffer: number;
  /**
   * Joins multicast groups: what the kernel tells them comes out of {@link receive} from now on. To be called once, on a transport that no
   * request is sent by.
   *
   * @throws SystemError `EINVAL` for a group that the kernel does not know, `EPERM` without the privilege to hear a group or other namespaces
   */
  subscribe(subscription: Subscription): void;
  /** How many messages the kernel has dropped so far because the receive buffer was full; undefined where it does not say. */
  dropped(): number | undefined;
  /** Makes sure a datagram of `length` bytes can be sent. */
  reserveSend(length: number): void;
  /** Makes the receive buffer larger, where that is possible: for a transaction whose answers need `length` bytes of it. */
  reserveReceive?(length: number): void;
  /** Sends in place. The kernel carries requests out within this call. @throws SystemError */
  send(bytes: Buffer, length: number): void;
  /** Sends off the main thread: the call may wait for a kernel lock. */
  sendAsync(bytes: Buffer, length: number): Promise<void>;
  /** The next datagram from the kernel, or undefined when none is queued. Datagrams of other senders are dropped. @throws SystemError (ENOBUFS: answers were lost), MalformedMessageError (the datagram did not fit). */
  receive(): Datagram | undefined;
  /**
   * The same off the main thread: receiving a part of a dump makes the kernel produce the one after it, under its locks. One call at a time. The
   * datagram before must not be overwritten: it is decoded meanwhile.
   */
  receiveAsync(): Promise<Datagram | undefined>;
  /** Waits in place until something is queued. @returns false when `milliseconds` passed first. */
  wait(milliseconds: number): boolean;
  /** Calls `onReadable` from the event loop, possibly often, while something is queued. */
  watch(onReadable: () => void): Watch;
  /** Closes it. Idempotent. */
  close(): void;
}
