/** Writes down what goes to the kernel and comes back, so that {@link replay} can stand in for it. */
import { release } from 'node:os';
import { NotFoundError, SystemError } from '../netlink/errors.ts';
import type { OpenTransport } from '../netlink/host.ts';
import { readU32 } from '../netlink/message.ts';
import type { OpenNamespace } from '../netlink/sys/namespace.ts';
import { sysctlSync } from '../netlink/sys/sysctl.ts';
import { builtInTransport } from '../netlink/transport/default.ts';
import { realSurroundings } from '../netlink/transport/surroundings.ts';
import type { Datagram, Subscription, Transport, Watch } from '../netlink/transport/transport.ts';
import {
  type RecordedExchange,
  type RecordedFailure,
  type RecordedPlace,
  type RecordedSysctl,
  type Recording,
  referenceName,
  splitMessages,
  withSequence,
} from './recording.ts';

/** A recorder: give its `transport` to a client, or to `setDefaultTransport`. */
export interface Recorder {
  /** What clients are to be opened with, for what they ask to be recorded. */
  readonly transport: OpenTransport;
  /** What has been recorded so far; plain data. */
  recording(): Recording;
}

/**
 * Records what goes through its transport.
 *
 *     const recorder = record();
 *     const rt = await rtnl.open({ transport: recorder.transport });
 *     …
 *     writeFileSync('bridge.json', JSON.stringify(recorder.recording(), undefined, 1));
 *
 * @param open what carries the messages. Default: a netlink socket
 */
export function record(open: OpenTransport = builtInTransport()): Recorder {
  const recording: Recording = { format: 'netloom recording 1', kernel: release(), namespaces: [], steps: [] };
  const surroundings = open.surroundings ?? realSurroundings;
  const transport: OpenTransport = (protocol, namespace) =>
    new RecordingTransport(open(protocol, namespace), place(protocol, namespace), recording);
  transport.surroundings = {
    openNamespace(reference, argument) {
      try {
        const namespace = surroundings.openNamespace(reference, argument);
        recording.namespaces.push({ reference: referenceName(reference), id: namespace.id, fd: namespace.fd });
        return namespace;
      } catch (error) {
        const failure = failureOf(error);
        if (failure !== undefined) recording.namespaces.push({ reference: referenceName(reference), id: '', fd: -1, failure });
        throw error;
      }
    },
    closeNamespace: (namespace) => surroundings.closeNamespace(namespace),
    sysctl(name, value, namespace) {
      const step: RecordedSysctl = {
        sysctl: name,
        ...(namespace === undefined ? {} : { namespace: namespace.id }),
        ...(value === undefined ? {} : { value }),
      };
      try {
        const result = (surroundings.sysctl ?? sysctlSync)(name, value, namespace);
        recording.steps.push(result === undefined ? step : { ...step, result });
        return result;
      } catch (error) {
        const failure = failureOf(error);
        if (failure !== undefined) recording.steps.push({ ...step, failure });
        throw error;
      }
    },
  };
  return { transport, recording: () => structuredClone(recording) };
}

/** What the kernel refused; undefined: it was not asked. */
function failureOf(error: unknown): RecordedFailure | undefined {
  if (error instanceof NotFoundError) return { missing: error.code };
  return error instanceof SystemError ? { errno: error.code } : undefined;
}

function place(protocol: number, namespace: OpenNamespace | undefined): RecordedPlace {
  return namespace === undefined ? { protocol } : { protocol, namespace: namespace.id };
}

class RecordingTransport implements Transport {
  private readonly inner: Transport;
  private readonly place: RecordedPlace;
  private readonly recording: Recording;
  /** By sequence number. */
  private readonly asked = new Map<number, RecordedExchange>();

  constructor(inner: Transport, at: RecordedPlace, recording: Recording) {
    this.inner = inner;
    this.place = at;
    this.recording = recording;
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
    this.noteRequests(bytes, length);
    this.inner.send(bytes, length);
  }

  sendAsync(bytes: Buffer, length: number): Promise<void> {
    this.noteRequests(bytes, length);
    return this.inner.sendAsync(bytes, length);
  }

  receive(): Datagram | undefined {
    try {
      return this.note(this.inner.receive());
    } catch (error) {
      throw this.noteError(error);
    }
  }

  async receiveAsync(): Promise<Datagram | undefined> {
    try {
      return this.note(await this.inner.receiveAsync());
    } catch (error) {
      throw this.noteError(error);
    }
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

  private noteRequests(bytes: Buffer, length: number): void {
    for (const message of splitMessages(bytes.subarray(0, length))) {
      const exchange: RecordedExchange = { ...this.place, request: withSequence(message, 0).toString('hex'), answers: [] };
      this.asked.set(readU32(message, 8), exchange);
      this.recording.steps.push(exchange);
    }
  }

  private note(datagram: Datagram | undefined): Datagram | undefined {
    if (datagram === undefined) return undefined;
    for (const message of splitMessages(datagram.bytes.subarray(0, datagram.length))) {
      const exchange = this.asked.get(readU32(message, 8));
      if (exchange !== undefined) exchange.answers.push(withSequence(message, 0).toString('hex'));
      else {
        const nsid = datagram.nsid === undefined ? {} : { nsid: datagram.nsid };
        this.recording.steps.push({ ...this.place, event: message.toString('hex'), ...nsid });
      }
    }
    return datagram;
  }

  private noteError(error: unknown): unknown {
    if (error instanceof SystemError && error.errno !== undefined)
      this.recording.steps.push({ ...this.place, event: { errno: error.errno } });
    return error;
  }
}
