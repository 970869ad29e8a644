/** What carries datagrams to the kernel and back. Everything above takes one, so that tests can pass a fake kernel. */

/** One datagram, valid until the next receive of the same transport. */
export interface Datagram {
  /** The buffer it is in; longer than the datagram. */
  readonly bytes: Buffer;
  /** Bytes of it that count. */
  readonly length: number;
}

/** A way back out of {@link Transport.watch}. */
export interface Watch {
  stop(): void;
}

export interface Transport {
  /** Receive buffer in bytes as the kernel counts it (skb truesize): bounds what may be in flight. */
  readonly receiveBuffer: number;
  /** Makes sure a datagram of `length` bytes can be sent. */
  reserveSend(length: number): void;
  /** Sends in place. The kernel carries requests out within this call. @throws SystemError */
  send(bytes: Buffer, length: number): void;
  /** Sends off the main thread: the call may wait for a kernel lock. */
  sendAsync(bytes: Buffer, length: number): Promise<void>;
  /** The next datagram from the kernel, or undefined when none is queued. Datagrams of other senders are dropped. @throws SystemError (ENOBUFS: answers were lost), MalformedMessageError (the datagram did not fit). */
  receive(): Datagram | undefined;
  /** The same off the main thread: receiving the next part of a dump makes the kernel produce it, under its locks. */
  receiveAsync(): Promise<Datagram | undefined>;
  /** Waits in place until something is queued. @returns false when `milliseconds` passed first. */
  wait(milliseconds: number): boolean;
  /** Calls `onReadable` from the event loop, possibly often, while something is queued. */
  watch(onReadable: () => void): Watch;
  close(): void;
}
