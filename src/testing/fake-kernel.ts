/** A kernel made of a function: what it is asked, it is asked by message; what it answers is put together by the helpers here. */
import { InputError, NotFoundError } from '../netlink/errors.ts';
import type { OpenTransport } from '../netlink/host.ts';
import { checkMembers, memberNames } from '../netlink/input.ts';
import { NETLINK_ROUTE, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_MULTI } from '../netlink/message.ts';
import { messageBody, messageType, messageTypeNamed, protocolName } from '../netlink/message-types.ts';
import type { Operation } from '../netlink/operation.ts';
import { errnoValue } from '../netlink/sys/errno.ts';
import type { OpenNamespace } from '../netlink/sys/namespace.ts';
import { describeSysctl } from '../netlink/sys/sysctl.ts';
import { type FakeAnswer, type FakeRequest, FakeTransport, fakeAck, fakeDone, fakeMessage } from '../netlink/transport/fake.ts';
import { Writer } from '../netlink/writer.ts';
import { referenceName } from './recording.ts';

/** One request. */
export interface KernelRequest extends FakeRequest {
  /** Constant of the message type, or its number in digits. */
  readonly name: string;
  /** NETLINK_*. */
  readonly protocol: number;
  /** Namespace that it is asked in, as it was named; undefined: that of the process. */
  readonly namespace: string | undefined;
  /** The body, decoded; undefined for a type without a schema. @throws MalformedMessageError */
  // biome-ignore lint/suspicious/noExplicitAny: what it holds depends on the type, which is for the handler to look at
  readonly value: any;
}

/** Answers one request; `undefined` refuses it with EOPNOTSUPP. */
export type KernelHandler = (request: KernelRequest) => readonly FakeAnswer[] | undefined;

/** What a fake kernel is told at its beginning. */
export interface FakeKernelOptions {
  /** Names of the namespaces that there are. Default: any name is one. */
  namespaces?: readonly string[];
  /** Sysctls of every namespace to start with: `{ 'net.ipv4.ip_forward': '0' }`. Others do not exist. */
  sysctls?: Readonly<Record<string, string>>;
}

/** A kernel that a function plays. */
export interface SimulatedKernel {
  /** To be given to a client, or to `setDefaultTransport`. */
  readonly transport: OpenTransport;
  /** Every request so far, in order. */
  readonly requests: readonly KernelRequest[];
  /** Tells what has changed to the monitors that have joined a multicast group. */
  notify<I extends object>(group: number, answering: Answering<I>, value: I, options?: NotifyOptions): void;
  /** Makes the next receive of every monitor fail as if notifications had been lost. */
  overrun(): void;
}

/** Where a notification comes from. */
export interface NotifyOptions {
  /** Namespace where it happens, as it was named. Default: that of the process. */
  namespace?: string;
  /** Id of another namespace that it comes from. */
  nsid?: number;
  /** Protocol of a message given by its constant. Default: NETLINK_ROUTE. */
  protocol?: number;
}

const members = memberNames<FakeKernelOptions>({ namespaces: true, sysctls: true });

const EOPNOTSUPP = 95;
const ENOBUFS = 105;

interface Opened {
  readonly transport: FakeTransport;
  readonly protocol: number;
  readonly namespace: string | undefined;
}

/**
 * A kernel for tests, without privileges and without Linux.
 *
 *     const kernel = fakeKernel((request) => {
 *       if (request.name === 'RTM_GETLINK') return reply(request, newLink, { index: 2, name: 'eth0' });
 *       return ack(request);
 *     });
 *     const rt = await rtnl.open({ transport: kernel.transport, netns: 'red' });
 *
 * @throws InputError
 */
export function fakeKernel(handler: KernelHandler, options: FakeKernelOptions = {}): SimulatedKernel {
  if (typeof handler !== 'function') throw new InputError('handler', 'expected a function', 'ERR_INVALID_ARG_TYPE');
  checkMembers(options, 'options', members);
  const requests: KernelRequest[] = [];
  const opened: Opened[] = [];
  const transport: OpenTransport = (protocol, namespace) => {
    const name = namespace === undefined ? undefined : names.get(namespace.id);
    const fake = new FakeTransport((batch) =>
      batch.flatMap((bare) => {
        const request = kernelRequest(bare, protocol, name);
        requests.push(request);
        return handler(request) ?? [fakeAck(bare, EOPNOTSUPP)];
      }),
    );
    opened.push({ transport: fake, protocol, namespace: name });
    return fake;
  };
  const names = new Map<string, string>();
  const sysctls = new Map<string, Map<string, string>>();
  transport.surroundings = {
    openNamespace(reference, argument): OpenNamespace {
      const name = referenceName(reference);
      const describe = `network namespace ${JSON.stringify(name)}`;
      if (options.namespaces !== undefined && !options.namespaces.includes(name)) throw new NotFoundError(argument, describe, 'ENOENT');
      const id = `fake:${name}`;
      names.set(id, name);
      // descriptors that no process has, so that a slip to the real kernel is refused by it
      return { fd: 1_000_000 + [...names.keys()].indexOf(id), id, describe };
    },
    closeNamespace() {},
    sysctl(name, value, namespace) {
      const id = namespace?.id ?? '';
      const own = sysctls.get(id) ?? new Map(Object.entries(options.sysctls ?? {}));
      sysctls.set(id, own);
      if (!own.has(name)) throw new NotFoundError('name', describeSysctl(name), 'ENOENT');
      if (value === undefined) return own.get(name);
      own.set(name, value);
      return undefined;
    },
  };
  return {
    transport,
    requests,
    notify(group, answering, value, { namespace, nsid, protocol = NETLINK_ROUTE } = {}) {
      const number = typeof answering === 'string' ? protocol : answering.protocol;
      const bytes = messageOf(number, answering, value, 0, 0);
      for (const monitor of opened) {
        if (monitor.protocol !== number || monitor.namespace !== namespace) continue;
        if (monitor.transport.subscription?.groups.includes(group) !== true) continue;
        monitor.transport.deliver(nsid === undefined ? bytes : { bytes, nsid });
      }
    },
    overrun() {
      for (const monitor of opened) if (monitor.transport.subscription !== undefined) monitor.transport.deliver({ receiveErrno: ENOBUFS });
    },
  };
}

function kernelRequest(bare: FakeRequest, protocol: number, namespace: string | undefined): KernelRequest {
  const type = messageType(protocol, bare.type);
  return {
    ...bare,
    name: type?.name ?? String(bare.type),
    protocol,
    namespace,
    get value() {
      const body = messageBody(type, { request: true, family: bare.body[0] ?? 0 });
      return body?.decode(bare.body, 0, bare.body.length) as unknown;
    },
  };
}

/** @throws InputError for a name that is none */
function errnoNumber(errno: string | number): number {
  const value = typeof errno === 'number' ? errno : errnoValue(errno);
  if (value === undefined) throw new InputError('errno', `${JSON.stringify(errno)} is no errno, such as "EPERM"`);
  return value;
}

/** Success: an ack, if the request asks for one. */
export function ack(request: FakeRequest): FakeAnswer[] {
  return (request.flags & NLM_F_ACK) === 0 ? [] : [fakeAck(request)];
}

/** A refusal, with what the kernel says about it: its words, and where in the request (bytes, header included) the trouble is. */
export function refuse(request: FakeRequest, errno: string | number, extack: { message?: string; offset?: number } = {}): FakeAnswer[] {
  return [fakeAck(request, errnoNumber(errno), extack)];
}

/**
 * A message that the kernel sends: an operation (`newLink`), or the constant of a type that has a schema (`NFT_MSG_NEWTABLE`), whose value has the
 * names of the schema.
 */
// biome-ignore lint/suspicious/noExplicitAny: what a message holds by its name is not known to the compiler
export type Answering<I> = Operation<I, any> | string;

function messageOf<I>(protocol: number, answering: Answering<I>, value: I, sequence: number, flags: number): Buffer {
  if (typeof answering !== 'string') return fakeMessage(sequence, answering.type, answering.body.bytes(value), flags);
  const type = messageTypeNamed(protocol, answering);
  const { family } = Object(value) as { family?: unknown };
  const body = messageBody(type, { request: false, family: typeof family === 'number' ? family : 0 });
  if (type === undefined || body === undefined)
    throw new InputError('answering', `${JSON.stringify(answering)} is no message of ${protocolName(protocol)} with a schema`);
  const writer = new Writer();
  body.encode(writer, value);
  return fakeMessage(sequence, type.type, writer.copy(), flags);
}

/**
 * One message as the answer; then the ack, if the request asks for one. RTM_GETLINK is answered with `newLink`. To a dump it is the one part.
 *
 * @throws InputError
 */
export function reply<I extends object>(request: KernelRequest, answering: Answering<I>, value: I): FakeAnswer[] {
  if (/_GET/.test(request.name) && (request.flags & NLM_F_DUMP) === NLM_F_DUMP) return multipart(request, answering, [value]);
  return [messageOf(request.protocol, answering, value, request.sequence, 0), ...ack(request)];
}

/** How an answer in parts ends. */
export interface MultipartOptions {
  /** The dump was inconsistent: NLM_F_DUMP_INTR is set. */
  interrupted?: boolean;
  /** It ends early, with this error in NLMSG_DONE. */
  errno?: string | number;
}

/** The answer to a dump: a message for each value, and NLMSG_DONE. */
export function multipart<I extends object>(
  request: KernelRequest,
  answering: Answering<I>,
  values: readonly I[],
  { interrupted = false, errno = 0 }: MultipartOptions = {},
): FakeAnswer[] {
  const flags = NLM_F_MULTI | (interrupted ? NLM_F_DUMP_INTR : 0);
  const parts = values.map((value) => messageOf(request.protocol, answering, value, request.sequence, flags));
  return [...parts, fakeDone(request, errnoNumber(errno), flags & ~NLM_F_MULTI)];
}

/** Answers were lost: the receive fails with ENOBUFS. */
export function overrun(): FakeAnswer[] {
  return [{ receiveErrno: ENOBUFS }];
}
